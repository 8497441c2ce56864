/** What the audit does with a long log: it indexes, searches, exports and verifies it. */
import { exportQuery, exportRoutes } from '@creator-dashboards/query-service/audit/export';
import { createHeads, type Heads } from '@creator-dashboards/query-service/audit/heads';
import { createIndexer } from '@creator-dashboards/query-service/audit/indexer';
import { integrityOf } from '@creator-dashboards/query-service/audit/integrity';
import { search, type Wanted } from '@creator-dashboards/query-service/audit/search';
import { headKeys } from '@creator-dashboards/query-service/audit/signing';
import { namesOf, type Name } from '@creator-dashboards/query-service/audit/terms';
import { verifyLog } from '@creator-dashboards/query-service/audit/verify';
import { openToRead } from '@creator-dashboards/shared/adapters/sqlite/database';
import { connect, type Stores } from '@creator-dashboards/shared/process/connect';
import { AUDIT_FILE, EVENTS_FILE } from '@creator-dashboards/shared/process/embedded';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { createSealer } from '@creator-dashboards/shared/seal';
import { unrecorded } from '@creator-dashboards/shared/testing/unrecorded';
import { systemClock } from '@creator-dashboards/shared/time';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { holds, quantile } from './figures.js';
import { fillLog } from './made-log.js';
import { compare, withCpu, type Measured } from './pairs.js';
import { turnsOf } from './turns.js';

const CREATORS = 1_000;
const SEARCHES = 400;
const EXPORTED = 50_000;
/** In milliseconds: by the clock for who waits, of the processor for a turn, which a busy machine would lengthen. */
const BOUND = { search: 100, turn: 20 };
const BYTES_OF_AN_EVENT = 400;

/** False where a figure is beyond its bound. */
export async function benchIndex(count: number): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-audit-'));
  const stores = await connect(readEnvironment({ DATA_DIR: place }));
  try {
    await fillLog(stores.events, count, CREATORS);
    const heads = createHeads({ ...stores, index: stores.audit, clock: systemClock, keys: headKeys(['a secret']) });
    const idle = await turnsOf(() => new Promise((resolve) => setTimeout(resolve, 2_000)));
    console.log(
      `Audit, idle: turns of at most ${idle.cpuMs.toFixed(1)} ms of the processor, ${idle.wallMs.toFixed(1)} ms by the clock`,
    );
    return [
      await indexing(stores, heads, join(place, AUDIT_FILE)),
      await searching(stores, count),
      await exporting(stores),
      await comparing(stores, heads),
      await verifying(stores, heads, join(place, EVENTS_FILE)),
    ].every(Boolean);
  } finally {
    await stores.close();
    rmSync(place, { recursive: true });
  }
}

/** The thread is not held for longer while this is done beside requests. */
async function inTurns(what: string, work: () => Promise<unknown>): Promise<boolean> {
  const { count, cpuMs, wallMs } = await turnsOf(work);
  return holds({
    ...{ name: `Audit: the longest turn while ${what}`, value: cpuMs, most: BOUND.turn, unit: 'ms of the processor' },
    beside: `${wallMs.toFixed(1)} ms by the clock, of ${count} turns`,
  });
}

