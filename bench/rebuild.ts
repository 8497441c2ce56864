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
import { fillLog } from './made-log.js';
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
const ROUNDS = 3;
const SMALLER = 8;
const TARGET = 0.35;
const TARGET_OF_TWO = 0.6;
const MEMORY_TARGET = 1.5;
const READS_TARGET = 2.5;

/** `events` of the log; memory is compared with a log of an eighth. */
export function benchRebuild(events = 200_000): void {
  const place = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
  const [large, small] = [join(place, 'large'), join(place, 'small')];
  try {
    child('fill', large, events);
    child('fill', small, Math.ceil(events / SMALLER));
    const rounds = Array.from({ length: ROUNDS }, () => {
      const scan = child<{ ms: number }>('scan', large).ms;
      const replay = child<ReplayFigures>('replay', large);
      const again = child<ReplayFigures>('replay again', large);
      const two = child<ReplayFigures>('replay by two', large);
      return { scan, replay, again, two };
    });
    const { scan, replay } = median(rounds, (round) => round.scan / round.replay.ms);
    const byTwo = median(rounds, (round) => round.scan / round.two.ms);
    const rate = (ms: number) => `${(events / ms).toFixed(0)} k/s`;
    console.log(
      `rebuild  ${events} events   scan of NDJSON ${rate(scan)}   replay ${rate(replay.ms)}   ` +
        `ratio ${(scan / replay.ms).toFixed(2)} (median of ${ROUNDS} pairs, target ${TARGET})`,
    );
    console.log(
      `         two workers   scan ${rate(byTwo.scan)}   replay ${rate(byTwo.two.ms)}   ` +
        `ratio ${(byTwo.scan / byTwo.two.ms).toFixed(2)} (target ${TARGET_OF_TWO})`,
    );
    const peak = Math.max(...rounds.map((round) => round.replay.workerMb));
    const smallPeak = child<ReplayFigures>('replay', small).workerMb;
    const grown = Math.max(...rounds.map((round) => round.replay.servingMb));
    console.log(
      `         peak of the worker ${peak} MB   with an eighth of the log ${smallPeak} MB   ` +
        `ratio ${(peak / smallPeak).toFixed(2)} (target ${MEMORY_TARGET})   the serving process grew by ${grown} MB`,
    );
    console.log(`         error of the estimate, first build   ${errorsIn(rounds.map((round) => round.replay))}`);
    console.log(`         with one before it, to the switch    ${errorsIn(rounds.map((round) => round.again))}`);
    const { ms } = child<{ ms: number }>('repair', large);
    console.log(`         repair of one document ${(ms / 1_000).toFixed(1)} s`);
    const { idle, busy } = child<ReadFigures>('reads', large);
    console.log(
      `         read p50 idle ${idle.toFixed(2)} ms   during a replay ${busy.toFixed(2)} ms   ` +
        `ratio ${(busy / idle).toFixed(2)} (target ${READS_TARGET})`,
    );
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** "at 10 % 3, 12, 5 %": of each round. */
function errorsIn(rounds: readonly ReplayFigures[]): string {
  const at = (percent: number) => rounds.map(({ errors }) => ((errors[percent] ?? NaN) * 100).toFixed(0)).join(', ');
  return [10, 50, 90].map((percent) => `at ${percent} % ${at(percent)} %`).join('   ');
}

function median<T>(rounds: readonly T[], of: (round: T) => number): T {
  return [...rounds].sort((a, b) => of(a) - of(b))[rounds.length >> 1] as T;
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
