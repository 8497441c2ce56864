/** Keeps a reader of the log going: it wakes on appends, and tries again after transient errors, with growing pauses. */
import type { EventStore, RecordedEvent } from '../ports.js';
import type { Follower } from '../reader/follower.js';
import { StoreFailed } from '../store-errors.js';
import type { Clock } from '../time.js';
import { laterTurn } from '../turns.js';
import { wait } from '../waiting.js';
import { FeedStopped } from './consumer.js';
import type { Pulse } from './pulse.js';

export interface Steps {
  readonly events: Pick<EventStore, 'onAppend'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly pulse: Pulse;
  /** Spares it being woken for what is none of its business. */
  readonly follower?: Follower<RecordedEvent>;
  /** Does some work; false where there was none. */
  readonly step: () => Promise<boolean>;
  /** Whether this process is the one that reads. One on standby looks more often whether it may. */
  readonly isActive: () => boolean;
  /** Called after each step, with why it failed or null. */
  readonly onStep?: (fault: string | null) => void;
}

/** Runs until aborted. Rejects with FeedStopped or StoreFailed. */
export async function runSteps(
  { events, clock, pulse, follower, step, isActive, onStep }: Steps,
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
        const isBusy = await step();
        failures = 0;
        onStep?.(null);
        if (isBusy) {
          await laterTurn();
          continue;
        }
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
