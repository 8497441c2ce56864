import { kinds } from '@creator-dashboards/shared/events/sealed';
import { refuse } from '@creator-dashboards/shared/errors';
import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import type { Document, Position, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { profile, referral, seal, strangerId, userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { toInstant, type Instant } from '@creator-dashboards/shared/time';
import { ALIASES, collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { views, type ViewName, type Views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { createBus, type BusOptions } from '../../src/changes/bus.js';
import { createViewReader, type ViewReaderOptions } from '../../src/reads/read.js';
import type { ViewQuery } from '../../src/reads/view-query.js';

const HEAD = 1_000n;

/** A reader on documents in memory, in a time that the test moves. */
function openReader(options: Partial<ViewReaderOptions> & Pick<BusOptions, 'looksAlways'> = {}) {
  const documents = new Map<string, Document>();
  const put = (collection: string, document: object) =>
    void documents.set(`${collection}/${(document as Document)._id}`, document as Document);
  const time = createManualTime();
  const forgotten: (string | null)[] = [];
  const reads = {
    get: async (collection: string, id: string) => documents.get(`${collection}/${id}`) ?? null,
    getMany: async (collection: string, ids: readonly string[]) =>
      new Map(ids.flatMap((id) => documents.get(`${collection}/${id}`) ?? []).map((found) => [found._id, found])),
  } as unknown as ReadStore;
  const { clock = time, looksAlways } = options;
  let beat = 0;
  const reader = createViewReader({
    reads,
    bus: createBus({ reads, changes: createChanges(), clock, views, looksAlways }),
    events: { head: async () => HEAD, readAt: async (position) => ({ id: `event at ${position}` }) as RecordedEvent },
    sealer: { open: async () => null, isErased: async () => false, forget: (subject) => void forgotten.push(subject) },
    clock: time,
    views,
    ...options,
  });
  return {
    reader,
    time,
    forgotten,
    /** `frozen`: since when nobody feeds it. */
    serve(view: ViewName, position: Position, frozen: Instant | null = null) {
      const mark = frozen && { asOf: frozen, until: '300' };
      put(ALIASES, { _id: view, position: 1n, generation: 'v1', frozen: mark });
      beat += 1;
      put(CHECKPOINTS, { _id: feedNameOf(view, 'v1'), position, eventId: `event at ${position}`, token: 1, beat });
    },
    /** As a feed does that says no keys: the beat moves. */
    write<V extends ViewName>(view: V, document: Views[V]) {
      put(collectionOf(view, 'v1'), document);
      const record = documents.get(`${CHECKPOINTS}/${feedNameOf(view, 'v1')}`);
      if (record) put(CHECKPOINTS, { ...record, beat: (beat += 1) });
    },
    read(query: Partial<ViewQuery<'creatorProfile'>> = {}, readAfter?: Position) {
      const header = (name: string) => (name === 'read-after' ? readAfter?.toString() : undefined);
      return reader.answer({ header }, { view: 'creatorProfile', key: userId, show: () => () => 'shown', ...query });
    },
  };
}

describe('a reader of views', () => {
  it('knows within 50 ms what others wrote, while anybody reads', async () => {
    const { time, serve, read } = openReader();
    serve('creatorProfile', 300n);
    expect((await read()).headers).to.include({ 'X-Position': '300' });
    serve('creatorProfile', 301n);
    await time.advance(49);
    expect((await read()).headers).to.include({ 'X-Position': '300' });
    await time.advance(1);
    expect((await read()).headers).to.include({ 'X-Position': '301' });
    await time.advance(2_000);
    expect(time.pending(), 'nobody reads').to.equal(0);
    serve('creatorProfile', 302n);
    expect((await read()).headers, 'the first read afterwards looks itself').to.include({ 'X-Position': '302' });
  });

  it('answers a Read-After at once where the view has reached it, whatever is known', async () => {
    const pauses: number[] = [];
    const { serve, read } = openReader({ pause: async (ms) => void pauses.push(ms) });
    serve('creatorProfile', 300n);
    await read();
    serve('creatorProfile', 400n);
    expect((await read({}, 400n)).headers).to.include({ 'X-Position': '400' });
    expect(pauses).to.deep.equal([]);
  });

  it('waits a second for a Read-After, then says that it is stale', async () => {
    const { time, serve, read } = openReader();
    serve('creatorProfile', 1n);
    const answer = read({}, 2n);
    await time.advance(1_000);
    expect((await answer).headers).to.include({ 'X-Stale': 'true', 'X-Position': '1' });
  });

  it('waits for a Read-After by its clock', async () => {
    const { time, serve, read } = openReader();
    serve('creatorProfile', 1n);
    const answer = read({}, 2n);
    await time.advance(5);
    serve('creatorProfile', 2n);
    await time.advance(5);
    expect((await answer).headers)
      .to.include({ 'X-Position': '2' })
      .and.not.have.property('X-Stale');
  });

  it('looks at most a thousand times more for a Read-After, however often views move', async () => {
    let pauses = 0;
    const { serve, read } = openReader({ pause: async () => void (pauses += 1) }); // woken at once, each time
    serve('creatorProfile', 1n);
    expect((await read({}, 2n)).headers).to.include({ 'X-Stale': 'true' });
    expect(pauses).to.equal(1_000);
  });

  it('forgets a cached key once for each document, and again when that has moved', async () => {
    const { serve, write, read, forgotten } = openReader({ looksAlways: true });
    serve('creatorProfile', 300n);
    serve('referralDashboard', 300n);
    write('creatorProfile', profile());
    write('creatorProfile', { ...profile(), _id: strangerId });
    write('referralDashboard', referral());
    const open = (view: 'creatorProfile' | 'referralDashboard', key: string, subject: string) =>
      read({
        view: view as 'creatorProfile',
        key,
        show:
          ({ open: opener }) =>
          () =>
            Promise.all([opener(kinds.reason, seal('a', subject)), opener(kinds.reason, seal('b', subject))]),
      });
    for (let times = 0; times < 2; times += 1) {
      await open('creatorProfile', userId, 'subject 1');
      await open('creatorProfile', strangerId, 'subject 2');
      await open('referralDashboard', userId, 'subject 3');
    }
    expect(forgotten).to.deep.equal(['subject 1', 'subject 2', 'subject 3']);
    write('creatorProfile', profile({ position: 101n }));
    await open('creatorProfile', userId, 'subject 1');
    expect(forgotten.slice(3)).to.deep.equal(['subject 1']);
  });

  describe('that keeps bodies', () => {
    /** Counts how often a body is made, with a seal of somebody in it. */
    function open() {
      let forget: (subject: string | null) => void = () => undefined;
      const sealer = {
        open: async () => null,
        isErased: async () => false,
        forget: () => undefined,
        onForget: (listener: (subject: string | null) => void) => void (forget = listener),
      };
      const made: string[] = [];
      const { serve, write, read } = openReader({ looksAlways: true, sealer });
      serve('creatorProfile', 300n);
      write('creatorProfile', profile());
      const show = (subject: string, meanwhile = () => undefined as void) =>
        read({
          keptFor: userId,
          show:
            ({ document, open: opener }) =>
            async () => {
              await opener(kinds.reason, seal('a', subject));
              meanwhile();
              made.push(document?.position.toString() ?? '');
              return made.length;
            },
        });
      return { show, write, made, forget: (subject: string | null) => forget(subject) };
    }

    it('makes one once for a document, and anew for another, also at the same position', async () => {
      const { show, write, made } = open();
      const [first, second] = [await show(userId), await show(userId)];
      expect(second).to.deep.equal(first);
      expect(second.json).to.equal('{"success":true,"data":1}');
      write('creatorProfile', profile({ position: 101n }));
      await show(userId);
      write('creatorProfile', profile({ position: 101n, repairs: 1 }));
      await show(userId);
      expect(made).to.deep.equal(['100', '101', '101']);
    });

    it("drops one with its owner's key, and does not keep one that was being made then", async () => {
      const { show, made, forget } = open();
      await show(userId);
      forget(strangerId);
      await show(userId);
      expect(made).to.have.length(1);
      forget(userId);
      await show(userId, () => forget(userId));
      await show(userId);
      expect(made).to.have.length(3);
    });

    it("drops one with somebody else's seals when her key goes, or everybody's", async () => {
      const { show, made, forget } = open();
      await show(strangerId);
      await show(strangerId);
      expect(made).to.have.length(1);
      await show(strangerId, () => undefined);
      forget(strangerId);
      await show(strangerId, () => forget(strangerId));
      await show(strangerId);
      expect(made).to.have.length(3);
      forget(null);
      await show(strangerId, () => forget(null));
      await show(strangerId);
      expect(made).to.have.length(5);
    });
  });

  it('says that a view is stale which nobody feeds, and since how many seconds, also where nothing has changed', async () => {
    const { time, serve, write, reader } = openReader({ looksAlways: true });
    write('creatorProfile', profile());
    const since = toInstant(time.now() - 90_500);
    serve('creatorProfile', 299n, since);
    const read = (headers: Record<string, string> = {}) =>
      reader.answer({ header: (name) => headers[name] }, { view: 'creatorProfile', key: userId, show: () => () => 1 });
    const first = await read();
    expect(first.headers).to.include({ 'X-Stale': 'true', 'X-Age': '90', 'X-Position': '299' });
    await time.advance(1_000);
    const again = await read({ 'if-none-match': first.headers?.['ETag'] ?? '' });
    expect(again).to.have.property('status', 304);
    expect(again.headers).to.include({ 'X-Stale': 'true', 'X-Age': '91' });
    serve('creatorProfile', 301n, since);
    expect((await read()).headers, 'fed again').not.to.have.any.keys('X-Stale', 'X-Age');
  });

  it('is as old as the config is that is combined with it, where nobody feeds that', async () => {
    const { time, serve, read } = openReader();
    serve('creatorProfile', 299n, toInstant(time.now() - 10_000));
    serve('config', 299n, toInstant(time.now() - 20_000));
    expect((await read()).headers).to.include({ 'X-Age': '10' });
    expect((await read({ withConfig: true })).headers).to.include({ 'X-Age': '20' });
  });

  it('waits for no Read-After where nobody feeds the view', async () => {
    const pauses: number[] = [];
    const { time, serve, read } = openReader({ pause: async (ms) => void pauses.push(ms) });
    serve('creatorProfile', 299n, toInstant(time.now()));
    expect((await read({}, 300n)).headers).to.include({ 'X-Stale': 'true', 'X-Age': '0' });
    expect(pauses).to.deep.equal([]);
  });

  it('passes on what a refusal says', async () => {
    const { serve, read } = openReader();
    serve('creatorProfile', 300n);
    const { refused } = await read({ show: () => refuse('common.view_degraded', { minimum: '50.00' }) });
    expect(refused).to.deep.include({ key: 'common.view_degraded', vars: { minimum: '50.00' } });
  });
});
