/** What the workers of every job queue do: one job after the other, pauses, an end. */
import { SECOND, type Clock } from '../time.js';
import { wait } from '../waiting.js';

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
  readonly clock: Pick<Clock, 'after'>;
  /** Pause where there is no job; after a fault it doubles, up to two seconds. */
  readonly pollMs: number;
  readonly onError: (error: unknown) => void;
}

const MAX_PAUSE_MS = 2 * SECOND;

export function startLoop<Begun>(options: LoopOptions<Begun>): Worker {
  const { next, run, release, clock, pollMs, onError } = options;
  const stopping = new AbortController();
  let woken = new AbortController();

  /** Ends early when woken, also before, or stopped. */
  async function idle(ms: number): Promise<void> {
    if (stopping.signal.aborted) return;
    await wait(clock, ms, woken.signal);
    woken = new AbortController();
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
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      }
    }
  }

  const ended = loop();
  return {
    wake: () => woken.abort(),
    stop() {
      stopping.abort(new Error('the worker is stopping'));
      woken.abort();
      return ended;
    },
  };
}
