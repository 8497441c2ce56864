/** projector rebuild <view> --id | --creator | --event: has documents made anew, by the projector that feeds the view, or by this process. */
import { createFeed } from '@creator-dashboards/shared/feed';
import { repairsIn, repairWith, type Repair, type RepairResult } from '@creator-dashboards/shared/feed/repairs';
import { isDeadProcess, processName } from '@creator-dashboards/shared/process/process-name';
import { systemClock } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';
import { consumerOf } from '../generations.js';
import * as operate from '../operate/documents.js';
import type { Repairable } from '../rebuild/repair.js';
import type { Selection } from '../rebuild/selection.js';
import { Misuse, operatorOf } from '@creator-dashboards/shared/command-line/frame';
import { portsOf, viewNamed, withStores, type CommandRun, type Io } from './command.js';
import { inWords, repairPlan } from './plan.js';
import { waitOf, type ReplayOptions } from './rebuild.js';

const LOOK_MS = 100;

export async function repair(io: Io, name: string, options: ReplayOptions, selection: Selection): Promise<boolean> {
  const [view, operator] = [viewNamed(io, name), operatorOf(options)];
  const waitMs = waitOf(options);
  if (options.rate !== undefined) throw new Misuse('--rate is for the rebuild of a whole view');
  return withStores(io, options, async (run) => {
    const { output } = run;
    const planned = await repairPlan(run, view, selection);
    output.progress(inWords(planned.plan));
    const { asked } = await operate.repair(portsOf(run), planned, operator);
    const result = sumOf(await followed(run, planned.what, asked, waitMs));
    output.result({ ...planned.plan, result }, textOf(name, result));
    return result.withoutEvents.length === 0;
  });
}

function sumOf(results: readonly RepairResult[]): RepairResult {
  const total = (count: (result: RepairResult) => number) => results.reduce((sum, one) => sum + count(one), 0);
  return {
    events: total(({ events }) => events),
    milliseconds: total(({ milliseconds }) => milliseconds),
    repaired: total(({ repaired }) => repaired),
    unchanged: total(({ unchanged }) => unchanged),
    withoutEvents: results.flatMap(({ withoutEvents }) => withoutEvents),
  };
}

function textOf(view: string, { repaired, unchanged, withoutEvents, events, milliseconds }: RepairResult): string {
  return [
    `${view}: ${repaired} made anew, ${unchanged} right already; ${events} events read in ${milliseconds / 1_000} s`,
    ...withoutEvents.map((key) => `no event of the log has the key ${key}`),
  ].join('\n');
}

/** Follows them to their end. This process feeds the view for as long, and does it, where no projector gets on with it. */
async function followed(
  { stores, output }: CommandRun,
  what: Repairable,
  asked: readonly Repair[],
  waitMs: number,
): Promise<RepairResult[]> {
  let feeding: Feeding | null = null;
  let [seen, movedAt] = ['', systemClock.monotonic()];
  const look = ({ _id, owner, position }: Repair) => {
    const move = `${_id} ${owner} ${position}`;
    if (move !== seen) [seen, movedAt] = [move, systemClock.monotonic()];
    if (position > 0n) output.progress(`read up to position ${position}`);
    feeding?.check();
    if (feeding || systemClock.monotonic() - movedAt < waitMs) return;
    output.progress('no projector gets on with it: this process does it');
    feeding = feed(stores, what);
  };
  const endOf = async (id: string): Promise<RepairResult> => {
    for (;;) {
      const current = await repairWith(stores.reads, id);
      if (!current) throw new Error('the record of the repair is gone: ask for it again');
      if (current.result) return current.result;
      look(current);
      await wait(systemClock, LOOK_MS);
    }
  };
  try {
    const results: RepairResult[] = [];
    for (const { _id } of asked) results.push(await endOf(_id));
    return results;
  } finally {
    await (feeding as Feeding | null)?.stop();
  }
}

interface Feeding {
  /** Throws what ended it. */
  readonly check: () => void;
  readonly stop: () => Promise<void>;
}

/** Feeds what is served as a projector would, or stands by for it. */
function feed({ events, reads }: CommandRun['stores'], { generation, code }: Repairable): Feeding {
  const ended = new AbortController();
  const failures: unknown[] = [];
  const consumer = consumerOf(code, generation);
  const process = { clock: systemClock, owner: processName(), isDead: isDeadProcess };
  const running = createFeed({ consumer, events, reads, ...process, repairs: repairsIn(reads) })
    .run(ended.signal)
    .catch((error: unknown) => void failures.push(error));
  return {
    check() {
      if (failures.length > 0) throw failures[0];
    },
    async stop() {
      ended.abort();
      await running;
    },
  };
}
