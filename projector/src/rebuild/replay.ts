/**
 * The first part of a rebuild: the log up to the end that its plan names, folded share by share, by as many workers as there are. The
 * worker that holds the lease of the candidate's feed waits for all of them; then the feed goes on from that end.
 */
import { createLease, LeaseLost } from '@creator-dashboards/shared/feed/lease';
import { FeedStopped } from '@creator-dashboards/shared/feed/consumer';
import type { ShareOptions } from './share.js';
import { createShares, type SharesProgress } from './shares.js';

export interface ReplayStep {
  /** Standby: another worker holds the lease. Waiting: for other workers. Over: all is folded, and the feed has the rest. */
  readonly state: 'folding' | 'waiting' | 'standby' | 'over';
  readonly seen: number;
}

export interface Replay {
  /** Reads and folds one page, or stores a batch of documents. */
  step(): Promise<ReplayStep>;
  /** Of all workers together. */
  progress(): Promise<SharesProgress>;
  /** Stores what is folded, so that another worker goes on from there, and gives the leases back. */
  release(): Promise<void>;
}

export function createReplay(options: ShareOptions): Replay {
  const { consumer, events, reads, upTo } = options;
  const prepare = () => reads.declare(consumer.collection, [...consumer.indexes, 'parked']);
  const lease = createLease({ ...options, prepare, begin: async () => undefined, stop });
  const shares = createShares(options, 0);
  let isOver = false;

  function stop(reason: string): never {
    throw new FeedStopped(`${consumer.name}: ${reason}`);
  }

  /** The feed begins where every share ends. */
  async function finish(): Promise<ReplayStep> {
    const last = await events.readAt(upTo);
    if (!last) stop(`the log has no event at position ${upTo} any more`);
    return (await lease.moveTo(last)) ? over() : { state: 'standby', seen: 0 };
  }

  async function over(): Promise<ReplayStep> {
    isOver = true;
    await lease.release();
    return { state: 'over', seen: 0 };
  }

  async function step(): Promise<ReplayStep> {
    if (!(await lease.acquire())) return { state: 'standby', seen: 0 };
    if (upTo === 0n || (lease.checkpoint()?.position ?? 0n) > 0n) return over();
    await lease.stayActive();
    const { state, seen } = await shares.step();
    return state === 'done' ? finish() : { state, seen };
  }

  async function release(): Promise<void> {
    try {
      await shares.release();
    } finally {
      await lease.release();
    }
  }

  return {
    async step() {
      if (isOver) return over();
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof LeaseLost)) throw error;
        await release();
        return { state: 'standby', seen: 0 };
      }
    },
    progress: () => shares.progress(),
    release: async () => {
      if (!isOver) await release();
    },
  };
}
