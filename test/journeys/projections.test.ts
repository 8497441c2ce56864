/** Admins and auditors look at the projections over HTTP: the same as on the command line. */
import { aliasOf, generationOf } from '@creator-dashboards/projector/generations';
import { planRebuild } from '@creator-dashboards/projector/rebuild/planner';
import { runRebuild } from '@creator-dashboards/projector/rebuild/run';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { newId } from '@creator-dashboards/shared/ids';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { MINUTE } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { readLog } from '../support/invariants.js';
import { journey } from '../support/journey.js';
import { creator } from '../support/people.js';
import type { Answer, TestSystem } from '../support/system.js';

interface Items {
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

const FIRST = generationOf(views.creatorProfile.version);
const SECOND = generationOf(views.creatorProfile.version, 2);

journey('the projections over HTTP', (openSystem) => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem();
    await creator(system, 'anna');
    await system.catchUp();
  });
  afterEach(() => system.close());

  const read = async (path: string): Promise<Answer> => system.done(system.auditor.get(path), 200, []);
  const itemsOf = async (path: string) => ((await read(path)) as unknown as Items).items;

  /** As a projector does it that takes the job. */
  async function rebuilt(): Promise<void> {
    const { stores, clock } = system;
    const who = { actor: 'cli', by: 'anna', reason: 'a wrong number' } as const;
    const plan = await planRebuild({ ...stores, clock }, views.creatorProfile, who);
    const signal = new AbortController().signal;
    await runRebuild({ ...stores, clock, views, owner: 'a worker', isDead: () => true }, plan?._id ?? '', signal);
    await system.catchUp();
  }

  it('show what is served of each view, at the head of the log, and what else follows it', async () => {
    const {
      head,
      views: all,
      others,
    } = (await read('/admin/projections')) as unknown as {
      head: string;
      views: Readonly<Record<string, unknown>>[];
      others: { name: string }[];
    };
    expect(head).to.equal(String(await system.head()));
    expect(all.map(({ view }) => view)).to.have.members(Object.keys(views));
    const profile = all.find(({ view }) => view === 'creatorProfile');
    expect(profile).to.include({ generation: FIRST, lagEvents: 0, parkedKeys: 0, foreign: null, rebuild: null });
    expect(others.map(({ name }) => name)).to.include('policy.creator-account');
  });

  it('show the generations of a view, what became of its rebuilds, and what the gate found', async () => {
    expect(await read('/admin/projections/creatorProfile/report')).to.deep.equal({ report: null });
    await rebuilt();
    const kept = await itemsOf('/admin/projections/creatorProfile/generations');
    expect(kept.map(({ generation, role, documents }) => [generation, role, documents])).to.deep.equal([
      [SECOND, 'served', 1],
      [FIRST, 'previous', 1],
    ]);
    const [past] = await itemsOf('/admin/projections/creatorProfile/history');
    expect(past).to.include({ generation: SECOND, state: 'DONE', by: 'anna', reason: 'a wrong number' });
    const [summary] = await itemsOf('/admin/projections/creatorProfile/reports');
    expect(summary).to.include({ id: 'creatorProfile-1', compared: 1, differing: 0 });
    const { report } = (await read('/admin/projections/creatorProfile/report?id=creatorProfile-1')) as {
      report?: object;
    };
    expect(report).to.include({ id: 'creatorProfile-1', morePaths: 0 });
    expect(await read('/admin/projections/creatorProfile/report')).to.deep.equal({ report });
  });

  it('show why keys are parked, and where', async () => {
    expect(await itemsOf('/admin/projections/parked')).to.deep.equal([]);
    const alias = await aliasOf(system.stores.reads, 'creatorProfile');
    const collection = collectionOf('creatorProfile', alias?.generation ?? '');
    const [document] = await system.stores.reads.find(collection, { limit: 1 });
    if (!document) throw new Error('there is no profile');
    const mark = { parked: true, parkedFrom: '7', parkedError: 'a broken bio', parkedType: 'BioUpdated' };
    const parked = { ...document, ...mark, parkedEvent: null, parkedSince: null };
    await system.stores.reads.write(collection, [{ document: parked, expected: { position: document.position } }]);
    const [cause] = await itemsOf('/admin/projections/parked?consumer=creatorProfile');
    expect(cause).to.include({ type: 'BioUpdated', error: 'a broken bio', keys: 1, since: null, retry: 0 });
    const keys = await read(`/admin/projections/parked/${String(cause?.cause)}`);
    expect(keys).to.deep.equal(await read(`/admin/projections/parked/${document._id}`));
    expect(keys).to.include({ total: 1 });
    expect((keys as unknown as Items).items[0]).to.include({ consumer: 'creatorProfile', key: document._id });
  });

  it('tell how many later events wait behind a parked one, and since when: of views, look-ups and policies', async () => {
    const { events } = system.stores;
    const upgraded = (await readLog(events)).find(({ type }) => type === 'CreatorUpgraded') as RecordedEvent;
    const { stream, type, data, metadata, revision } = upgraded;
    const times: string[] = [];
    for (const [n, schemaVersion] of [99, 1, 1].entries()) {
      times.push(await system.pass(MINUTE).then(() => system.now()));
      const its = { ...metadata, schemaVersion, occurredAt: system.now() };
      await events.append(stream, revision + BigInt(n), [{ id: newId(), type, data, metadata: its }]);
    }
    await system.catchUp();
    // Not by `read`, which decodes what is new in the log.
    const get = async (path: string) => ((await system.auditor.get(path)).body as { data: Items }).data.items;
    const [cause] = await get('/admin/projections/parked');
    const keys = await get(`/admin/projections/parked/${String(cause?.cause)}`);
    const rows = new Map(keys.map(({ consumer, since, held, heldSince }) => [consumer, { since, held, heldSince }]));
    for (const consumer of ['creatorProfile', 'lookup.unfinishedReservations.v1', 'policy.first-username'])
      expect(rows.get(consumer), consumer).to.deep.equal({ since: times[0], held: 2, heldSince: times[1] });
  });

  it('are found by the names that exist', async () => {
    const unknown = 'admin.projection.unknown';
    for (const what of ['generations', 'history', 'reports', 'report'])
      await system.refused(system.auditor.get(`/admin/projections/nothing/${what}`), 404, unknown);
    await system.refused(system.auditor.get('/admin/projections/toString/history'), 404, unknown);
    await system.refused(system.auditor.get('/admin/projections/parked?consumer=nothing'), 404, unknown);
    const report = system.auditor.get('/admin/projections/message/report?id=message-9');
    await system.refused(report, 404, 'admin.projection.no_report');
    expect(await read('/admin/projections/parked/nothing')).to.deep.equal({ total: 0, items: [] });
  });
});
