import { expect } from 'chai';
import { aliasOf, moveAlias } from '../../src/generations.js';
import { REBUILDS, updateRebuild, type Rebuild } from '../../src/rebuild/plan.js';
import { cancelRebuild, planByItself, planRebuild, planRollback } from '../../src/rebuild/planner.js';
import { openStores, planned, type TestStores } from '../stores.js';
import { mailbox } from '../toy-views.js';

describe('The planner of rebuilds', () => {
  let stores: TestStores;
  beforeEach(async () => {
    stores = openStores();
    await moveAlias(stores.reads, 'mailbox', null, { generation: 'v1', position: 0n });
  });
  afterEach(() => stores.close());
  const ports = () => ({ ...stores, clock: { now: () => 1_000_000 } });
  const planNow = (id: string) => stores.reads.get<Rebuild>(REBUILDS, id);
  const serve = async (generation: string) =>
    moveAlias(stores.reads, 'mailbox', await aliasOf(stores.reads, 'mailbox'), { generation, position: 0n });
  const plan = async (version = 1) => planned(await planRebuild(ports(), { ...mailbox, version }));

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

  it('ends every other open plan of the view: only the newest may move its alias', async () => {
    await plan();
    await plan(2);
    expect(await planNow('mailbox.v1-2')).to.include({ state: 'SUPERSEDED', error: 'mailbox.v2 is newer' });
    expect(await planNow('mailbox.v2')).to.include({ state: 'RUNNING' });
    expect(await aliasOf(stores.reads, 'mailbox')).to.include({ generation: 'v1', plan: 'mailbox.v2' });
  });
  it('plans nothing with older code once newer code serves the view or is about to', async () => {
    await plan(3);
    expect(await planRebuild(ports(), { ...mailbox, version: 2 })).to.equal(null);
    await serve('v3');
    expect(await planRebuild(ports(), { ...mailbox, version: 2 })).to.equal(null);
  });
  it('lets an operator cancel what is open and what has failed, and nothing else', async () => {
    expect(await cancelRebuild(ports(), mailbox)).to.equal(null);
    const { _id } = await plan();
    expect(await cancelRebuild(ports(), mailbox)).to.include({ _id, state: 'CANCELLED' });
    const failed = await updateRebuild(stores.reads, await plan(), { state: 'FAILED' });
    expect(await cancelRebuild(ports(), mailbox)).to.include({ _id: failed?._id, state: 'CANCELLED' });
    expect(await cancelRebuild(ports(), mailbox)).to.equal(null);
  });

  describe('of its own accord', () => {
    const byItself = async (version: number) =>
      planByItself(ports(), { ...mailbox, version }, planned(await aliasOf(stores.reads, 'mailbox')));
    it('plans what newer code needs, once more after a failure', async () => {
      expect(await byItself(2)).to.include({ _id: 'mailbox.v2' });
      await updateRebuild(stores.reads, planned(await planNow('mailbox.v2')), { state: 'FAILED' });
      expect(await byItself(2)).to.include({ _id: 'mailbox.v2-2' });
    });
    it('plans nothing that an operator has cancelled', async () => {
      await byItself(2);
      await cancelRebuild(ports(), mailbox);
      expect(await byItself(2)).to.equal(null);
      expect(await byItself(3)).to.include({ _id: 'mailbox.v3' });
    });
    it('plans nothing that an operator has rolled back from', async () => {
      await serve('v2');
      const back = planned(await planRollback(ports(), mailbox));
      await serve('v1');
      await updateRebuild(stores.reads, back, { state: 'DONE' });
      expect(await byItself(2)).to.equal(null);
    });
  });

  it('rolls nothing back when nothing was served before', async () => {
    expect(await planRollback(ports(), mailbox)).to.equal(null);
  });
  it('rolls back to the previous generation only with code of its version', async () => {
    await serve('v2');
    expect(await planRollback(ports(), { ...mailbox, version: 2 })).to.equal(null);
    expect(await planRollback(ports(), mailbox)).to.include({ _id: 'mailbox.v1', state: 'RUNNING', rollback: true });
  });
});
