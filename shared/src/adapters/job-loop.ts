/** The loop of every job queue's worker: one job after the other, with pauses, until it is stopped. */
import { SECOND, type Clock } from '../time.js';
import { wait } from '../waiting.js';

export interface Worker {
  /** A hint to look for a job now. */
  wake(): void;
  /** Aborts the running job, waits until its handler has ended, and takes no other. Idempotent. */
  stop(): Promise<void>;
}

export interface LoopOptions<Begun> {
  /** Begins a job; null if there is none. */
  readonly next: () => Promise<Begun | null>;
  /** Runs a begun job to its end. */
  readonly run: (begun: Begun, stopping: AbortSignal) => Promise<void>;
  /** Gives back a job that was begun but will not run here. */
  readonly release: (begun: Begun) => Promise<unknown>;
  readonly clock: Pick<Clock, 'after'>;
  /** Pause when there is no job; after an error it doubles, up to two seconds. */
  readonly pollMs: number;
  /** Called with the first error of a row of them, and with each error of a run. */
  readonly onError: (error: unknown) => void;
}

const MAX_PAUSE_MS = 2 * SECOND;

export function startLoop<Begun>(options: LoopOptions<Begun>): Worker {
  const { next, run, release, clock, pollMs, onError } = options;
  const stopping = new AbortController();
  let woken = new AbortController();

  /** Ends early when stopped or woken, also if woken just before. */
  async function idle(ms: number): Promise<void> {
    if (stopping.signal.aborted) return;
    await wait(clock, ms, woken.signal);
    woken = new AbortController();
  }

  async function loop(): Promise<void> {
    let pauseMs = pollMs;
    let told = false;
    while (!stopping.signal.aborted) {
      try {
        const begun = await next();
        pauseMs = pollMs;
        told = false;
        if (begun && stopping.signal.aborted) await release(begun);
        else if (begun) await run(begun, stopping.signal);
        else await idle(pauseMs);
      } catch (error) {
        if (!told) onError(error);
        told = true;
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