async function indexing(stores: Stores, heads: Heads, file: string): Promise<boolean> {
  const { events, audit } = stores;
  const indexer = createIndexer({ ...stores, index: audit, clock: systemClock, owner: 'bench', heads });
  const last = await events.head();
  const began = performance.now();
  const isShort = await inTurns('indexing', async () => {
    indexer.start((error) => console.error(error));
    while ((await audit.state()).position < last) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  const { size } = await audit.state();
  const seconds = (performance.now() - began) / 1_000;
  await indexer.stop();
  await heads.sign();
  console.log(`Audit: indexed ${size} events, ${(size / seconds).toFixed(0)} a second`);
  const bytes = statSync(file).size / size;
  return holds({ name: 'Audit: the index', value: bytes, most: BYTES_OF_AN_EVENT, unit: 'bytes an event' }) && isShort;
}

/** Any two filters: of the same event, or of two events, which may have nothing in common. */
async function searching({ events, audit: index }: Stores, count: number): Promise<boolean> {
  const { size } = await index.state();
  const random = seeded(7);
  const someName = async (ordinal = Math.floor(random() * size)) => {
    const [event] = await events.readMany(await index.positionsOf([ordinal]));
    const names = event ? namesOf(event) : [];
    return [names[Math.floor(random() * names.length)] as Name, ordinal] as const;
  };
  const taken: { ms: number; cpuMs: number; name: string }[] = [];
  const isShort = await inTurns('searching', async () => {
    for (let asked = 0; asked < SEARCHES; asked += 1) {
      const [one, ordinal] = await someName();
      const [other] = await someName(random() < 0.5 ? ordinal : undefined);
      const wanted: Wanted = {
        ...{ names: [[one], [other]], direction: random() < 0.5 ? 'forwards' : 'backwards' },
        ...{ since: null, until: null, first: null, last: null },
      };
      const began = performance.now();
      const { cpuUs } = await withCpu(() => search({ events, index }, wanted, { after: null, limit: 50 }));
      taken.push({ ms: performance.now() - began, cpuMs: cpuUs / 1_000, name: `${one[0]} and ${other[0]}` });
    }
  });
  const [ms, cpuMs] = [taken.map((each) => each.ms), taken.map((each) => each.cpuMs)];
  const slowest = taken.toSorted((a, b) => b.ms - a.ms)[0];
  return (
    holds({
      ...{ name: `Audit: search of ${count} events by two filters, p95`, value: quantile(ms, 0.95) },
      ...{ most: BOUND.search, unit: 'ms' },
      beside: `p50 ${quantile(ms, 0.5).toFixed(1)}   of the processor p50 ${quantile(cpuMs, 0.5).toFixed(1)} ms, p95 ${quantile(cpuMs, 0.95).toFixed(1)} ms   slowest: ${slowest?.name}, ${slowest?.ms.toFixed(0)} ms`,
    }) && isShort
  );
}

async function exporting({ events, audit: index, keys }: Stores): Promise<boolean> {
  const [route] = exportRoutes(
    { events, index, access: unrecorded, sealer: createSealer({ keys, events, clock: systemClock }) },
    EXPORTED,
  );
  const request = {
    ...{ query: exportQuery.parse({}), isHead: false, header: () => undefined },
    ...{ actor: { userId: null, role: 'AUDITOR' }, correlationId: 'bench' },
  };
  return inTurns(`exporting ${EXPORTED} events`, async () => {
    const { stream } = (await route?.handle(request as never)) as { stream: { chunks: AsyncIterable<string> } };
    let length = 0;
    for await (const chunk of stream.chunks) length += chunk.length;
    if (length === 0) throw new Error('nothing was exported');
  });
}

function comparing({ events, reads, audit: index }: Stores, heads: Heads): Promise<boolean> {
  return inTurns('comparing the newest events with what was signed', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { broken } = await integrityOf({ events, reads, index, heads });
      if (broken.length > 0) throw new Error('the log is broken');
      await nextTurn(); // each round is one request
    }
  });
}

function verifying({ events, audit: index }: Stores, heads: Heads, file: string): Promise<boolean> {
  return compare({
    ...{
      name: 'Audit: verification against a bare hash of each event of the same file',
      floor: 0.3,
      goal: 0.5,
      pairs: 7,
    },
    base: () => timed(() => hashAll(file)),
    ours: () =>
      timed(async () => {
        const onFault = () => {
          throw new Error('the log is broken');
        };
        return (await verifyLog({ events, index, keys: heads.keys, onFault })).checked;
      }),
  });
}

async function timed(work: () => Promise<number>): Promise<Measured> {
  const began = performance.now();
  const { result: count, cpuUs } = await withCpu(work);
  const seconds = (performance.now() - began) / 1_000;
  return { perSecond: count / seconds, cpuUs: cpuUs / count, digest: String(count) };
}

/** Reads every event and hashes its bytes, and does nothing else. */
async function hashAll(file: string): Promise<number> {
  const database = openToRead(file);
  const page = database.prepare<[number, string, number, string, string, string, string]>(
    `SELECT position, streams.name, revision, events.id, types.name, data, metadata
     FROM events CROSS JOIN streams ON streams.id = stream CROSS JOIN types ON types.id = type
     WHERE position > ? ORDER BY position LIMIT 1000`,
    { tuples: true },
  );
  let count = 0;
  for (let [rows, after] = [page.all(0), 0]; rows.length > 0; rows = page.all(after)) {
    for (const [position, ...parts] of rows) {
      createHash('sha256').update(parts.join('\n')).digest();
      after = position;
    }
    count += rows.length;
    await nextTurn();
  }
  database.close();
  return count;
}

/** The same numbers each time, from 0 to below 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
