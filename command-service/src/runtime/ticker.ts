/** Runs the clock's tasks once a second, one after the other. */
import type { Log } from '@creator-dashboards/shared/process/log';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { toInstant } from '@creator-dashboards/shared/time';
import { createClockRunner, type ClockRun, type ClockTask } from './clock-task.js';
import type { CommandService } from './service.js';

export interface Ticker {
  /** Runs every task once; answers for how many documents it was done. */
  tick(): Promise<number>;
  /** Ticks until stopped. `onFatal` hears of a store that failed, from now on. */
  start(onFatal: (error: StoreFailed) => void): void;
  /** Ends after what is being done. */
  stop(): Promise<void>;
}

const TICK_MS = 1_000;

export function createTicker(options: {
  readonly tasks: readonly ClockTask[];
  readonly service: CommandService;
  readonly log: Log;
  /** Told of each run of each task. */
  readonly onRun?: (task: string, run: ClockRun) => void;
}): Ticker {
  const { service, log, onRun } = options;
  const tasks = options.tasks.map((task) => ({ name: task.name, run: createClockRunner(task) }));
  let onFatal: (error: StoreFailed) => void = () => undefined; // until `start` names it
  let ticking: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function run(task: (typeof tasks)[number]): Promise<ClockRun> {
    try {
      return await task.run(service, toInstant(service.clock.now()));
    } catch (fault) {
      if (fault instanceof StoreFailed) onFatal(fault);
      return { done: 0, failed: 1, fault };
    }
  }

  async function tick(): Promise<number> {
    let all = 0;
    for (const task of tasks) {
      const ran = await run(task);
      const { done, failed, fault } = ran;
      if (failed > 0)
        log.error({ err: fault, task: task.name, failed, done }, 'a clock task failed; it runs again at the next tick');
      onRun?.(task.name, ran);
      all += done;
    }
    return all;
  }

  function next(): void {
    timer = setTimeout(() => {
      ticking = tick().finally(() => {
        if (!stopped) next();
      });
    }, TICK_MS);
  }

  return {
    tick,
    start(hear) {
      onFatal = hear;
      next();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await ticking;
    },
  };
}
