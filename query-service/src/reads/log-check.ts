/**
 * Checks for the read path that a view belongs to this log (domain G64): at the first read, then every 10 s, and when its checkpoint
 * goes back. Reads wait for the log only if the last result is older than 20 s.
 */
import type { Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { foreignTo, SAME_LOG_EVERY_MS } from '@creator-dashboards/shared/feed/log-identity';
import type { EventStore, Position } from '@creator-dashboards/shared/ports';
import { isTransient } from '@creator-dashboards/shared/store-errors';
import type { Clock } from '@creator-dashboards/shared/time';

/** Why a view does not belong to this log; null if it does. Throws if the log is unavailable and nothing is known. */
export type LogCheck = (checkpoint: Checkpoint) => Promise<string | null>;

interface Known {
  /** The highest checkpoint seen. */
  readonly position: Position;
  readonly foreign: string | null;
  readonly at: number;
}

export function createLogCheck(events: Pick<EventStore, 'readAt'>, clock: Pick<Clock, 'monotonic'>): LogCheck {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<string | null>>();

  /** While the log is unavailable, the last result stays valid. */
  async function ask(checkpoint: Checkpoint): Promise<string | null> {
    const { _id: feed, position } = checkpoint;
    const at = clock.monotonic();
    const before = known.get(feed);
    const unknown = (error: unknown): string | null => {
      if (!before || !isTransient(error)) throw error;
      return before.foreign;
    };
    const foreign = await foreignTo(events, checkpoint).catch(unknown);
    known.set(feed, { position, foreign, at });
    return foreign;
  }

  /** One check at a time per view. */
  function askOnce(checkpoint: Checkpoint): Promise<string | null> {
    const { _id: feed } = checkpoint;
    const running = asked.get(feed) ?? ask(checkpoint).finally(() => asked.delete(feed));
    asked.set(feed, running);
    return running;
  }

  return async (checkpoint) => {
    const before = known.get(checkpoint._id);
    if (!before || checkpoint.position < before.position) return askOnce(checkpoint);
    const age = clock.monotonic() - before.at;
    if (age >= 2 * SAME_LOG_EVERY_MS) return askOnce(checkpoint);
    if (age >= SAME_LOG_EVERY_MS)
      askOnce(checkpoint).catch(() => undefined); // the next reads get the result
    else known.set(checkpoint._id, { ...before, position: checkpoint.position });
    return before.foreign;
  };
}
