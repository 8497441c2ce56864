/** Waiting, by the clock alone: every pause, time limit and repeated try is one of these, so that a test can let the time pass. */
import type { Clock } from './time.js';

type Timer = Pick<Clock, 'after'>;

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

/** Settles as `work` does; once that takes longer than `ms`, rejects with what `late` makes, and `work` goes on unheard. */
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

export interface Patience {
  /** How long after the first try another one may still be waited for. */
  readonly patienceMs: number;
  /** Before each further try; of a list one after the other, and no try after the last. */
  readonly pauseMs: number | readonly number[];
  /** Whether a fault may pass. */
  readonly isTransient: (fault: unknown) => boolean;
}

/** Tries until it succeeds. Throws the fault that does not pass, or the last one when patience is at its end. */
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

/** Does `work` again and again, each time `ms` after it ended, until aborted; resolves when what it was doing then has ended. */
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

/** Runs what it is given one after the other, in the order of the calls; a failure is its own caller's alone. */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
