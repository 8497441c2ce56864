/**
 * The life of a process: start, readiness, and one ordered shutdown (design rule 15): not ready -> stop accepting -> drain ->
 * close in reverse order -> exit. Nothing here decides what a process does; it only knows when.
 */
import { EnvironmentError } from './environment.js';
import type { Log } from './log.js';
import { StoreFailed } from '../store-errors.js';
import { systemClock, type Clock } from '../time.js';
import { within } from '../waiting.js';

type Step = () => unknown;

export interface Lifecycle {
  /** True from the end of `start` until a shutdown begins: what /readyz says first. */
  isReady(): boolean;
  /** First stage: stop accepting new work (a listening socket). */
  onStopAccepting(name: string, step: Step): void;
  /** Second stage, all at once: finish work under way, flush checkpoints. */
  onDrain(name: string, step: Step): void;
  /** Last stage, one after the other in reverse order: what was opened first is closed last. */
  onClose(name: string, step: Step): void;
  /** Runs the stages once; later calls return the same exit code: 0 unless another was asked for or something failed. */
  shutdown(reason: string, exitCode?: number): Promise<number>;
  /** The process cannot go on (a failed store): logs why, shuts down, exits with 1. */
  fatal(error: unknown): void;
}

interface LifecycleOptions {
  readonly log: Log;
  /** Called with the exit code when a shutdown has ended. */
  readonly exit: (code: number) => void;
  /** Time limit of draining, and of each other step. After it the shutdown goes on without the step. */
  readonly drainMs?: number;
  readonly stepMs?: number;
  readonly clock?: Pick<Clock, 'after'>;
}

export function createLifecycle({
  log,
  exit,
  drainMs = 10_000,
  stepMs = 5_000,
  clock = systemClock,
}: LifecycleOptions): Lifecycle & { markReady(): void } {
  const stages = { stopAccepting: [] as NamedStep[], drain: [] as NamedStep[], close: [] as NamedStep[] };
  let ready = false;
  let ending: Promise<number> | undefined;
  let failed = false;

  /** Whether the step succeeded in time. A failed step never keeps the others from running. */
  async function run({ name, step }: NamedStep, ms: number): Promise<boolean> {
    try {
      const work = (async () => step())();
      await within(clock, ms, work, () => new Error(`not done within ${ms} ms`));
      return true;
    } catch (error) {
      log.error({ err: error, step: name }, 'a shutdown step failed');
      return false;
    }
  }

  async function runAll(reason: string): Promise<boolean> {
    log.info({ reason }, 'shutting down');
    const results = await Promise.all(stages.stopAccepting.map((step) => run(step, stepMs)));
    results.push(...(await Promise.all(stages.drain.map((step) => run(step, drainMs)))));
    for (const step of stages.close.toReversed()) results.push(await run(step, stepMs));
    return results.every(Boolean);
  }

  function shutdown(reason: string, exitCode = 0): Promise<number> {
    ready = false;
    ending ??= runAll(reason).then((clean) => {
      const code = exitCode || (clean && !failed ? 0 : 1);
      log.info({ code }, 'stopped');
      exit(code);
      return code;
    });
    return ending;
  }

  return {
    isReady: () => ready,
    markReady() {
      ready = ending === undefined;
    },
    onStopAccepting: (name, step) => void stages.stopAccepting.push({ name, step }),
    onDrain: (name, step) => void stages.drain.push({ name, step }),
    onClose: (name, step) => void stages.close.push({ name, step }),
    shutdown,
    fatal(error) {
      if (!failed) sayFatal(log, error, 'the process cannot go on'); // a failed store fails in many places at once: log it once
      failed = true;
      void shutdown('fatal error', 1);
    },
  };
}

/** Errors with a message for the operator are logged without a stack. */
function sayFatal(log: Log, error: unknown, message: string): void {
  if (error instanceof EnvironmentError || error instanceof StoreFailed) log.fatal(error.message);
  else log.fatal({ err: error }, message);
}

interface NamedStep {
  readonly name: string;
  readonly step: Step;
}

interface ProcessOptions extends Omit<LifecycleOptions, 'exit'> {
  /** Opens everything and registers how it is closed. The process is ready when it resolves; if it throws, it exits with 1. */
  readonly start: (lifecycle: Lifecycle) => Promise<void>;
  readonly exit?: (code: number) => void;
  /** The source of signals and uncaught errors: the process, or a fake in tests. */
  readonly events?: NodeJS.EventEmitter;
}

/** Runs a process to its end. SIGTERM and SIGINT shut down in order, a second one at once; uncaught errors end it with 1. */
export async function runProcess({
  start,
  exit = (code) => process.exit(code),
  events = process,
  ...options
}: ProcessOptions): Promise<Lifecycle> {
  const { log } = options;
  const lifecycle = createLifecycle({ ...options, exit });
  let signalled = false;
  const onSignal = (signal: string) => {
    if (signalled) {
      log.warn({ signal }, 'second signal: stopping at once');
      return exit(1);
    }
    signalled = true;
    void lifecycle.shutdown(signal);
  };
  // The state of the process is unknown now: exit at once. Everything acknowledged is durable.
  const onUncaught = (error: unknown) => {
    log.fatal({ err: error }, 'uncaught error');
    exit(1);
  };
  events.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  events.on('uncaughtException', onUncaught).on('unhandledRejection', onUncaught);
  try {
    await start(lifecycle);
    lifecycle.markReady();
    log.info('ready');
  } catch (error) {
    sayFatal(log, error, 'the process could not start');
    await lifecycle.shutdown('failed start', 1);
  }
  return lifecycle;
}
