/** Runs the clock's tasks once a second, or more often, one after the other. */
import type { Log } from '@creator-dashboards/shared/process/log';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { SECOND, toInstant } from '@creator-dashboards/shared/time';
import { every } from '@creator-dashboards/shared/waiting';
import type { ClockRun, TickerTask } from './clock-task.js';
import type { CommandService } from './service.js';

export interface Ticker {
  /** Runs every task once; returns the number of documents done. */
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
  readonly log: Log;
  /** Default: a second. */
  readonly everyMs?: number;
  /** Called after each run of each task. */
  readonly onRun?: (task: string, run: ClockRun) => void;
}): Ticker {
  const { tasks, service, log, everyMs = TICK_MS, onRun } = options;
  let onFatal: (error: StoreFailed) => void = () => undefined; // until `run` names it
  let stopping: AbortSignal | undefined;

  async function runTask(task: TickerTask): Promise<ClockRun> {
    try {
      return await task.run(service, toInstant(service.clock.now()), stopping);
    } catch (fault) {
      if (fault instanceof StoreFailed) onFatal(fault);
      return { done: 0, failed: 1, fault };
    }
  }

  async function tick(): Promise<number> {
    let all = 0;
    for (const task of tasks) {
      const ran = await runTask(task);
      const { done, failed, fault } = ran;
      if (failed > 0)
        log.error({ err: fault, task: task.name, failed, done }, 'a clock task failed; it runs again at the next tick');
      onRun?.(task.name, ran);
      all += done;
    }
    return all;
  }

  return {
    tick,
    run(signal, hear) {
      onFatal = hear;
      stopping = signal;
      return every(service.clock, everyMs, tick, signal);
    },
  };
}
