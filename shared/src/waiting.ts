/** Waiting, by the injected clock only: every pause, time limit and retry is one of these, so that a test can move the time. */
import type { Clock } from './time.js';

type Timer = Pick<Clock, 'after'>;

/** What is there at once where it can be: a promise for each part of a read would cost more than the rest of it. */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value: at once where it is there. */
export function then<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Resolves after `ms`, or earlier when `signal` is aborted. */
export function wait(clock: Timer, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const cancel = clock.after(ms, end);
    signal?.addEventListener('abort', end);
    function end(): void {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    }
  });
}

/** Settles as `work` does. If that takes longer than `ms`, rejects with the error from `late`; `work` goes on and is ignored. */
export async function within<T>(clock: Timer, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let cancel: () => void = () => undefined;
  const tooLate = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(late()));
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    cancel();
  }
}

/** How long a server is waited for when its store is opened. */
export const SERVER_PATIENCE_MS = 30_000;

export interface Patience {
  /** Time after the first try beyond which no further try is made. */
  readonly patienceMs: number;
  /** Pause before each further try; with a list, one after the other, and no try after the last. */
  readonly pauseMs: number | readonly number[];
  /** Whether an error is transient. */
  readonly isTransient: (fault: unknown) => boolean;
}

/** Tries until it succeeds. Throws the first error that is not transient, or the last one when tries or time run out. */
export async function retry<T>(
  clock: Pick<Clock, 'after' | 'monotonic'>,
  { patienceMs, pauseMs, isTransient }: Patience,
  work: () => Promise<T> | T,
): Promise<T> {
  const giveUpAt = clock.monotonic() + patienceMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (fault) {
      const pause = typeof pauseMs === 'number' ? pauseMs : pauseMs[tries];
      if (!isTransient(fault) || pause === undefined || clock.monotonic() >= giveUpAt) throw fault;
      await wait(clock, pause);
    }
  }
}

/** Repeats `work`, each time `ms` after it ended, until aborted; resolves when the work under way has ended. */
export async function every(
  clock: Timer,
  ms: number,
  work: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await wait(clock, ms, signal);
    if (signal.aborted) return;
    await work();
  }
}

/** Runs calls one after the other, in order; a failure only concerns its own caller. */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
