/** What the workers of every job queue have in common: one job after the other, pauses, an end; and what became of a handler. */

export interface Worker {
  /** Looks for a job now; a hint. */
  wake(): void;
  /** Aborts the job that runs, waits until its handler has ended, and takes no other. Idempotent. */
  stop(): Promise<void>;
}

export interface LoopOptions<Begun> {
  /** Begins a job; null when there is none. */
  readonly next: () => Promise<Begun | null>;
  /** Runs a begun job to its end. */
  readonly run: (begun: Begun, stopping: AbortSignal) => Promise<void>;
  /** Gives a begun job back that will not be run here. */
  readonly release: (begun: Begun) => Promise<unknown>;
  /** Calls once, `ms` from now; answers how to cancel that. */
  readonly schedule: (call: () => void, ms: number) => () => void;
  /** Pause where there is no job; after a fault it doubles up to `maxPauseMs`. */
  readonly pollMs: number;
  readonly maxPauseMs: number;
  readonly onError: (error: unknown) => void;
}

const MAX_ERROR_LENGTH = 2_000;

export function startLoop<Begun>(options: LoopOptions<Begun>): Worker {
  const { next, run, release, schedule, pollMs, maxPauseMs, onError } = options;
  const stopping = new AbortController();
  let wake = (): void => undefined;
  let woken = false;

  /** Ends early when woken or stopped. */
  async function idle(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      if (woken || stopping.signal.aborted) return resolve();
      const cancel = schedule(resolve, ms);
      wake = () => {
        cancel();
        resolve();
      };
    });
    woken = false;
    wake = () => undefined;
  }

  async function loop(): Promise<void> {
    let pauseMs = pollMs;
    while (!stopping.signal.aborted) {
      try {
        const begun = await next();
        pauseMs = pollMs;
        if (begun && stopping.signal.aborted) await release(begun);
        else if (begun) await run(begun, stopping.signal);
        else await idle(pauseMs);
      } catch (error) {
        onError(error);
        await idle(pauseMs);
        pauseMs = Math.min(pauseMs * 2, maxPauseMs);
      }
    }
  }

  const ended = loop();
  return {
    wake() {
      woken = true;
      wake();
    },
    stop() {
      stopping.abort(new Error('the worker is stopping'));
      wake();
      return ended;
    },
  };
}

/** What a handler failed with, as text; null when it did not fail. */
export async function outcomeOf(handle: () => Promise<void>): Promise<string | null> {
  try {
    await handle();
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.replaceAll('\0', '').slice(0, MAX_ERROR_LENGTH) || 'failed without a message';
  }
}
