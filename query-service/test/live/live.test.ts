import { Refused } from '@creator-dashboards/shared/errors';
import type { Frame, RouteResponse } from '@creator-dashboards/shared/http/route';
import type { Document, Position } from '@creator-dashboards/shared/ports';
import { createManualTime, settled, type ManualTime } from '@creator-dashboards/shared/testing/manual-time';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import type { Change } from '../../src/changes/bus.js';
import { createWatches, type Watches } from '../../src/live/watches.js';
import { liveFrames, type LiveView } from '../../src/live/frames.js';
import { heldOf } from '../../src/live/held.js';

describe('watches of documents', () => {
  let time: ManualTime;
  let watches: Watches;
  let documents: Map<string, Document & { readonly repairs?: number }>;
  let asked: string[][];
  let isAway: boolean;
  let held: number;
  let tell: (keys: readonly string[] | null, view?: ViewName) => Promise<void>;

  beforeEach(() => {
    time = createManualTime();
    documents = new Map();
    [asked, isAway, held] = [[], false, 0];
    const listeners = new Set<(change: Change) => void>();
    tell = async (keys, view = 'creatorDashboard') => {
      for (const listener of listeners) listener({ view, collection: 'any', keys: keys && new Set(keys) });
      await settled();
    };
    watches = createWatches({
      clock: time,
      bus: {
        hold() {
          held += 1;
          return () => void (held -= 1);
        },
        listen(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      },
      async served() {
        if (isAway) throw new Refused('common.unavailable');
        return {
          generation: 'v1',
          collection: 'view.creatorDashboard.v1',
          checkpoint: 10n,
          config: null,
          frozenSince: null,
        };
      },
      reads: {
        async getMany<D extends Document>(_collection: string, ids: readonly string[]) {
          asked.push([...ids]);
          return new Map(ids.flatMap((id) => (documents.has(id) ? [[id, documents.get(id) as unknown as D]] : [])));
        },
      },
    });
  });

  const write = (_id: string, position: Position) => void documents.set(_id, { _id, position });
  function watch(key: string): string[] {
    const woken: string[] = [];
    watches.watch('creatorDashboard', key, () => woken.push(key));
    return woken;
  }

  it('wake who watches a document that is told, and nobody else, without a question to the store', async () => {
    const [anna, ben] = [watch('anna'), watch('ben')];
    await tell(['anna', 'carla']);
    expect([anna.length, ben.length]).to.deep.equal([1, 0]);
    await tell(['anna', 'ben'], 'message');
    expect([anna.length, ben.length, asked.length]).to.deep.equal([1, 0, 0]);
  });

  it('look for what has changed where the bus cannot say, once for all who watch', async () => {
    for (const key of ['anna', 'anna', 'ben']) watch(key);
    const [anna, ben] = [watch('anna'), watch('ben')];
    await tell(null);
    expect(asked).to.deep.equal([['anna', 'ben']]);
    anna.length = ben.length = 0;
    write('anna', 11n);
    await tell(null);
    expect([anna.length, ben.length]).to.deep.equal([1, 0]);
  });

  it('wake everybody when the config changes, and where nobody can say what has changed', async () => {
    const [anna, ben] = [watch('anna'), watch('ben')];
    await tell(['config'], 'config');
    expect([anna.length, ben.length]).to.deep.equal([1, 1]);
    isAway = true;
    await tell(null);
    expect([anna.length, ben.length]).to.deep.equal([2, 2]);
  });

  it('notice within ten seconds what the bus missed', async () => {
    write('anna', 10n);
    const anna = watch('anna');
    await time.advance(10_000);
    anna.length = 0;
    documents.set('anna', { _id: 'anna', position: 10n, repairs: 1 });
    await time.advance(10_000);
    expect(anna).to.have.lengthOf(1);
  });

  it('hold the bus while anybody watches, and not longer', async () => {
    const stops = ['anna', 'ben'].map((key) => watches.watch('creatorDashboard', key, () => undefined));
    expect(held).to.equal(1);
    for (const stop of stops) stop();
    await settled();
    expect([held, time.pending()]).to.deep.equal([0, 0]);
  });
});

describe('frames of a live stream', () => {
  let time: ManualTime;
  let state: number;
  let wake: () => void;
  let watching: number;
  let failure: Refused | null;
  let leaving: AbortController;

  const answer = async (held: string | undefined): Promise<RouteResponse> => {
    if (failure) throw failure;
    const etag = `W/"${state}"`;
    return held === etag ? { status: 304 } : { data: state, headers: { ETag: etag } };
  };
  const view: LiveView = {
    name: 'creatorDashboard',
    answer: (held) => answer(held),
    watch(woken) {
      wake = woken;
      watching += 1;
      return () => void (watching -= 1);
    },
  };
  beforeEach(() => {
    time = createManualTime();
    [state, watching, failure, leaving] = [1, 0, null, new AbortController()];
  });
  const open = (held: ReadonlyMap<string, string> = new Map()) =>
    liveFrames([view], held, { correlationId: 'c', clock: time, signal: leaving.signal });
  const frame = (value: number): Frame => ({
    event: 'creatorDashboard',
    id: `W/"${value}"`,
    json: `{"success":true,"data":${value}}`,
  });
  const next = async (frames: AsyncGenerator<Frame>) => (await frames.next()).value as Frame | undefined;

  it('are the state at once, then the newest one however often it changed before the last was taken', async () => {
    const frames = open();
    expect(await next(frames)).to.deep.equal(frame(1));
    for (state = 2; state < 5; state += 1) wake();
    expect(await next(frames)).to.deep.equal(frame(5));
  });

  it('are none for what is held, and none for a change that changed nothing', async () => {
    const frames = open(new Map([['creatorDashboard', 'W/"1"']]));
    const first = next(frames);
    await settled();
    wake();
    await settled();
    state = 2;
    wake();
    expect(await first).to.deep.equal(frame(2));
  });

  it('say nothing while the view cannot be read, and go on when it can', async () => {
    failure = new Refused('common.unavailable');
    const first = next(open());
    await time.advance(3_000);
    failure = null;
    await time.advance(1_000);
    expect(await first).to.deep.equal(frame(1));
  });

  it('end with the error of a guard', async () => {
    const frames = open();
    await next(frames);
    failure = new Refused('features.referral_disabled');
    wake();
    expect(await frames.next().catch((error: unknown) => error)).to.equal(failure);
    expect(watching).to.equal(0);
  });

  it('end when the caller leaves, and nothing is watched any more', async () => {
    const frames = open();
    await next(frames);
    const last = frames.next();
    await settled();
    leaving.abort();
    expect((await last).done).to.equal(true);
    expect([watching, time.pending()]).to.deep.equal([0, 0]);
  });
});

describe('what a client holds', () => {
  const both = ['creatorDashboard', 'referralDashboard'];
  const etag = 'W/"v1.300-0a0b0c0d.0-0"';

  it('is the ETag alone where one view is asked for, since only then it says of which', () => {
    expect([...heldOf(etag, ['creatorDashboard'])]).to.deep.equal([['creatorDashboard', etag]]);
    expect([...heldOf(etag, both)]).to.deep.equal([]);
  });

  it('is an ETag for each view that is named and asked for', () => {
    const named = `referralDashboard=${etag}, creatorDashboard=W/"2", dmConfig=W/"3"`;
    expect(Object.fromEntries(heldOf(named, both))).to.deep.equal({
      creatorDashboard: 'W/"2"',
      referralDashboard: etag,
    });
  });

  it('is nothing where the header says nothing, or too much', () => {
    for (const header of [undefined, '', 'x'.repeat(5_000)])
      expect([...heldOf(header, both)], header?.slice(0, 5)).to.deep.equal([]);
  });
});
