import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccessLog, type AccessLog } from '../../src/access/access-log.js';
import { accessorOf, HOST } from '../../src/access/record.js';
import { openEventStore } from '../../src/adapters/sqlite/event-store.js';
import { openKeyStore } from '../../src/adapters/sqlite/key-store.js';
import { decode, hashOf } from '../../src/events/index.js';
import { kinds } from '../../src/events/sealed.js';
import type { EventStore, KeyStore, RecordedEvent } from '../../src/ports.js';
import { devSecrets } from '../../src/process/secrets.js';
import { createSealer, DIGESTS, digestWith, type Sealer } from '../../src/seal.js';
import { StoreUnavailable } from '../../src/store-errors.js';
import { fromInstant, HOUR, MINUTE } from '../../src/time.js';
import { createManualTime, settled, type ManualTime } from '../../testing/manual-time.js';

const ADMIN = '0f8fad5b-d9cb-469f-a165-70867728950e';
const PERSON = '11111111-1111-4111-8111-1111111111c1';
const OTHER = '22222222-2222-4222-8222-2222222222c2';
const REQUEST = '33333333-3333-4333-8333-333333333333';
const START = '2026-04-29T20:00:10.000Z';
const STREAM = `access-${ADMIN}_2026-04-29`;

describe('The access log', () => {
  let folder: string;
  let events: EventStore;
  let keys: KeyStore;
  let sealer: Sealer;
  let clock: ManualTime;
  let access: AccessLog;
  let isAway: boolean;
  let troubles: unknown[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'access-'));
    events = openEventStore(join(folder, 'events.db'));
    keys = openKeyStore(join(folder, 'keys.db'), [devSecrets.MASTER_KEY]);
    await keys.getOrCreate(DIGESTS);
    clock = createManualTime(fromInstant(START));
    sealer = createSealer({ keys, events, clock });
    [isAway, troubles] = [false, []];
    const unsure = {
      readStream: events.readStream.bind(events),
      append: (...given: Parameters<EventStore['append']>) =>
        isAway ? Promise.reject(new StoreUnavailable('the log', 'is away')) : events.append(...given),
    };
    access = createAccessLog({ events: unsure, keys, sealer, clock, onTrouble: (error) => troubles.push(error) });
  });
  afterEach(async () => {
    await events.close();
    await keys.close();
    rmSync(folder, { recursive: true });
  });

  const admin = accessorOf({ actor: { userId: ADMIN, role: 'ADMIN' }, correlationId: REQUEST });
  const stored = (stream = STREAM) => events.readStream(stream, { limit: 100 });
  const dataOf = (all: readonly RecordedEvent[]) =>
    all.map((event) => {
      const { type, data } = decode(event);
      const { by: _, ...rest } = data as { readonly by?: unknown };
      return [type, rest];
    });

  it('has an export in the log before it goes out, with the names of its filters and a digest of their values', async () => {
    const position = await access.exported(admin, 'GET /admin/events/export', {
      type: 'UserErased',
      creatorId: undefined,
      after: 5n,
    });
    const [event] = await stored();
    if (!event) throw new Error('nothing is recorded');
    expect(position).to.equal(event.position);
    const digest = digestWith((await keys.get(DIGESTS)) as Uint8Array)('query', '{"after":"5","type":"UserErased"}');
    expect(dataOf([event])).to.deep.equal([
      ['DataExported', { means: 'GET /admin/events/export', query: { filters: ['after', 'type'], digest } }],
    ]);
    expect(JSON.stringify(event.data)).to.not.include('UserErased');
    const { actor, keys: routing, reason, $correlationId, occurredAt, prevHash } = event.metadata;
    expect({ actor, routing, reason, $correlationId, occurredAt, prevHash }).to.deep.equal({
      actor: { userId: ADMIN, role: 'ADMIN' },
      routing: { userId: ADMIN },
      reason: null,
      $correlationId: REQUEST,
      occurredAt: START,
      prevHash: null,
    });
  });

  it('has what was revealed, of whom and why, with the reason sealed for the admin, in one chain', async () => {
    const why = { ...admin, reason: 'a complaint of anna' };
    await access.revealed(why, 'GET /admin/events', PERSON, { reveal: true });
    await access.revealed(why, 'GET /admin/events', null, { reveal: true });
    const [first, second] = await stored();
    if (!first || !second) throw new Error('two are to be recorded');
    expect(first.data).to.include({ means: 'GET /admin/events', person: PERSON });
    expect(second.data).to.include({ person: null });
    expect([first.metadata.keys, second.metadata.keys], 'who saw her data is found by her id').to.deep.equal([
      { userId: ADMIN, ownerId: PERSON },
      { userId: ADMIN },
    ]);
    expect(second.metadata.prevHash).to.equal(hashOf(first));
    expect(JSON.stringify([first.data, first.metadata])).to.not.include('anna');
    expect(first.metadata.reason?.subject).to.equal(ADMIN);
    expect(await sealer.open(kinds.reason, first.metadata.reason)).to.equal('a complaint of anna');
  });

  it('has the name that was given on the host, sealed', async () => {
    await access.exported({ actor: HOST, by: 'anna', reason: null }, 'audit export', {});
    const [event] = await stored('access-cli_2026-04-29');
    if (event?.type !== 'DataExported') throw new Error('nothing is recorded');
    expect(event.metadata).to.deep.include({ actor: { userId: 'cli', role: 'SYSTEM' }, keys: {} });
    const { data } = decode(event);
    expect(await sealer.open(kinds.operator, (data as { by: never }).by)).to.equal('anna');
  });

  it('lets nothing go on that cannot be recorded', async () => {
    isAway = true;
    const refused = await access.exported(admin, 'GET /admin/events/export', {}).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(StoreUnavailable);
    expect(await stored()).to.deep.equal([]);
  });

  it('records requests of the same admin that come at once, each once', async () => {
    const means = Array.from({ length: 20 }, (_, index) => `route ${index}`);
    await Promise.all(means.map((one) => access.exported(admin, one, {})));
    expect((await stored()).map(({ data }) => data.means)).to.have.members(means);
  });

  it('counts what is read of a person by minute, for each admin and person', async () => {
    const other = { ...admin, actor: { userId: OTHER, role: 'AUDITOR' } } as const;
    for (const means of ['as-of', 'as-of', 'explain']) access.historyRead(admin, means, PERSON);
    access.historyRead(admin, 'as-of', OTHER);
    access.historyRead(other, 'as-of', PERSON);
    await access.flush();
    expect(await stored()).to.deep.equal([]); // the minute is not over
    await clock.advance(50_000); // 20:01:00
    access.historyRead(admin, 'as-of', PERSON);
    await access.flush();
    const since = '2026-04-29T20:00:00.000Z';
    expect(dataOf(await stored())).to.deep.equal([
      ['PersonHistoryRead', { person: PERSON, since, counts: { 'as-of': 2, explain: 1 } }],
      ['PersonHistoryRead', { person: OTHER, since, counts: { 'as-of': 1 } }],
    ]);
    expect(dataOf(await stored(`access-${OTHER}_2026-04-29`))).to.deep.equal([
      ['PersonHistoryRead', { person: PERSON, since, counts: { 'as-of': 1 } }],
    ]);
    await access.flush('all');
    expect(dataOf(await stored()).slice(2)).to.deep.equal([
      ['PersonHistoryRead', { person: PERSON, since: '2026-04-29T20:01:00.000Z', counts: { 'as-of': 1 } }],
    ]);
  });

  it('counts the searches of an admin by minute, each by the names of its filters and a digest, and names at most 100', async () => {
    await access.searched(admin, 'POST /admin/search', { q: 'anna@example.org' });
    await access.searched(admin, 'POST /admin/search', { q: 'anna@example.org' });
    for (let one = 0; one < 101; one += 1) await access.searched(admin, 'GET /admin/events', { type: `T${one}` });
    await access.flush('all');
    const all = await stored();
    expect(all).to.have.length(1);
    expect(JSON.stringify(all.map(({ data }) => data))).to.not.include('example.org');
    const { searches, more } = all[0]?.data as unknown as {
      searches: { means: string; filters: string[]; count: number }[];
      more: number;
    };
    expect(searches).to.have.length(100);
    expect(searches[0]).to.deep.include({ means: 'POST /admin/search', filters: ['q'], count: 2 });
    expect(searches[1]).to.deep.include({ means: 'GET /admin/events', filters: ['type'], count: 1 });
    expect(more).to.equal(2); // 102 different ones, of which 100 are named
  });

  it('has the first denied attempt of an hour at once, and the others with their routes at its end', async () => {
    await access.denied(admin, 'POST /messages');
    expect(dataOf(await stored())).to.deep.equal([['AccessDenied', { since: START, counts: { 'POST /messages': 1 } }]]);
    for (const means of ['POST /messages', 'GET /wallet', 'GET /wallet']) await access.denied(admin, means);
    await clock.advance(MINUTE);
    await access.flush();
    expect(await stored()).to.have.length(1);
    await clock.advance(HOUR - MINUTE - 10_000); // 21:00:00
    await access.flush();
    expect(dataOf(await stored()).slice(1)).to.deep.equal([
      ['AccessDenied', { since: '2026-04-29T20:00:00.000Z', counts: { 'POST /messages': 1, 'GET /wallet': 2 } }],
    ]);
    await access.flush('all');
    expect(await stored()).to.have.length(2);
    await access.denied(admin, 'GET /wallet');
    expect(await stored()).to.have.length(3); // the first of the next hour
  });

  it('keeps what it could not record, and records it once the log is back', async () => {
    access.historyRead(admin, 'as-of', PERSON);
    isAway = true;
    await access.denied(admin, 'POST /messages');
    await access.flush('all');
    expect(troubles).to.have.length(3); // once for each attempt, twice for the denied one
    isAway = false;
    await access.flush();
    expect((await stored()).map(({ type }) => type)).to.have.members(['AccessDenied', 'PersonHistoryRead']);
  });

  it('refuses to let more be read than it can keep', async () => {
    for (let one = 0; one < 10_000; one += 1)
      access.historyRead(admin, 'as-of', `${PERSON.slice(0, -5)}${10_000 + one}`);
    expect(() => access.historyRead(admin, 'as-of', PERSON)).to.throw('common.unavailable');
    await access.denied(admin, 'POST /messages'); // is denied all the same
    expect(troubles).to.have.length(1);
  });

  it('records by itself within seconds after a minute, and the rest when it stops', async () => {
    access.start();
    access.historyRead(admin, 'as-of', PERSON);
    await clock.advance(MINUTE);
    for (let turn = 0; (await stored()).length === 0 && turn < 1_000; turn += 1) await settled();
    expect(await stored()).to.have.length(1);
    access.historyRead(admin, 'as-of', PERSON);
    await access.stop();
    expect(await stored()).to.have.length(2);
    expect(clock.pending()).to.equal(0);
  });
});
