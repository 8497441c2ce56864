/** projector rebuild <view> --id: has single documents made anew, by the projector that feeds the view, or by this process. */
import { createFeed } from '@creator-dashboards/shared/feed';
import { repairWith, type Repair } from '@creator-dashboards/shared/feed/repairs';
import { isDeadProcess, processName } from '@creator-dashboards/shared/process/process-name';
import { systemClock } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';
import { consumerOf } from '../generations.js';
import { planRepair, repairable, type Repairable } from '../rebuild/repair.js';
import { Misuse, viewNamed, withStores, type CommandRun, type Io } from './command.js';
import { waitOf, type ReplayOptions } from './rebuild.js';

const LOOK_MS = 100;

export interface RepairOptions extends ReplayOptions {
  readonly id: readonly string[];
}

export async function repair(io: Io, name: string, options: RepairOptions): Promise<boolean> {
  const view = viewNamed(io, name);
  const waitMs = waitOf(options);
  if (options.rate !== undefined) throw new Misuse('--rate is for the rebuild of a whole view');
  return withStores(io, options, async (run) => {
    const { stores, output } = run;
    const what = await repairable(stores.reads, view);
    const asked = await planRepair({ ...stores, clock: systemClock }, what, [...new Set(options.id)]);
    const done = await followed(run, what, asked, waitMs);
    output.result({ view: name, generation: what.generation, ...done }, textOf(name, done));
    return done.result?.withoutEvents.length === 0;
  });
}

function textOf(view: string, { result }: Repair): string {
  if (!result) return `${view}: not repaired`;
  const { repaired, unchanged, withoutEvents, events, milliseconds } = result;
  return [
    `${view}: ${repaired} made anew, ${unchanged} right already; ${events} events read in ${milliseconds / 1_000} s`,
    ...withoutEvents.map((key) => `no event of the log has the key ${key}`),
  ].join('\n');
}

/** Follows it to its end. This process feeds the view for as long, and does it, where no projector gets on with it. */
async function followed(
  { stores, output }: CommandRun,
  what: Repairable,
  asked: Repair,
  waitMs: number,
): Promise<Repair> {
  let feeding: Feeding | null = null;
  let [seen, movedAt] = ['', systemClock.monotonic()];
  let current = asked;
  try {
    while (current.state === 'ASKED') {
      const move = `${current.owner} ${current.position}`;
      if (move !== seen) [seen, movedAt] = [move, systemClock.monotonic()];
      if (!feeding && systemClock.monotonic() - movedAt >= waitMs) {
        output.progress('no projector gets on with it: this process does it');
        feeding = feed(stores, what);
      }
      await wait(systemClock, LOOK_MS);
      feeding?.check();
      current = (await repairWith(stores.reads, asked._id)) ?? current;
      if (current.position > 0n) output.progress(`read up to position ${current.position}`);
    }
    return current;
  } finally {
    await feeding?.stop();
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
  const running = createFeed({ consumer, events, reads, ...process, repairs: true })
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
