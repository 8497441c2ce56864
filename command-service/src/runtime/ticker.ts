/**
 * Runs the clock's tasks, one after the other: at each tick those for which something may be due, with the second at which it is. Where
 * all of them rest there is no tick.
 */
import type { Changes } from '@creator-dashboards/shared/changes/changes';
import type { Log } from '@creator-dashboards/shared/process/log';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { SECOND, toInstant } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';
import type { ClockRun, TickerTask } from './clock-task.js';
import type { CommandService } from './service.js';

export interface Ticker {
  /** Runs every task once, also those that rest; returns the number of documents done. */
  tick(): Promise<number>;
  /** Ticks until aborted. From now on `onFatal` is called when a store fails. */
  run(signal: AbortSignal, onFatal: (error: StoreFailed) => void): Promise<void>;
}

const TICK_MS = SECOND;
/** For watches: what they find is known within a second. */
export const WATCH_MS = SECOND / 4;

export function createTicker(options: {
  readonly tasks: readonly TickerTask[];
  readonly service: CommandService;
  /** What this process writes to the read store. */
  readonly changes: Pick<Changes, 'listen'>;
  readonly log: Log;
  /** From one tick to the next at least. Default: a second. */
  readonly everyMs?: number;
  /** Called after each run of each task. */
  readonly onRun?: (task: string, run: ClockRun) => void;
}): Ticker {
  const { tasks, service, changes, log, everyMs = TICK_MS, onRun } = options;
  const { clock } = service;
  let onFatal: (error: StoreFailed) => void = () => undefined; // until `run` names it
  let stopping: AbortSignal | undefined;
  /** Until when a task rests, by the monotonic clock. */
  const rests = new Map<TickerTask, number>();
  /** What was written to since its run began. */
  const woken = new Set<TickerTask>();
  let endPause: () => void = () => undefined;

  async function attempt(task: TickerTask): Promise<ClockRun> {
    try {
      return await task.run(service, toInstant(clock.now()), stopping);
    } catch (fault) {
      if (fault instanceof StoreFailed) onFatal(fault);
      return { done: 0, failed: 1, fault };
    }
  }

  async function runTask(task: TickerTask): Promise<number> {
    const began = clock.monotonic();
    woken.delete(task);
    const ran = await attempt(task);
    const { done, failed, fault, restMs } = ran;
    if (restMs === undefined || woken.has(task)) rests.delete(task);
    else rests.set(task, began + restMs);
    if (failed > 0)
      log.error({ err: fault, task: task.name, failed, done }, 'a clock task failed; it runs again at the next tick');
    onRun?.(task.name, ran);
    return done;
  }

  async function tick(due: readonly TickerTask[] = tasks): Promise<number> {
    let all = 0;
    for (const task of due) all += await runTask(task);
    return all;
  }

  function wake(collection: string): void {
    for (const task of tasks) {
      if (!task.wokenBy?.includes(collection)) continue;
      woken.add(task);
      if (rests.delete(task)) endPause();
    }
  }

  /** Until one of the tasks has rested; earlier where one is woken. */
  async function pause(signal: AbortSignal): Promise<void> {
    const restMs = Math.min(...tasks.map((task) => rests.get(task) ?? -Infinity)) - clock.monotonic();
    if (restMs <= 0 || signal.aborted) return;
    const pausing = new AbortController();
    endPause = () => pausing.abort();
    signal.addEventListener('abort', endPause);
    await wait(clock, restMs, pausing.signal);
    signal.removeEventListener('abort', endPause);
  }

  return {
    tick: () => tick(),
    async run(signal, hear) {
      if (tasks.length === 0) return;
      onFatal = hear;
      stopping = signal;
      const deafen = changes.listen(({ collection }) => wake(collection));
      while (!signal.aborted) {
        await wait(clock, everyMs, signal);
        await pause(signal);
        const now = clock.monotonic();
        if (!signal.aborted) await tick(tasks.filter((task) => (rests.get(task) ?? now) <= now));
      }
      deafen();
    },
  };
}
