import { history } from '@creator-dashboards/shared/testing/given';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { createProjector } from '../../src/projector.js';
import {
  claimRebuild,
  heldRebuilds,
  rebuildsUnderWay,
  resumeHeld,
  updateRebuild,
  type Rebuild,
} from '../../src/rebuild/plan.js';
import { cancelRebuild, planRebuild } from '../../src/rebuild/planner.js';
import { statusOfViews } from '../../src/status.js';
import { delivered, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { openStores, planned, type TestStores } from '../stores.js';
import { mailbox, toyViews } from '../toy-views.js';

describe('A held rebuild', () => {
  let stores: TestStores;
  let held: Rebuild;
  const clock = { ...systemClock, now: () => 1_000_000 };
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history([sent(), delivered()]));
    await createProjector({ ...stores, clock, views: toyViews, owner: 'projector' }).catchUp();
    const plan = planned(await planRebuild({ ...stores, clock }, mailbox));
    held = planned(await updateRebuild(stores.reads, plan, { state: 'HELD', error: 'a field differs' }));
  });
  afterEach(() => stores.close());

  it('is no work for a worker, and is told by the status', async () => {
    expect(await rebuildsUnderWay(stores.reads)).to.deep.equal([]);
    expect(await heldRebuilds(stores.reads)).to.deep.equal([held]);
    expect(await claimRebuild(stores.reads, held, 'worker')).to.equal(null);
    const [status] = await statusOfViews({ ...stores, clock, views: { mailbox } });
    expect(status?.rebuild).to.include({ generation: 'v1-2', state: 'HELD', error: 'a field differs' });
  });
  it('goes on where an operator says so, once', async () => {
    expect(await resumeHeld(stores.reads, held)).to.include({ state: 'CAUGHT_UP', token: held.token + 1, error: null });
    expect(await resumeHeld(stores.reads, held)).to.equal(null);
    expect((await rebuildsUnderWay(stores.reads)).map(({ _id }) => _id)).to.deep.equal([held._id]);
  });
  it('can be cancelled', async () => {
    expect(await cancelRebuild({ ...stores, clock }, mailbox)).to.include({ state: 'CANCELLED' });
  });
  it('is the plan that another rebuild of its view meets', async () => {
    expect(await planRebuild({ ...stores, clock }, mailbox)).to.deep.equal(held);
  });
});
