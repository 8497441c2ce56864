/** How fresh a read is: it waits for the position that the caller wants to see, and says which one it shows. */
import { Refused } from '@creator-dashboards/shared/errors';
import type { EventStore, Position } from '@creator-dashboards/shared/ports';
import { fromInstant, SECOND, type Clock, type Instant } from '@creator-dashboards/shared/time';
import { then, type Soon } from '@creator-dashboards/shared/waiting';
import type { Bus } from '../changes/bus.js';

/** What is known at one moment of what a read shows. */
export interface Snapshot {
  /** Everything up to here is included. */
  readonly position: Position;
  /** Since when it lacks what happened, where nobody feeds it, or the config, any more; else null. */
  readonly frozenSince: Instant | null;
}

/** As the bus and the memory know it, or with both passed over as the store has it now. */
export type As = 'known' | 'now';

/** What is shown; `stale` where it has not reached the position of Read-After. */
interface Seen<S extends Snapshot> {
  readonly snapshot: S;
  readonly stale: boolean;
}

export interface FreshReads {
  /**
   * Looks until the position of Read-After is reached, at most a second; without the header at what is known, or once by `current` if
   * given. Throws Refused (400) for a header that is not a position or is ahead of the log.
   */
  read<S extends Snapshot>(
    readAfter: string | undefined,
    look: (as: As) => Soon<S>,
    current?: () => Soon<S>,
  ): Soon<Seen<S>>;
  /** The headers that say how fresh an answer is. */
  headersOf(seen: Seen<Snapshot>, degraded: boolean): Record<string, string>;
}

export interface FreshReadsOptions {
  readonly events: Pick<EventStore, 'head'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly bus: Pick<Bus, 'turn' | 'next'>;
  /** Resolves after `ms`, or earlier when views may have moved: what the bus knows unless given. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** How long a read waits for its Read-After position. */
const READ_AFTER_WAIT_MS = SECOND;
/** How often a waiting read looks, however often views move. */
const MAX_LOOKS = 1_000;
/** How many reads may wait at the same time; further ones answer at once, marked stale. */
export const MAX_WAITING = 500;
const MAX_POSITION = 2n ** 63n - 1n;

export function createFreshReads({ events, clock, bus, pause }: FreshReadsOptions): FreshReads {
  let waiting = 0;

  async function reach<S extends Snapshot>(after: Position, look: (as: As) => Soon<S>): Promise<Seen<S>> {
    const deadline = clock.monotonic() + READ_AFTER_WAIT_MS;
    let turn = bus.turn();
    let snapshot = await look('now');
    if (snapshot.position >= after) return { snapshot, stale: false };
    if (after > (await events.head())) throw new Refused('common.position_ahead');
    if (waiting >= MAX_WAITING || snapshot.frozenSince !== null) return { snapshot, stale: true };
    waiting += 1;
    try {
      for (let looks = 0; looks < MAX_LOOKS && clock.monotonic() < deadline; looks += 1) {
        const ms = deadline - clock.monotonic();
        await (pause ? pause(ms) : bus.next(turn, ms));
        turn = bus.turn();
        snapshot = await look('known');
        if (snapshot.position >= after) return { snapshot, stale: false };
      }
    } finally {
      waiting -= 1;
    }
    return { snapshot, stale: true };
  }

  return {
    read(readAfter, look, current = () => look('known')) {
      const after = positionIn(readAfter);
      return after === null ? then(current(), (snapshot) => ({ snapshot, stale: false })) : reach(after, look);
    },

    headersOf({ snapshot: { position, frozenSince }, stale }, degraded) {
      const headers: Record<string, string> = {
        'X-Position': position.toString(),
        'Cache-Control': 'private, no-cache',
      };
      if (stale || frozenSince !== null) headers['X-Stale'] = 'true';
      if (frozenSince !== null)
        headers['X-Age'] = Math.max(0, Math.floor((clock.now() - fromInstant(frozenSince)) / SECOND)).toString();
      if (degraded) headers['X-Degraded'] = 'true';
      return headers;
    },
  };
}

/** The position that the caller wants to see at least; null without Read-After. */
function positionIn(header: string | undefined): Position | null {
  if (header === undefined) return null;
  const position = /^\d{1,19}$/.test(header) ? BigInt(header) : MAX_POSITION + 1n;
  if (position > MAX_POSITION)
    throw new Refused('common.validation_failed', { details: [{ message: 'Read-After: must be a position' }] });
  return position;
}
