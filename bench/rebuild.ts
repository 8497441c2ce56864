/**
 * A full replay of the creator dashboards, by the projector's own worker, against a plain scan of the same log as NDJSON that parses
 * every line. Each figure comes from a process of its own; scan and replay take turns, so that other load affects both.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { holds, quantile, short } from './figures.js';
import { fillLog } from './made-log.js';
import { compare, type Measured } from './pairs.js';
import {
  idleAndBusyReads,
  repairOnce,
  replayAgain,
  replayOnce,
  type ReadFigures,
  type ReplayFigures,
} from './replay.js';

const EVENTS_PER_CREATOR = 100;
const LEAST_CREATORS = 100;
const PAIRS = 7;
const ROUNDS = 3;
const SMALLER = 8;

/** `events` of the log; memory is compared with a log of an eighth. False where a figure is on the wrong side of its floor. */
export async function benchRebuild(events = 100_000): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
  const [large, small] = [join(place, 'large'), join(place, 'small')];
  const first: ReplayFigures[] = [];
  const rateOf = ({ ms }: { readonly ms: number }): Measured => ({ perSecond: (events * 1_000) / ms, ...UNKNOWN });
  const scanned = async () => rateOf(child('scan', large));
  try {
    child('fill', large, events);
    child('fill', small, Math.ceil(events / SMALLER));
    const results = [
      await compare({
        name: `Replay of a view, ${events} events, against a plain scan of the log as NDJSON`,
        ...{ floor: 0.35, goal: 0.6, pairs: PAIRS, base: scanned },
        async ours() {
          const figures = child<ReplayFigures>('replay', large);
          first.push(figures);
          return rateOf(figures);
        },
      }),
      await compare({
        name: `Replay of a view, ${events} events, by two workers, against a plain scan of the log as NDJSON`,
        ...{ floor: 0.6, goal: 0.9, pairs: PAIRS, base: scanned },
        ours: async () => rateOf(child('replay by two', large)),
      }),
      holdsMemory(events, first, child<ReplayFigures>('replay', small)),
    ];
    const again = Array.from({ length: ROUNDS }, () => child<ReplayFigures>('replay again', large));
    tellErrors('first build', first);
    tellErrors('with a build before it, to the switch', again);
    const { ms } = child<{ ms: number }>('repair', large);
    holds({ name: `Repair of one document from ${events} events`, value: ms / 1_000, most: Infinity, unit: 's' });
    const { idle, busy } = child<ReadFigures>('reads', large);
    results.push(
      holds({
        name: 'Read p50 during a replay of the view that is served, against idle',
        ...{ value: busy / idle, most: 2.5, goal: 1.5, unit: 'x', beside: `${short(busy)} ms of ${short(idle)} ms` },
      }),
    );
    return results.every(Boolean);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** Most of the work is in processes that tell only how long it took. */
const UNKNOWN = { cpuUs: NaN, digest: '' };

function holdsMemory(events: number, large: readonly ReplayFigures[], { workerMb }: ReplayFigures): boolean {
  const peak = Math.max(...large.map((one) => one.workerMb));
  const grown = Math.max(...large.map((one) => one.servingMb));
  return holds({
    name: `Peak memory of a worker, ${events} events against an eighth`,
    ...{ value: peak / workerMb, most: 1.5, goal: 1.2, unit: 'x' },
    beside: `${peak} MB of ${workerMb} MB, the process that started it grew by ${grown} MB`,
  });
}

/** Medians of what was told by then: a short replay tells nothing before a tenth of its time. */
function tellErrors(which: string, replays: readonly ReplayFigures[]): void {
  const at = (percent: number) =>
    quantile(
      replays.map(({ errors }) => errors[percent]).filter((error) => error !== undefined),
      0.5,
    );
  holds({
    name: `Error of the remaining time at half of it, ${which}`,
    ...{ value: at(50) * 100, most: Infinity, unit: '%' },
    beside: `${short(at(10) * 100)} % at a tenth, ${short(at(90) * 100)} % at nine tenths; medians of ${replays.length}`,
  });
}

function child<T>(role: string, folder: string, events = 0): T {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), role, folder, String(events)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the ${role} process failed: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Writes the log twice: into the store, and as NDJSON beside it. */
async function fill(folder: string, events: number): Promise<null> {
  mkdirSync(folder, { recursive: true });
  const log = openEventStore(join(folder, 'events.db'));
  await fillLog(log, events, Math.max(LEAST_CREATORS, Math.ceil(events / EVENTS_PER_CREATOR)));
  const lines = createWriteStream(linesIn(folder));
  for (let after = 0n; ;) {
    const page = await log.readAll({ after, limit: 1_000 });
    const last = page.at(-1);
    if (!last) break;
    after = last.position;
    const texts = page.map((event) =>
      JSON.stringify({ ...event, position: String(event.position), revision: String(event.revision) }),
    );
    if (!lines.write(`${texts.join('\n')}\n`)) await once(lines, 'drain');
  }
  lines.end();
  await finished(lines);
  await log.close();
  return null;
}

async function scan(folder: string): Promise<{ ms: number }> {
  const began = performance.now();
  let seen = 0;
  for await (const line of createInterface({ input: createReadStream(linesIn(folder)) }))
    if (JSON.parse(line) !== null) seen += 1;
  if (seen === 0) throw new Error('the log is empty');
  return { ms: performance.now() - began };
}

const linesIn = (folder: string) => join(folder, 'log.ndjson');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , role = '', folder = '', events = '0'] = process.argv;
  const roles: Record<string, () => Promise<unknown>> = {
    fill: () => fill(folder, Number(events)),
    scan: () => scan(folder),
    replay: () => replayOnce(folder),
    'replay again': () => replayAgain(folder),
    'replay by two': () => replayOnce(folder, 2),
    repair: () => repairOnce(folder),
    reads: () => idleAndBusyReads(folder),
  };
  console.log(JSON.stringify(await roles[role]?.()));
}
