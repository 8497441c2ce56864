import { expect } from 'chai';
import { moveAlias } from '../../src/generations.js';
import { REBUILDS, updateRebuild } from '../../src/rebuild/plan.js';
import { planRebuild, planRollback } from '../../src/rebuild/planner.js';
import { openStores, type TestStores } from '../stores.js';
import { mailbox } from '../toy-views.js';

describe('the planner of rebuilds', () => {
  let stores: TestStores;
  beforeEach(async () => {
    stores = openStores();
    await moveAlias(stores.reads, 'mailbox', null, { generation: 'v1', position: 0n });
  });
  afterEach(() => stores.close());
  const ports = () => ({ ...stores, clock: { now: () => 1_000_000 } });
  const plan = (version = 1) => planRebuild(ports(), { ...mailbox, version });

  it('one rebuild is planned while it is open, by however many', async () => {
    const plans = await Promise.all([plan(), plan(), plan()]);
    expect(new Set(plans.map(({ _id }) => _id))).to.deep.equal(new Set(['mailbox.v1-2']));
    expect(await stores.reads.count(REBUILDS)).to.equal(1);
  });
  it('a rebuild builds the next generation after one that is finished, whatever became of it', async () => {
    await updateRebuild(stores.reads, await plan(), { state: 'CANCELLED' });
    expect(await plan()).to.include({ generation: 'v1-3', state: 'RUNNING' });
  });
  it('the first rebuild of a version has its plain name', async () => {
    expect(await plan(2)).to.include({ _id: 'mailbox.v2', generation: 'v2' });
  });

  it('nothing is rolled back where nothing was served before', async () => {
    expect(await planRollback(ports(), mailbox)).to.equal(null);
  });
  it('a rollback goes to the generation of before, with code of its version only', async () => {
    const alias = { _id: 'mailbox', position: 0n, generation: 'v1', previous: null };
    await moveAlias(stores.reads, 'mailbox', alias, { generation: 'v2', position: 0n });
    expect(await planRollback(ports(), { ...mailbox, version: 2 })).to.equal(null);
    expect(await planRollback(ports(), mailbox)).to.include({ _id: 'mailbox.v1', state: 'RUNNING', rollback: true });
  });
});
