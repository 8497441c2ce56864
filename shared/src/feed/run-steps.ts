/**
 * Keeps a reader of the log going: it wakes on appends, rests after little work, so that on a busy machine several appends are one batch,
 * and tries again after transient errors, with growing pauses.
 */
import type { EventStore, RecordedEvent } from '../ports.js';
import type { Follower } from '../reader/follower.js';
import { StoreFailed } from '../store-errors.js';
import type { Clock } from '../time.js';
import { ownTurn } from '../turns.js';
import { wait } from '../waiting.js';
import { FeedStopped } from './consumer.js';
import type { Pulse } from './pulse.js';

/** What a step did. After much there may be more at once; after little, what follows is worth waiting for a moment. */
export type Work = 'none' | 'little' | 'much';

const LITTLE = 100;

/** What a batch of so many events is, where at most `limit` are taken at once: a small one says that the end of the log is near. */
export function workOf(events: number, limit: number): Work {
  if (events === 0) return 'none';
  return events < Math.min(LITTLE, limit) ? 'little' : 'much';
}

export interface Steps {
  readonly events: Pick<EventStore, 'onAppend'>;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly pulse: Pulse;
  /** Spares it being woken for what is none of its business. */
  readonly follower?: Follower<RecordedEvent>;
  readonly step: () => Promise<Work>;
  /** How long it rests after little work: as long as that took unless given, since an idle machine has it done at once. */
  readonly restMs?: number;
  /** Whether this process is the one that reads. One on standby looks more often whether it may. */
  readonly isActive: () => boolean;
  /** Called after each step, with why it failed or null. */
  readonly onStep?: (fault: string | null) => void;
}

/** The longest rest that is not asked for: nobody waits longer because the machine is busy. */
const REST_MAX_MS = 50;

/** Runs until aborted. Rejects with FeedStopped or StoreFailed. */
export async function runSteps(
  { events, clock, pulse, follower, step, restMs, isActive, onStep }: Steps,
  signal: AbortSignal,
): Promise<void> {
  let woken = new AbortController();
  const wake = () => woken.abort('woken'); // an Error as the reason would cost more than the wake-up
  const unsubscribe = events.onAppend(wake, follower);
  signal.addEventListener('abort', wake);
  let failures = 0;
  try {
    while (!signal.aborted) {
      try {
        if (woken.signal.aborted) woken = new AbortController();
        const began = clock.monotonic();
        const work = await step();
        failures = 0;
        onStep?.(null);
        const rest = work === 'little' ? (restMs ?? Math.min(REST_MAX_MS, clock.monotonic() - began)) : 0;
        if (rest > 0)
          await wait(clock, rest, signal); // appends do not shorten it
        else if (work !== 'none') await ownTurn();
        if (work !== 'none') continue;
      } catch (error) {
        if (error instanceof FeedStopped || error instanceof StoreFailed) throw error;
        failures += 1;
        onStep?.(error instanceof Error ? error.message : String(error));
      }
      if (failures > 0)
        await wait(clock, Math.min(5_000, 50 * 2 ** failures), signal); // appends do not shorten it
      else await pulse.next(isActive(), woken.signal);
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', wake);
  }
}
