import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { StoreEnvironment } from '@creator-dashboards/shared/process/connect';
import { history } from '@creator-dashboards/shared/testing/given';
import { creatorUserId, delivered, sent, upgraded } from '@creator-dashboards/shared/testing/fixtures/people';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { views } from '@creator-dashboards/shared/views/registry';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { join } from 'node:path';
import { aliasOf } from '../../src/generations.js';
import { REBUILDS, type Rebuild } from '../../src/rebuild/plan.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { enqueueRebuild, rebuildJobId, workOnRebuilds } from '../../src/rebuild/queue.js';
import { openStores, planned, type TestStores } from '../stores.js';
import { mailbox, toyViews } from '../toy-views.js';

const clock = { ...systemClock, now: () => 1_000_000 };

describe('A rebuild on the queue', () => {
  let stores: TestStores;
  beforeEach(() => (stores = openStores()));
  afterEach(() => stores.close());

  /** Works until one job is done. */
  async function workOnce(more: { views: typeof toyViews } | { views: typeof views; stores: StoreEnvironment }) {
    let stop = async () => {};
    await new Promise<void>((resolve) => {
      const afterwards = async () => resolve();
      stop = workOnRebuilds({ ...stores, stores: undefined, clock, owner: 'worker', ...more, afterwards });
    });
    await stop();
  }

  it('is one job, which reports its progress', async () => {
    stores.events.add(history([sent(), delivered()]));
    const plan = planned(await planRebuild({ ...stores, clock }, mailbox));
    expect(await enqueueRebuild(stores.queue, plan)).to.equal(true);
    expect(await enqueueRebuild(stores.queue, plan)).to.equal(false);
    await workOnce({ views: toyViews });
    expect((await aliasOf(stores.reads, 'mailbox'))?.generation).to.equal('v1');
    const job = await stores.queue.get(rebuildJobId(plan));
    expect(job?.state).to.equal('completed');
    expect(job?.progress).to.include({
      position: '20',
      head: '20',
      state: 'DONE',
      eventsDone: 2,
      eventsTotal: 2,
      documents: 1,
    });
    expect(await stores.reads.get<Checkpoint>(CHECKPOINTS, feedNameOf('mailbox', 'v1'))).to.include({ owner: '' });
  });

  it('in a thread has its own connections, and serves the view of the registry that it built', async function () {
    const environment: StoreEnvironment = {
      dataDir: stores.folder,
      eventStoreUrl: 'sqlite:',
      readStoreUrl: 'sqlite:',
      queueUrl: 'sqlite:',
      keyStoreUrl: 'sqlite:',
      masterKeys: ['x'.repeat(32)],
    };
    const events = openEventStore(join(stores.folder, 'events.db'));
    for (const { stream, id, type, data, metadata, revision } of history([upgraded, sent(), delivered()]))
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    await events.close();
    const plan = planned(await planRebuild({ ...stores, clock }, views.creatorDashboard));
    await enqueueRebuild(stores.queue, plan);
    await workOnce({ views, stores: environment });
    const { _id, view, generation } = plan;
    expect(await stores.reads.get<Rebuild>(REBUILDS, _id)).to.include({ state: 'DONE', position: 3n });
    expect(await aliasOf(stores.reads, view)).to.include({ generation, position: 3n });
    expect(await stores.reads.get(collectionOf(view, generation), creatorUserId)).to.include({ totalMessages: 1 });
  });
});
