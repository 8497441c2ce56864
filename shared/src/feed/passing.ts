/** Passing over what is appended and none of a consumer's business, without waking it: only its checkpoint moves. */
import type { Position, RecordedEvent } from '../ports.js';
import type { Follower } from '../reader/follower.js';
import type { Consumer } from './consumer.js';
import type { KnownDiscards } from './discards.js';
import { LeaseLost, type Lease } from './lease.js';

/** Who waits for a position waits for no longer than this on a consumer that has nothing to do with it. */
const CHECKPOINT_MS = 10;

export interface PassingOptions {
  readonly consumer: Pick<Consumer, 'takes' | 'lazyCheckpoint' | 'checkpointMs'>;
  readonly discards: Pick<KnownDiscards, 'isNamedBy'>;
  readonly lease: Pick<Lease, 'held' | 'advanceInMemory' | 'storeMoved'>;
  readonly position: () => Position;
  /** Whether it does nothing now that depends on its position. */
  readonly isAtRest: () => boolean;
  /** Runs what must not overlap with what it does. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  /** Called with how many events were passed over since the last time, before their checkpoint is stored. */
  readonly onPassed: (seen: number) => void;
}

export interface Passing {
  readonly follower: Follower<RecordedEvent>;
  /** Calls `onPassed` if there is anything to tell. */
  readonly tell: () => void;
  /**
   * Stores how far a step has come that saw so many events, while the consumer is at rest again: it passes over what is appended meanwhile.
   * Returns their number, 0 if another process took over.
   */
  readonly storing: (step: Promise<number>) => Promise<number>;
}

export function createPassing(options: PassingOptions): Passing {
  const { consumer, discards, lease, position, isAtRest, inTurn, onPassed } = options;
  let passed = 0;

  function tell(): void {
    const seen = passed;
    passed = 0;
    if (seen > 0) onPassed(seen);
  }

  async function store(): Promise<void> {
    tell();
    await lease.storeMoved();
  }

  return {
    tell,
    async storing(step) {
      const seen = await step;
      if (seen === 0 || consumer.lazyCheckpoint) return seen;
      try {
        await inTurn(lease.storeMoved);
        return seen;
      } catch (error) {
        if (error instanceof LeaseLost) return 0;
        throw error;
      }
    },
    follower: {
      passes(after, events) {
        if (!lease.held()) return true; // it stands by, and looks by time whether it may take over
        const last = events.at(-1);
        const at = position();
        if (!last || last.position <= at) return true;
        if (!isAtRest() || at < after) return false;
        const news = events.filter((event) => event.position > at);
        if (news.some((event) => consumer.takes(event) || discards.isNamedBy(event))) return false;
        lease.advanceInMemory(last);
        passed += news.length;
        return true;
      },
      storeMs: consumer.checkpointMs ?? CHECKPOINT_MS,
      store() {
        if (!consumer.lazyCheckpoint) void inTurn(store).catch(() => undefined); // then the next beat does it
      },
    },
  };
}
