import { expect } from 'chai';
import { moveAlias } from '../../src/generations.js';
import { REBUILDS, updateRebuild } from '../../src/rebuild/plan.js';
import { planRebuild, planRollback } from '../../src/rebuild/planner.js';
import { openStores, type TestStores } from '../stores.js';
import { mailbox } from '../toy-views.js';

describe('The planner of rebuilds', () => {
  let stores: TestStores;
  beforeEach(async () => {
    stores = openStores();
    await moveAlias(stores.reads, 'mailbox', null, { generation: 'v1', position: 0n });
  });
  afterEach(() => stores.close());
  const ports = () => ({ ...stores, clock: { now: () => 1_000_000 } });
  const plan = (version = 1) => planRebuild(ports(), { ...mailbox, version });

  it('plans one rebuild while it is open, however many ask', async () => {
    const plans = await Promise.all([plan(), plan(), plan()]);
    expect(new Set(plans.map(({ _id }) => _id))).to.deep.equal(new Set(['mailbox.v1-2']));
    expect(await stores.reads.count(REBUILDS)).to.equal(1);
  });
  it('builds the next generation after a finished rebuild, however that one ended', async () => {
    await updateRebuild(stores.reads, await plan(), { state: 'CANCELLED' });
    expect(await plan()).to.include({ generation: 'v1-3', state: 'RUNNING' });
  });
  it('gives the first rebuild of a version its plain name', async () => {
    expect(await plan(2)).to.include({ _id: 'mailbox.v2', generation: 'v2' });
  });

  it('rolls nothing back when nothing was served before', async () => {
    expect(await planRollback(ports(), mailbox)).to.equal(null);
  });
  it('rolls back to the previous generation only with code of its version', async () => {
    const alias = { _id: 'mailbox', position: 0n, generation: 'v1', previous: null };
    await moveAlias(stores.reads, 'mailbox', alias, { generation: 'v2', position: 0n });
    expect(await planRollback(ports(), { ...mailbox, version: 2 })).to.equal(null);
    expect(await planRollback(ports(), mailbox)).to.include({ _id: 'mailbox.v1', state: 'RUNNING', rollback: true });
  });
});
