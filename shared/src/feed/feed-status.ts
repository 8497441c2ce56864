/** What a feed tells of itself. */
import type { Position } from '../ports.js';

/** What a feed does in this process. */
export interface FeedStanding {
  readonly name: string;
  readonly role: 'active' | 'standby' | 'stopped';
  readonly error: string | null;
}

export interface FeedStatus extends FeedStanding {
  readonly position: Position;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly parkedKeys: number;
  /** Age of the oldest event that holds a key, 0 where none is parked. */
  readonly oldestParkedSeconds: number;
}
