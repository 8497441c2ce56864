import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { history } from '@creator-dashboards/shared/testing/given';
import { delivered, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { feedNameOf } from '@creator-dashboards/shared/views/alias';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { aliasOf } from '../../src/generations.js';
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
  async function workOnce() {
    let stop = async () => {};
    await new Promise<void>((resolve) => {
      const ports = { ...stores, stores: undefined, clock, owner: 'worker', views: toyViews, rebuildWorkers: 3 };
      stop = workOnRebuilds({ ...ports, afterwards: async () => resolve() });
    });
    await stop();
  }

  it('is one job, which reports its progress', async () => {
    stores.events.add(history([sent(), delivered()]));
    const plan = planned(await planRebuild({ ...stores, clock }, mailbox));
    expect(await enqueueRebuild(stores.queue, plan)).to.equal(true);
    expect(await enqueueRebuild(stores.queue, plan)).to.equal(false);
    await workOnce();
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

  it('is one more job for each further worker, while there is something to fold', async () => {
    stores.events.add(history([sent(), delivered()]));
    const plan = planned(await planRebuild({ ...stores, clock, rebuildWorkers: 3 }, mailbox));
    await enqueueRebuild(stores.queue, { ...plan, state: 'CAUGHT_UP' });
    expect(await stores.queue.list('rebuild-help')).to.deep.equal([]);
    await enqueueRebuild(stores.queue, plan);
    const jobs = await stores.queue.list('rebuild-help');
    expect(jobs.map(({ data }) => data)).to.have.deep.members([
      { rebuild: plan._id, share: 1 },
      { rebuild: plan._id, share: 2 },
    ]);
    await workOnce();
    expect(await aliasOf(stores.reads, 'mailbox')).to.include({ generation: 'v1' });
    for (const { id } of jobs) expect((await stores.queue.get(id))?.error ?? null).to.equal(null);
  });
});
