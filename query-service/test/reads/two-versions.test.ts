import { unrecorded } from '@creator-dashboards/shared/testing/unrecorded';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { Refused } from '@creator-dashboards/shared/errors';
import { CHECKPOINTS, LEASE_MS } from '@creator-dashboards/shared/feed/lease';
import type { Document, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { dashboard, userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { ALIASES, collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { createBus } from '../../src/changes/bus.js';
import { createQueryService } from '../../src/create-service.js';
import { headKeys } from '../../src/audit/signing.js';
import { createViewReader } from '../../src/reads/read.js';

const VIEW = 'creatorDashboard';
const nextVersion = { ...views, [VIEW]: { ...views[VIEW], version: 2 } };
const withKept = { ...views, [VIEW]: { ...nextVersion[VIEW], kept: views[VIEW] } };
const sameShape = { ...views, [VIEW]: { ...views[VIEW], version: 2, presentsFrom: 1 } };

/** One read store that the query services of several versions share, each document marked with its generation. */
function openDeploy() {
  const documents = new Map<string, Document>();
  const put = (collection: string, document: Document & Record<string, unknown>) =>
    void documents.set(`${collection}/${document._id}`, document);
  const time = createManualTime();
  let beforeDocument = () => {};
  const reads = {
    get: async (collection: string, id: string) => {
      if (collection.startsWith('view.')) beforeDocument();
      return documents.get(`${collection}/${id}`) ?? null;
    },
    getMany: async (collection: string, ids: readonly string[]) =>
      new Map(ids.flatMap((id) => documents.get(`${collection}/${id}`) ?? []).map((found) => [found._id, found])),
  } as unknown as ReadStore;
  const events = {
    head: async () => 300n,
    readAt: async () => ({ id: 'the last event' }) as RecordedEvent,
    readMany: () => Promise.reject(new Error('not asked')),
    readStream: () => Promise.reject(new Error('not asked')),
    readAll: () => Promise.reject(new Error('not asked')),
  };
  let beat = 0;
  const feed = (generation: string, position = 300n) =>
    put(CHECKPOINTS, {
      _id: feedNameOf(VIEW, generation),
      position,
      eventId: 'the last event',
      token: 1,
      beat: (beat += 1),
    });
  return {
    time,
    /** Writes a generation, or the beat of whoever feeds it. */
    feed(generation: string) {
      feed(generation);
      put(collectionOf(VIEW, generation), { ...dashboard(), madeBy: generation });
    },
    /** As a drop does: the checkpoint goes back, then the documents go. */
    drop(generation: string) {
      put(CHECKPOINTS, { _id: feedNameOf(VIEW, generation), position: 0n, eventId: null, token: 2, beat: 0 });
      documents.delete(`${collectionOf(VIEW, generation)}/${userId}`);
    },
    /** What happens between a read of the checkpoint and that of the document. */
    meanwhile: (does: () => void) => void (beforeDocument = does),
    serve: (generation: string, previous: string | null = null, earlier: readonly string[] = []) =>
      put(ALIASES, { _id: VIEW, position: 300n, generation, previous, earlier }),
    open(code: typeof views) {
      const sealer = { open: async () => null, isErased: async () => false, forget: () => undefined };
      const keys = { get: () => Promise.reject(new Error('not asked')) };
      const audit = memoryAuditIndex();
      const heads = { keys: headKeys([]), sign: async () => null, publish: async () => undefined };
      const options = {
        reads,
        events,
        keys,
        sealer,
        audit,
        access: unrecorded,
        heads,
        clock: time,
        views: code,
        looksAlways: true,
        changes: createChanges(),
      };
      const reader = createViewReader({ ...options, bus: createBus(options) });
      const service = createQueryService(options);
      return {
        /** The generation whose document is shown, or the status of the refusal. */
        async read(showKept?: 'showKept'): Promise<unknown> {
          try {
            const { data } = await reader.answer(
              { header: () => undefined },
              {
                view: VIEW,
                key: userId,
                show:
                  ({ document }) =>
                  () =>
                    document,
                ...(showKept && {
                  showKept:
                    ({ document }) =>
                    () => ({ madeBy: `kept ${(document as unknown as { madeBy: string }).madeBy}` }),
                }),
              },
            );
            return (data as { madeBy: string }).madeBy;
          } catch (error) {
            if (error instanceof Refused) return error.key;
            throw error;
          }
        },
        async state(): Promise<unknown> {
          return ((await service.ready()).checks['views'] as Record<string, unknown>)[VIEW];
        },
      };
    },
  };
}

describe('Query services of two versions of a view, on one read store', () => {
  it('each show the documents of their own version, through a rolling deploy and the roll-back of it', async () => {
    const deploy = openDeploy();
    const [before, after] = [deploy.open(views), deploy.open(nextVersion)];
    const shown = async () => [await before.read(), await after.read()];
    deploy.feed('v1');
    deploy.serve('v1');
    expect(await shown(), 'nothing is built yet').to.deep.equal(['v1', 'common.unavailable']);
    deploy.feed('v2');
    expect(await shown(), 'v2 is being built').to.deep.equal(['v1', 'common.unavailable']);
    deploy.serve('v2', 'v1');
    expect(await shown(), 'v2 is served').to.deep.equal(['v1', 'v2']);
    deploy.serve('v1', 'v2');
    expect(await shown(), 'after a roll-back').to.deep.equal(['v1', 'v2']);
  });

  it('stop showing the generation of before once nobody feeds it, and /readyz says why', async () => {
    const deploy = openDeploy();
    const before = deploy.open(views);
    deploy.feed('v1');
    deploy.feed('v2');
    deploy.serve('v2', 'v1');
    for (let looks = 0; looks < 3; looks += 1) {
      expect([await before.read(), await before.state()]).to.deep.equal(['v1', { generation: 'v1', position: 300n }]);
      await deploy.time.advance(LEASE_MS - 1);
      deploy.feed('v1');
    }
    await before.read();
    await before.state();
    await deploy.time.advance(LEASE_MS);
    expect(await before.read()).to.equal('common.unavailable');
    expect(await before.state()).to.equal('nobody feeds v1, and this code cannot present v2');
  });

  it('say in /readyz what is served and cannot be presented', async () => {
    const deploy = openDeploy();
    deploy.feed('v1-3');
    deploy.serve('v1-3', 'v1-2');
    expect(await deploy.open(nextVersion).state()).to.equal('v1-3 is served, which this code (v2) cannot present');
  });

  it('show the version that is served by the code kept of it, and then their own, without a gap', async () => {
    const deploy = openDeploy();
    deploy.feed('v1');
    deploy.serve('v1');
    const after = deploy.open(withKept);
    expect(await after.read('showKept')).to.equal('kept v1');
    expect(await after.read(), 'by a route that does not show the kept version').to.equal('common.unavailable');
    expect(await after.state()).to.deep.equal({ generation: 'v1', position: 300n });
    deploy.feed('v2');
    deploy.serve('v2', 'v1');
    expect(await after.read('showKept')).to.equal('v2');
  });

  it('take a document for missing only where its generation was not dropped while it was read', async () => {
    const deploy = openDeploy();
    deploy.feed('v1');
    deploy.serve('v1');
    const before = deploy.open(views);
    deploy.meanwhile(() => {
      deploy.feed('v1-2');
      deploy.serve('v1-2', null);
      deploy.drop('v1');
    });
    expect(await before.read()).to.equal('v1-2');
    deploy.meanwhile(() => deploy.drop('v1-2'));
    expect(await before.read(), 'nothing is served any more').to.equal('common.unavailable');
  });

  it('are three in a rolling deploy, and the oldest goes on showing what its own projectors feed', async () => {
    const deploy = openDeploy();
    const releases = [views, nextVersion, { ...views, [VIEW]: { ...views[VIEW], version: 3 } }].map(deploy.open);
    const shown = () => Promise.all(releases.map((one) => one.read()));
    for (const generation of ['v1', 'v2', 'v3']) deploy.feed(generation);
    deploy.serve('v3', 'v2', ['v1']);
    expect(await shown()).to.deep.equal(['v1', 'v2', 'v3']);
    deploy.serve('v3', 'v2');
    expect(await shown(), 'v1 was dropped').to.deep.equal(['common.unavailable', 'v2', 'v3']);
  });

  it('show documents of before where their shape has stayed', async () => {
    const deploy = openDeploy();
    deploy.feed('v1');
    deploy.serve('v1');
    const after = deploy.open(sameShape);
    expect(await after.read()).to.equal('v1');
    expect(await after.state()).to.deep.equal({ generation: 'v1', position: 300n });
  });
});
