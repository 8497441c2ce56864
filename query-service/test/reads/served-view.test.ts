import { Refused } from '@creator-dashboards/shared/errors';
import { CHECKPOINTS, LEASE_MS } from '@creator-dashboards/shared/feed/lease';
import type { Document, ReadStore } from '@creator-dashboards/shared/ports';
import { ALIASES, collectionOf } from '@creator-dashboards/shared/views/alias';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { views } from '@creator-dashboards/shared/views/registry';
import { CONFIG_KEY } from '@creator-dashboards/shared/views/config/document';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { createServedViews } from '../../src/reads/served-view.js';

/** Every view is of this log. */
const ours = () => Promise.resolve(null);

/** A read store of single documents that records the requests. */
function countingStore() {
  const documents = new Map<string, Document>();
  const asked: string[] = [];
  const store: Pick<ReadStore, 'get'> = {
    async get<D extends Document>(collection: string, id: string) {
      asked.push(`${collection}/${id}`);
      return (documents.get(`${collection}/${id}`) as D | undefined) ?? null;
    },
  };
  const put = (collection: string, document: Document) => documents.set(`${collection}/${document._id}`, document);
  const serve = (generation: string, position: bigint) => {
    put(ALIASES, { _id: 'config', position, generation } as Document);
    put(CHECKPOINTS, { _id: `config.${generation}`, position, token: 1, beat: 1 } as Document);
    put(collectionOf('config', generation), { _id: CONFIG_KEY, position });
  };
  return { store, asked, put, serve };
}

describe('The record of which generation is served', () => {
  it('is read once for any number of reads within a moment, and again for a reader who must know', async () => {
    const { store, asked, serve } = countingStore();
    serve('v1', 7n);
    const time = createManualTime();
    const servedViews = createServedViews({ reads: store, clock: time, views, rememberMs: 50, logCheck: ours });
    const many = await Promise.all(Array.from({ length: 100 }, () => servedViews.recent('config')));
    expect(new Set(many.map(({ checkpoint }) => checkpoint))).to.deep.equal(new Set([7n]));
    expect(asked).to.have.length(3);
    serve('v1', 8n);
    expect((await servedViews.recent('config')).checkpoint).to.equal(7n);
    expect((await servedViews.now('config')).checkpoint).to.equal(8n);
    expect((await servedViews.recent('config')).checkpoint, 'nobody is told less afterwards').to.equal(8n);
    serve('v1', 9n);
    await time.advance(49);
    expect((await servedViews.recent('config')).checkpoint).to.equal(8n);
    await time.advance(1);
    expect((await servedViews.recent('config')).checkpoint).to.equal(9n);
  });

  it('is cached no longer than allowed', async () => {
    const { store, serve } = countingStore();
    serve('v1', 7n);
    const servedViews = createServedViews({ reads: store, clock: systemClock, views, rememberMs: 0, logCheck: ours });
    await servedViews.recent('config');
    serve('v1-2', 9n);
    expect(await servedViews.recent('config')).to.include({ generation: 'v1-2', checkpoint: 9n });
  });

  it('is read with the checkpoint before the config, so that the config is never older than claimed', async () => {
    const { store, asked, serve } = countingStore();
    serve('v1', 7n);
    await createServedViews({ reads: store, clock: systemClock, views, rememberMs: 0, logCheck: ours }).now('config');
    expect(asked.map((path) => path.split('/')[0])).to.deep.equal([ALIASES, CHECKPOINTS, 'view.config.v1']);
  });

  it('takes two reads for a view other than the config', async () => {
    const { store, asked, put } = countingStore();
    put(ALIASES, { _id: 'message', position: 7n, generation: 'v1' } as Document);
    put(CHECKPOINTS, { _id: 'message.v1', position: 7n });
    expect(
      await createServedViews({ reads: store, clock: systemClock, views, rememberMs: 0, logCheck: ours }).now(
        'message',
      ),
    ).to.include({
      checkpoint: 7n,
      config: null,
    });
    expect(asked).to.deep.equal([`${ALIASES}/message`, `${CHECKPOINTS}/message.v1`]);
  });

  it('stays remembered when an earlier read of it fails late', async () => {
    const { store, asked, serve } = countingStore();
    serve('v1', 7n);
    const time = createManualTime();
    let failFirst = () => {};
    const first = new Promise<null>((_, reject) => (failFirst = () => reject(new Error('broken off'))));
    let looks = 0;
    const get = ((collection, id) => (looks++ === 0 ? first : store.get(collection, id))) as ReadStore['get'];
    const servedViews = createServedViews({ reads: { get }, clock: time, views, rememberMs: 50, logCheck: ours });
    const failing = servedViews.recent('config').catch((error: unknown) => error);
    await time.advance(50);
    await servedViews.recent('config');
    failFirst();
    expect(await failing).to.have.property('message', 'broken off');
    const before = asked.length;
    await servedViews.recent('config');
    expect(asked).to.have.length(before);
  });

  describe('where another generation is served that is behind what was shown', () => {
    const config = 'config';
    async function shownAt(position: bigint, checkpoints: { readonly v1: bigint; readonly 'v1-2': bigint }) {
      const { store, put, serve } = countingStore();
      const time = createManualTime();
      const servedViews = createServedViews({ reads: store, clock: time, views, rememberMs: 0, logCheck: ours });
      serve('v1', checkpoints.v1);
      servedViews.noteShown(config, 'v1', position);
      serve('v1-2', checkpoints['v1-2']);
      put(ALIASES, { _id: config, position: 5n, generation: 'v1-2', previous: 'v1' } as Document);
      return { time, now: () => servedViews.now(config) };
    }

    it('shows the one of before until the other is as far', async () => {
      const { now } = await shownAt(9n, { v1: 9n, 'v1-2': 8n });
      expect(await now()).to.include({ generation: 'v1', checkpoint: 9n });
      const reached = await shownAt(9n, { v1: 12n, 'v1-2': 9n });
      expect(await reached.now()).to.include({ generation: 'v1-2', checkpoint: 9n });
    });

    it('shows the served one where the one of before was dropped, or nobody feeds it', async () => {
      const dropped = await shownAt(9n, { v1: 0n, 'v1-2': 8n });
      expect(await dropped.now()).to.include({ generation: 'v1-2', checkpoint: 8n });
      const { now, time } = await shownAt(9n, { v1: 9n, 'v1-2': 8n });
      await now();
      await time.advance(LEASE_MS);
      expect(await now()).to.include({ generation: 'v1-2', checkpoint: 8n });
    });
  });

  it('is read again at once when no generation was served', async () => {
    const { store, serve } = countingStore();
    const servedViews = createServedViews({
      reads: store,
      clock: systemClock,
      views,
      rememberMs: 60_000,
      logCheck: ours,
    });
    const refused = await servedViews.recent('config').catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(Refused).and.to.have.property('key', 'common.unavailable');
    serve('v1', 1n);
    expect((await servedViews.recent('config')).generation).to.equal('v1');
  });
});
