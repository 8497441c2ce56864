/** What admins decide about projections over HTTP: with a reason, recorded before it is done. */
import { aliasOf, generationOf } from '@creator-dashboards/projector/generations';
import { REBUILDS, type Rebuild } from '@creator-dashboards/projector/rebuild/plan';
import { runRebuild } from '@creator-dashboards/projector/rebuild/run';
import { CLAIMS } from '@creator-dashboards/shared/claims';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { toInstant } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { expect } from 'chai';
import { readLog } from '../support/invariants.js';
import { journey } from '../support/journey.js';
import { creator, type Person } from '../support/people.js';
import type { TestSystem } from '../support/system.js';

const views = withFingerprints(registry);
const PATH = '/admin/projections/creatorProfile';
const FIRST = generationOf(views.creatorProfile.version);
const SECOND = generationOf(views.creatorProfile.version, 2);
const because = { reason: 'a wrong number' };
const RECORD = ['ProjectionActionTaken'];
const ONE = { 'Idempotency-Key': 'one' };

journey('what an admin decides about projections', (openSystem) => {
  let system: TestSystem;
  let person: Person;
  beforeEach(async () => {
    system = await openSystem();
    person = await creator(system, 'anna');
    await system.catchUp();
  });
  afterEach(() => system.close());

  const act = async (path: string, body: object = {}) =>
    (await system.done(
      system.admin.post(`/admin/projections/${path}`, { ...because, ...body }),
      200,
      RECORD,
    )) as unknown as {
      position: string;
      rebuild: { id: string; state: string; generation: string; rate: number | null };
    } & Readonly<Record<string, unknown>>;
  const onProfile = (name: string, body: object = {}) => act(`creatorProfile/${name}`, body);
  const refused = async (path: string, body: object, status: number, key: string) =>
    (await system.refused(system.admin.post(`/admin/projections/${path}`, body), status, key)).body.error as {
      message: string;
      i18nVars: Readonly<Record<string, string>>;
      details: readonly { message: string }[];
    };
  const planned = () => system.stores.reads.get<Rebuild>(REBUILDS, `creatorProfile.${SECOND}`);

  /** As a worker does it that takes the job. */
  async function worked(): Promise<void> {
    const { stores, clock } = system;
    const plan = await planned();
    const signal = new AbortController().signal;
    await runRebuild({ ...stores, clock, views, owner: 'a worker', isDead: () => true }, plan?._id ?? '', signal);
    await system.catchUp();
  }

  it('is recorded with who and why, and planned: a rebuild with its rate', async () => {
    const { position, rebuild } = await onProfile('rebuild', { rate: 500 });
    expect(rebuild).to.include({ id: `creatorProfile.${SECOND}`, state: 'RUNNING', generation: SECOND, rate: 500 });
    const event = await system.stores.events.readAt(BigInt(position));
    expect(event?.stream).to.equal(`access-${system.adminId}_${system.now().slice(0, 10)}`);
    expect(event?.data).to.deep.equal({
      ...{ action: 'REBUILD', target: 'creatorProfile', generation: null, details: { rate: 500 }, by: null },
    });
    expect(event?.metadata.actor).to.deep.equal({ userId: system.adminId, role: 'ADMIN' });
    const reason = event?.metadata.reason ?? null;
    expect(await system.commands.service.sealer.open(kinds.reason, reason)).to.equal('a wrong number');
    expect((await planned())?.acts[0]).to.include({ actor: system.adminId, by: null });
  });

  it('can be paused, resumed, and cancelled', async () => {
    await onProfile('rebuild');
    expect((await onProfile('pause')).rebuild.state).to.equal('PAUSED');
    const { body } = await system.auditor.get('/admin/projections/creatorProfile/progress');
    expect(body.data).to.have.nested.property('rebuild.error', `paused by ${system.adminId}: a wrong number`);
    expect((await onProfile('resume', { rate: 7 })).rebuild).to.include({ state: 'RUNNING', rate: 7 });
    expect((await onProfile('cancel')).rebuild.state).to.equal('CANCELLED');
  });

  it('can be gone back from, and deleted', async () => {
    await onProfile('rebuild');
    await worked();
    expect((await aliasOf(system.stores.reads, 'creatorProfile'))?.generation).to.equal(SECOND);
    await refused('creatorProfile/drop', { ...because, generation: SECOND }, 409, 'admin.projection.in_use');
    expect((await onProfile('rollback')).rebuild).to.include({ generation: FIRST, rollback: true });
    await onProfile('cancel');
    expect((await onProfile('drop', { generation: FIRST })).dropped).to.include({ generation: FIRST, documents: 1 });
  });

  it('lets a held rebuild through', async () => {
    await onProfile('rebuild');
    const plan = await planned();
    if (!plan) throw new Error('nothing is planned');
    const held = { ...plan, state: 'HELD', error: 'its level differs' };
    await system.stores.reads.write(REBUILDS, [{ document: held, expected: { state: 'RUNNING' } }]);
    const accept = { ...because, accept: 'creatorProfile-9' };
    await refused('creatorProfile/switch', accept, 404, 'admin.projection.other_report');
    expect((await onProfile('switch', { expect: ['level'] })).rebuild.state).to.equal('CAUGHT_UP');
    expect((await planned())?.expect).to.deep.equal(['level']);
  });

  it('has documents made anew by the runner of the view', async () => {
    const { plan, repairs } = await onProfile('repair', { keys: [person.userId] });
    expect(plan).to.include({ kind: 'document', generation: FIRST, documents: 1 });
    expect(repairs).to.have.length(1);
    expect((await onProfile('repair', { event: 'CreatorUpgraded' })).plan).to.include({ documents: 1 });
  });

  it('marks parked keys for another try', async () => {
    const { reads } = system.stores;
    const collection = collectionOf('creatorProfile', FIRST);
    const [document] = await reads.find(collection, { limit: 1 });
    if (!document) throw new Error('there is no profile');
    const mark = { parked: true, parkedFrom: '7', parkedError: 'a broken bio', parkedType: 'BioUpdated' };
    const parked = { ...document, ...mark, parkedEvent: null, parkedSince: null };
    await reads.write(collection, [{ document: parked, expected: { position: document.position } }]);
    const key = document._id;
    const left = (await act('parked/discard', { key })).refused as readonly { why: string }[];
    expect(left.map(({ why }) => why).join()).to.include('retry it first');
    expect((await act('parked/retry', { consumer: 'creatorProfile', key })).marked).to.deep.equal([
      { consumer: 'creatorProfile', key },
    ]);
  });

  it('leaves out for good what a key is parked at, by an event after its record', async () => {
    const { reads, events } = system.stores;
    const collection = collectionOf('creatorProfile', FIRST);
    const [document] = await reads.find(collection, { limit: 1 });
    const poison = document && (await events.readAt(document.position));
    if (!document || !poison) throw new Error('there is no profile');
    const mark = { parked: true, parkedFrom: String(poison.position), parkedError: 'broken', parkedType: poison.type };
    const parked = { ...document, ...mark, parkedEvent: poison.id, parkedSince: null };
    await reads.write(collection, [{ document: parked, expected: { position: document.position } }]);
    const body = { ...because, consumer: 'creatorProfile', key: document._id };
    const discard = () => system.admin.post('/admin/projections/parked/discard', body, ONE);
    const done = await system.done(discard(), 200, [...RECORD, 'ParkedEventDiscarded']);
    const { discarded } = done as unknown as { discarded: readonly Readonly<Record<string, string>>[] };
    expect(discarded[0]).to.include({ consumer: 'creatorProfile', key: document._id, event: poison.id });
    const [record, event] = (await readLog(events)).slice(-2);
    expect(record?.stream).to.equal(`access-${system.adminId}_${system.now().slice(0, 10)}`);
    expect(record?.data).to.deep.include({ action: 'DISCARD', target: 'creatorProfile' });
    expect(event?.stream).to.equal('parkedDiscards-creatorProfile');
    expect(event?.data).to.deep.include({ eventId: poison.id, key: document._id });
    expect(event?.metadata.actor).to.deep.equal({ userId: system.adminId, role: 'ADMIN' });
    expect(await system.done(discard(), 200, [])).to.deep.equal(done);
  });

  it('says what is wrong: the field, what there is not, and who holds the view', async () => {
    const field = async (path: string, body: object) =>
      (await refused(path, body, 400, 'common.validation_failed')).details.map(({ message }) => message).join();
    expect(await field('message/rebuild', {})).to.match(/^reason: /);
    expect(await field('message/rebuild', { ...because, rate: -1 })).to.match(/^rate: /);
    expect(await field('message/repair', because)).to.match(/^keys: /);
    expect(await field('message/repair', { ...because, creator: 'a', event: '1' })).to.match(/^keys: /);
    expect(await field('parked/retry', { ...because, key: 'a', all: true })).to.match(/^key: /);
    expect(await field('parked/discard', { ...because, all: true })).to.include('all');

    await refused('nothing/rebuild', because, 404, 'admin.projection.unknown');
    await refused('toString/pause', because, 404, 'admin.projection.unknown');
    await refused('parked/retry', { ...because, consumer: 'nothing', all: true }, 404, 'admin.projection.unknown');
    await refused('parked/retry', { ...because, all: true }, 404, 'admin.projection.not_parked');
    await refused('message/repair', { ...because, creator: 'nobody' }, 404, 'admin.projection.no_documents');
    await refused('message/repair', { ...because, event: 'UserErased' }, 400, 'admin.projection.event_not_taken');
    await refused('message/drop', { ...because, generation: 'v9-9' }, 404, 'admin.projection.no_generation');

    await refused('message/pause', because, 409, 'admin.projection.not_rebuilding');
    await onProfile('rebuild');
    for (const path of ['creatorProfile/rebuild', 'creatorProfile/repair']) {
      const body = path.endsWith('repair') ? { ...because, keys: ['a'] } : because;
      const { i18nVars, message } = await refused(path, body, 409, 'admin.projection.rebuilding');
      expect(i18nVars).to.include({ rebuild: `creatorProfile.${SECOND}`, state: 'RUNNING', by: system.adminId });
      expect(message).to.include(system.adminId);
    }
  });

  describe('with an Idempotency-Key', () => {
    const send = (name: string, body: object, key: string, caller = system.admin) =>
      caller.post(`${PATH}/${name}`, { ...because, ...body }, { 'Idempotency-Key': key });
    const claims = () => system.stores.reads.find(CLAIMS, { limit: 10 });

    it('is done once: a repeat is told what the first was told, whatever has become of it', async () => {
      const first = await system.done(send('rebuild', { rate: 5 }, 'one'), 200, RECORD);
      await onProfile('cancel');
      expect(await system.done(send('rebuild', { rate: 5 }, 'one'), 200, [])).to.deep.equal(first);
      expect((await planned())?.state).to.equal('CANCELLED');
      const [claim] = await claims();
      const event = await system.stores.events.readAt(BigInt(first.position));
      expect(event?.metadata.commandId).to.equal(claim?._id);
    });

    it('is another act on another route, and of another admin', async () => {
      await system.done(send('rebuild', {}, 'one'), 200, RECORD);
      await system.done(send('pause', {}, 'one'), 200, RECORD);
      await system.refused(
        send('rebuild', {}, 'one', system.as(person.userId, 'ADMIN')),
        409,
        'admin.projection.rebuilding',
      );
    });

    it('is refused with 422 for anything else that is asked', async () => {
      await system.done(send('rebuild', { rate: 5 }, 'one'), 200, RECORD);
      await system.refused(send('rebuild', { rate: 6 }, 'one'), 422, 'common.idempotency_mismatch');
      const other = system.admin.post('/admin/projections/message/rebuild', { ...because, rate: 5 }, ONE);
      await system.refused(other, 422, 'common.idempotency_mismatch');
    });

    it('is decided again after a refusal', async () => {
      await system.refused(send('pause', {}, 'one'), 409, 'admin.projection.not_rebuilding');
      await system.refused(send('pause', { reason: 'another' }, 'one'), 422, 'common.idempotency_mismatch');
      await onProfile('rebuild');
      const paused = await system.done(send('pause', {}, 'one'), 200, RECORD);
      await onProfile('resume');
      expect(await system.done(send('pause', {}, 'one'), 200, [])).to.deep.equal(paused);
      expect((await planned())?.state).to.equal('RUNNING');
    });

    it('waits while the first is under way, and not for one whose process has died', async () => {
      await system.refused(send('pause', {}, 'one'), 409, 'admin.projection.not_rebuilding');
      const [claim] = await claims();
      const running = { ...claim!, runsUntil: toInstant(system.clock.now() + 120_000) };
      await system.stores.reads.write(CLAIMS, [{ document: running, expected: { state: 'open' } }]);
      await onProfile('rebuild');
      await system.refused(send('pause', {}, 'one'), 503, 'common.busy');
      await system.pass(120_000);
      await system.done(send('pause', {}, 'one'), 200, RECORD);
    });
  });

  it('is for admins alone', async () => {
    await system.refused(system.auditor.post(`${PATH}/rebuild`, because), 403, 'auth.role.forbidden');
    await system.refused(person.post(`${PATH}/rebuild`, because), 403, 'auth.role.forbidden');
    expect(await planned()).to.equal(null);
  });
});
