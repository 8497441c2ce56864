import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { Refused } from '@creator-dashboards/shared/errors';
import { CHECKPOINTS, LEASE_MS } from '@creator-dashboards/shared/feed/lease';
import type { Document, ReadStore } from '@creator-dashboards/shared/ports';
import { ALIASES, collectionOf } from '@creator-dashboards/shared/views/alias';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { views } from '@creator-dashboards/shared/views/registry';
import { CONFIG_KEY } from '@creator-dashboards/shared/views/config/document';
import { expect } from 'chai';
import { createBus } from '../../src/changes/bus.js';
import { createMemory } from '../../src/changes/memory.js';
import { createServedViews } from '../../src/reads/served-view.js';

/** Every view is of this log. */
const ours = () => Promise.resolve(null);

/** A read store of documents by key that records the requests, and what reads know of it. */
function open({ looksAlways = false } = {}) {
  const documents = new Map<string, Document>();
  const asked: string[] = [];
  const reads = {
    async get(collection: string, id: string) {
      asked.push(`${collection}/${id}`);
      return documents.get(`${collection}/${id}`) ?? null;
    },
    async getMany(collection: string, ids: readonly string[]) {
      asked.push(collection);
      return new Map(
        ids.flatMap((id) => documents.get(`${collection}/${id}`) ?? []).map((found) => [found._id, found]),
      );
    },
  } as Pick<ReadStore, 'get' | 'getMany'>;
  const time = createManualTime();
  const bus = createBus({ reads, changes: createChanges(), clock: time, views, looksAlways });
  const memory = createMemory(reads, bus, time);
  const servedViews = createServedViews({ reads, bus, memory, clock: time, views, logCheck: ours });
  const put = (collection: string, document: Document) => documents.set(`${collection}/${document._id}`, document);
  let beat = 0;
  const serve = (generation: string, position: bigint) => {
    put(ALIASES, { _id: 'config', position, generation } as Document);
    put(CHECKPOINTS, { _id: `config.${generation}`, position, token: 1, beat: (beat += 1) } as Document);
    put(collectionOf('config', generation), { _id: CONFIG_KEY, position });
  };
  return { servedViews, asked, put, serve, time };
}

describe('The record of which generation is served', () => {
  it('is read once for any number of reads within a moment, and again for a reader who must know', async () => {
    const { servedViews, asked, serve, time } = open();
    serve('v1', 7n);
    const many = await Promise.all(Array.from({ length: 100 }, async () => servedViews.recent('config')));
    expect(new Set(many.map(({ checkpoint }) => checkpoint))).to.deep.equal(new Set([7n]));
    // Those who come while the first looks share one more look.
    expect(asked.filter((collection) => collection === ALIASES)).to.have.length(2);
    expect(asked.filter((collection) => collection.startsWith('view.'))).to.have.length(1);
    serve('v1', 8n);
    expect((await servedViews.recent('config')).checkpoint).to.equal(7n);
    expect((await servedViews.now('config')).checkpoint).to.equal(8n);
    expect((await servedViews.recent('config')).checkpoint, 'nobody is told less afterwards').to.equal(8n);
    serve('v1', 9n);
    await time.advance(50);
    expect((await servedViews.recent('config')).checkpoint).to.equal(9n);
  });

  it('is read with the checkpoint before the config, so that the config is never older than claimed', async () => {
    const { servedViews, asked, serve } = open({ looksAlways: true });
    serve('v1', 7n);
    await servedViews.now('config');
    asked.length = 0; // the first look meets a generation that it did not know, and asks for its checkpoint alone
    await servedViews.now('config');
    expect(asked.map((path) => path.split('/')[0])).to.deep.equal([ALIASES, CHECKPOINTS, 'view.config.v1']);
  });

  describe('where another generation is served that is behind what was shown', () => {
    const config = 'config';
    async function shownAt(position: bigint, checkpoints: { readonly v1: bigint; readonly 'v1-2': bigint }) {
      const { servedViews, put, serve, time } = open({ looksAlways: true });
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

  it('is there as soon as it is looked at again where no generation was served', async () => {
    const { servedViews, serve, time } = open();
    const refused = await Promise.resolve(servedViews.recent('config')).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(Refused).and.to.have.property('key', 'common.unavailable');
    serve('v1', 1n);
    await time.advance(50);
    expect((await servedViews.recent('config')).generation).to.equal('v1');
  });
});
