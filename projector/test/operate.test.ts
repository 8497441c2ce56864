import { HOST, recordAccess, type Accessor } from '@creator-dashboards/shared/access/record';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openKeyStore } from '@creator-dashboards/shared/adapters/sqlite/key-store';
import { decode, hashOf, type EventNamed } from '@creator-dashboards/shared/events/index';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { EventStore, KeyStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { devSecrets } from '@creator-dashboards/shared/process/secrets';
import { createSealer, type Sealer } from '@creator-dashboards/shared/seal';
import { delivered, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { fromInstant, systemClock } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { join } from 'node:path';
import type { OperatePorts } from '../src/operate/action.js';
import { drop } from '../src/operate/documents.js';
import * as operate from '../src/operate/rebuilds.js';
import { createProjector } from '../src/projector.js';
import { told, type Act } from '../src/rebuild/acts.js';
import { REBUILDS, updateRebuild, type Rebuild } from '../src/rebuild/plan.js';
import { planRebuild } from '../src/rebuild/planner.js';
import { openStores, planned, type TestStores } from './stores.js';
import { mailbox, toyViews } from './toy-views.js';

const ADMIN = '0f8fad5b-d9cb-469f-a165-70867728950e';
const admin: Accessor = { actor: { userId: ADMIN, role: 'ADMIN' }, by: null, reason: 'a wrong number' };
const host: Accessor = { actor: HOST, by: 'anna', reason: null };
const NIGHT = '2026-04-29T23:59:59.000Z';

describe('What an operator decides about a projection', () => {
  let stores: TestStores;
  let events: EventStore;
  let keys: KeyStore;
  let sealer: Sealer;
  let ports: OperatePorts;
  const clock = { ...systemClock, now: () => fromInstant(NIGHT) };

  const recordedIn =
    (log: EventStore): OperatePorts['record'] =>
    (operator, access) =>
      recordAccess({ events: log, sealer, clock }, operator, access);

  beforeEach(async () => {
    stores = openStores();
    events = openEventStore(join(stores.folder, 'events.db'));
    keys = openKeyStore(join(stores.folder, 'keys.db'), [devSecrets.MASTER_KEY]);
    for (const { stream, id, type, data, metadata, revision } of history([sent(), delivered()]))
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    sealer = createSealer({ keys, events, clock });
    ports = { ...stores, events, clock, sealer, record: recordedIn(events) };
    await createProjector({ ...stores, events, clock, views: toyViews, owner: 'projector' }).catchUp();
  });
  afterEach(async () => {
    await keys.close();
    await events.close();
    await stores.close();
  });

  const streamOf = (actor: string) => events.readStream(`access-${actor}_2026-04-29`);
  const actions = (recorded: readonly RecordedEvent[]) =>
    recorded.map((event) => (decode(event) as EventNamed<'ProjectionActionTaken'>).data);
  const planNow = async () => planned(await stores.reads.get<Rebuild>(REBUILDS, 'mailbox.v1-2'));
  const planIn = async (state: Rebuild['state']) => {
    const plan = planned(await planRebuild({ ...ports }, mailbox));
    await updateRebuild(stores.reads, plan, { state });
  };

  it('is an event of that day, by whom and why, chained to the one before', async () => {
    const { position, plan } = await operate.rebuild(ports, mailbox, { ...admin, correlationId: ADMIN }, { rate: 500 });
    const [planned] = plan.acts as [Act];
    expect(planned).to.include({ what: 'planned', actor: ADMIN, by: null, at: NIGHT });
    expect(JSON.stringify(planned)).to.not.include('wrong');
    expect((await told(sealer, plan)).acts).to.deep.equal([{ ...planned, reason: 'a wrong number' }]);
    await operate.pause(ports, mailbox, admin);
    const [first, second] = (await streamOf(ADMIN)) as [RecordedEvent, RecordedEvent];
    expect(actions([first, second])).to.deep.equal([
      { action: 'REBUILD', target: 'mailbox', generation: null, details: { rate: 500 }, by: null },
      { action: 'PAUSE', target: 'mailbox', generation: 'v1-2', details: {}, by: null },
    ]);
    expect(first.position).to.equal(position);
    const { actor, reason, occurredAt, $correlationId, keys: routing, prevHash } = first.metadata;
    expect([actor, occurredAt, $correlationId]).to.deep.equal([{ userId: ADMIN, role: 'ADMIN' }, NIGHT, ADMIN]);
    expect(routing).to.deep.equal({ userId: ADMIN });
    expect(await sealer.open<string>(kinds.reason, reason)).to.equal('a wrong number');
    expect([prevHash, second.metadata.prevHash]).to.deep.equal([null, hashOf(first)]);
  });

  it('is told without the reason where nobody can open that any more', async () => {
    await operate.rebuild(ports, mailbox, admin);
    const { plan } = await operate.pause(ports, mailbox, admin);
    expect(await told(sealer, plan)).to.include({ error: `paused by ${ADMIN}: a wrong number` });
    await keys.destroy(ADMIN);
    sealer.forget(ADMIN);
    expect(await told(sealer, plan)).to.include({ error: `paused by ${ADMIN}` });
    const lost = openKeyStore(join(stores.folder, 'others.db'), [devSecrets.MASTER_KEY]);
    expect(await told(createSealer({ keys: lost, events, clock }), plan)).to.include({ error: `paused by ${ADMIN}` });
    await lost.close();
  });

  it('is an event of "cli" where it is decided on the host, with the name given there sealed', async () => {
    await operate.rebuild(ports, mailbox, host);
    const [event] = (await streamOf('cli')) as [RecordedEvent];
    expect(event.metadata).to.deep.include({ actor: { userId: 'cli', role: 'SYSTEM' }, reason: null, keys: {} });
    const [{ by } = { by: null }] = actions([event]);
    expect(await sealer.open(kinds.operator, by)).to.equal('anna');
    expect((await planNow()).acts[0]).to.include({ actor: 'cli', by: 'anna' });
  });

  it('is not done where it cannot be recorded', async () => {
    await planIn('RUNNING');
    const away = { ...events, append: () => Promise.reject(new Error('the log is away')) };
    const said = await operate.pause({ ...ports, record: recordedIn(away) }, mailbox, admin).catch(String);
    expect(said).to.equal('Error: the log is away');
    expect((await planNow()).state).to.equal('RUNNING');
  });

  it('is recorded once for each of two that are decided at the same moment', async () => {
    await planIn('RUNNING');
    await Promise.all([operate.pause(ports, mailbox, admin), operate.pause(ports, mailbox, admin)]);
    const recorded = await streamOf(ADMIN);
    expect(recorded.map(({ metadata }) => metadata.prevHash)).to.deep.equal([
      null,
      hashOf(recorded[0] as RecordedEvent),
    ]);
  });

  it('is queued where a worker has to do it, and stays planned where the queue is away', async () => {
    const refused = () => Promise.reject(new Error('no queue'));
    const { plan } = await operate.rebuild({ ...ports, queue: { ...stores.queue, add: refused } }, mailbox, admin);
    expect(plan).to.include({ _id: 'mailbox.v1-2', state: 'RUNNING' });
    expect(await stores.queue.get('rebuild-mailbox.v1-2')).to.equal(null);
    await operate.pause(ports, mailbox, admin);
    await operate.resume(ports, mailbox, admin, null);
    expect(await stores.queue.get('rebuild-mailbox.v1-2')).to.include({ state: 'waiting' });
  });

  it('lets a held rebuild go on, with what may differ', async () => {
    await planIn('HELD');
    await operate.letThrough(ports, mailbox, admin, { expect: ['answered'] });
    expect(await planNow()).to.deep.include({ state: 'CAUGHT_UP', expect: ['answered'], accepted: null });
    const [{ details } = { details: null }] = actions(await streamOf(ADMIN));
    expect(details).to.deep.equal({ expect: ['answered'] });
  });

  it('deletes a generation that is left over', async () => {
    await planIn('CANCELLED');
    await stores.reads.declare('view.mailbox.v1-2', []);
    const { dropped } = await drop(ports, mailbox, 'v1-2', admin);
    expect(dropped).to.include({ generation: 'v1-2', role: 'left over' });
    expect(await stores.reads.collections()).to.not.include('view.mailbox.v1-2');
    expect(actions(await streamOf(ADMIN))).to.deep.include.members([
      { action: 'DROP', target: 'mailbox', generation: 'v1-2', details: {}, by: null },
    ]);
  });

  const older: View = { ...mailbox, version: 0 };
  const refusals: readonly [string, Rebuild['state'] | null, () => Promise<unknown>][] = [
    ['admin.projection.not_rebuilding', null, () => operate.pause(ports, mailbox, admin)],
    ['admin.projection.not_rebuilding', 'DONE', () => operate.cancel(ports, mailbox, admin)],
    ['admin.projection.held', 'HELD', () => operate.pause(ports, mailbox, admin)],
    ['admin.projection.not_paused', 'RUNNING', () => operate.resume(ports, mailbox, admin)],
    ['admin.projection.not_held', 'RUNNING', () => operate.letThrough(ports, mailbox, admin, {})],
    ['admin.projection.other_report', 'HELD', () => operate.letThrough(ports, mailbox, admin, { accept: 'mailbox-9' })],
    ['admin.projection.other_rate', 'RUNNING', () => operate.rebuild(ports, mailbox, admin, { rate: 7, join: true })],
    ['admin.projection.rebuilding', 'PAUSED', () => operate.rebuild(ports, mailbox, admin)],
    ['admin.projection.newer_code', null, () => operate.rebuild(ports, older, admin)],
    ['admin.projection.newer_code', 'PAUSED', () => operate.resume(ports, older, admin)],
    ['admin.projection.no_previous', null, () => operate.rollback(ports, mailbox, admin)],
    ['admin.projection.no_generation', null, () => drop(ports, mailbox, 'v9', admin)],
    ['admin.projection.in_use', null, () => drop(ports, mailbox, 'v1', admin)],
  ];
  for (const [key, state, decide] of refusals)
    it(`is refused and not recorded: ${key}${state === null ? '' : `, of a rebuild that is ${state}`}`, async () => {
      if (state !== null) await planIn(state);
      const head = await events.head();
      expect(await decide().catch((error: unknown) => (error as { key?: string }).key)).to.equal(key);
      expect(await events.head()).to.equal(head);
    });
});
