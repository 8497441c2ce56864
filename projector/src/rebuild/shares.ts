/** All shares of a rebuild, as one worker sees them: it folds the first that is free, then the next, until all are done. */
import { PARKED_MAX } from '@creator-dashboards/shared/feed';
import { FeedStopped } from '@creator-dashboards/shared/feed/consumer';
import { LeaseLost, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { Position } from '@creator-dashboards/shared/ports';
import type { View } from '@creator-dashboards/shared/views/view';
import { consumerOf } from '../generations.js';
import { NO_COST, sumOf, type Cost } from './estimate.js';
import type { Rebuild } from './plan.js';
import { batchAt } from './throttle.js';
import { partOfLog, SLOTS, slotsOfShare } from './slots.js';
import { createShare, shareName, SHARES, type Share, type ShareOptions } from './share.js';
import { documentsBefore } from './work.js';

export interface SharesProgress {
  /** Events read by all workers. */
  readonly events: number;
  /** Events to read still, where the same one is read by each window. An estimate. */
  readonly left: number;
  /** Documents in memory that are not in the store yet. */
  readonly unstored: number;
  /** How many workers have a share at present, perhaps dead ones among them. */
  readonly workers: number;
  /** Where the window of this worker is; null where it has none. */
  readonly position: Position | null;
  /** Documents that are stored for good, and those that will still be, about. */
  readonly stored: number;
  readonly toStore: number;
  /** What it took this worker to store documents. */
  readonly storing: Cost;
}

export interface Shares {
  /** Reads and folds one page, or stores a batch of documents. Waiting: all shares that are not done are other workers', or there is nothing to read yet. */
  step(): Promise<{ readonly state: 'folding' | 'waiting' | 'done'; readonly seen: number }>;
  progress(): Promise<SharesProgress>;
  /** Stores what is folded, so that another worker goes on from there, and gives the share back. */
  release(): Promise<void>;
}

/** What a worker opens shares by. */
export interface ReplayPorts extends Pick<ShareOptions, 'events' | 'reads' | 'clock' | 'owner' | 'isDead' | 'tracer'> {
  /** Events per page. */
  readonly batch?: number;
  /** Memory for the documents of a window. */
  readonly windowBytes?: number;
}

/** Documents stay in memory from page to page: with larger ones, what is read lives long enough to cost the garbage collector more. */
const PAGE = 1_000;
/** Read at once it takes ten times as much memory. */
const PAGE_BYTES = 4 * 1024 * 1024;
const WINDOW_BYTES = 64 * 1024 * 1024;
/** How many times as many documents may come as are served. */
const GROWN = 1.5;

/** What a worker folds shares of a plan by. */
export function shareOptions(ports: ReplayPorts, view: View, plan: Rebuild): ShareOptions {
  const { generation, shares, upTo, rate } = plan;
  const served = documentsBefore(plan.work);
  return {
    ...ports,
    view,
    consumer: consumerOf(view, generation),
    shares,
    upTo: BigInt(upTo),
    page: batchAt(rate && rate / shares, ports.batch ?? PAGE),
    pageBytes: PAGE_BYTES,
    bytes: ports.windowBytes ?? WINDOW_BYTES,
    mostPerSlot: served > 0 ? (served * GROWN) / SLOTS : Infinity,
  };
}

/** `first` is the share that this worker looks at first. */
export function createShares(options: ShareOptions, first: number): Shares {
  const { consumer, events, reads, shares, upTo } = options;
  const all = Array.from({ length: shares }, (_, n) => createShare(options, n));
  const names = all.map((_, n) => shareName(consumer, n));
  const { from, to } = slotsOfShare(0, shares);
  /** Those that are not known to be done, in the order in which this worker looks at them. */
  let open = all.map((_, n) => (first + n) % shares);
  let own: { readonly share: Share; readonly index: number } | null = null;

  async function records(): Promise<Map<string, Checkpoint>> {
    return reads.getMany<Checkpoint>(SHARES, names);
  }

  async function take(): Promise<void> {
    const found = await records();
    open = open.filter((index) => found.get(names[index] ?? '')?.share?.slices.length !== 0);
    for (const index of open) {
      const share = all[index];
      if (!share || !(await share.acquire())) continue;
      if (!share.isDone()) return void (own = { share, index });
      await share.release(); // done since it was looked at
    }
  }

  async function stepOf(share: Share): Promise<number | null> {
    const seen = await share.step();
    if (!share.isDone()) return seen;
    own = null;
    await share.release();
    return seen;
  }

  return {
    async step() {
      if (!own) await take();
      if (!own) return { state: open.length === 0 ? 'done' : 'waiting', seen: 0 };
      try {
        const seen = await stepOf(own.share);
        return seen === null ? { state: 'waiting', seen: 0 } : { state: 'folding', seen };
      } catch (error) {
        if (!(error instanceof LeaseLost)) throw error;
        own = null;
        return { state: 'waiting', seen: 0 };
      }
    },
    async progress() {
      const found = await records();
      const [whole, beyond] = await Promise.all([0n, upTo].map((after) => events.countAfter(after)));
      const untouched = Math.round(
        ((whole ?? 0) - (beyond ?? 0)) * (own?.share.partOf(to - from) ?? partOfLog(options.view, to - from)),
      );
      const works = names.map((name, n) => (own?.index === n ? own.share.work() : found.get(name)?.share));
      const sum = (of: (work: NonNullable<(typeof works)[0]>) => number, none = 0) =>
        works.reduce((total, work) => total + (work ? of(work) : none), 0);
      const parked = sum((work) => work.parked);
      if (parked > PARKED_MAX) throw new FeedStopped(`${consumer.name}: more than ${PARKED_MAX} keys are parked`);
      return {
        events: sum(({ seen }) => seen),
        left: sum(({ left }) => left, untouched) + (beyond ?? 0),
        unstored: sum(({ unstored }) => unstored),
        workers: names.filter((name) => found.get(name)?.owner).length,
        position: own?.share.position() ?? null,
        stored: sum(({ stored = 0 }) => stored),
        // Shares that nobody has begun are like this worker's.
        toStore: sum(({ toStore = 0 }) => toStore, own?.share.work().toStore),
        storing: sumOf(all.map((share) => share.storing())) ?? NO_COST,
      };
    },
    async release() {
      await own?.share.release();
      own = null;
    },
  };
}
