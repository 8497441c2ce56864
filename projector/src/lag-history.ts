/**
 * How far what follows the log was behind in the last 15 minutes, as this process looked every 10 seconds; of what it feeds itself, the
 * most since the look before. Kept in memory: your monitoring keeps more (`feed_lag_seconds`).
 */
import { lagOf } from '@creator-dashboards/shared/feed/lag';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import { MINUTE, SECOND, type WallClock } from '@creator-dashboards/shared/time';

export const LOOKED_EVERY_MS = 10 * SECOND;
const LOOKS = (15 * MINUTE) / LOOKED_EVERY_MS;
const MAX_FEEDS = 1_000;

export interface LaggingFeed {
  /** "<view>.<generation>", "policy.<name>" or "lookup.<name>.v<version>". */
  readonly name: string;
  /** The newest last, as many of each feed; null where nobody ran it, and before this process looked. */
  readonly lagSeconds: readonly (number | null)[];
}

export interface LagHistory {
  /** Hears how far a feed of this process was behind. */
  heard(name: string, lagSeconds: number): void;
  /** Looks at what somebody runs. Call it every LOOKED_EVERY_MS. */
  look(): Promise<void>;
  feeds(): readonly LaggingFeed[];
}

interface Ports {
  readonly events: EventStore;
  readonly reads: Pick<ReadStore, 'find'>;
  readonly clock: WallClock;
}

export function createLagHistory({ events, reads, clock }: Ports): LagHistory {
  /** By feed, in seconds; the newest look last. */
  let looks: readonly ReadonlyMap<string, number>[] = [];
  /** The most of each since the newest look. */
  let most = new Map<string, number>();

  return {
    heard: (name, lagSeconds) => void most.set(name, Math.max(lagSeconds, most.get(name) ?? 0)),
    async look() {
      const head = await events.head();
      const checkpoints = await reads.find<Checkpoint>(CHECKPOINTS, { limit: MAX_FEEDS });
      const seen = new Map<string, number>();
      for (const { _id: name, position, owner } of checkpoints) {
        if (owner === '') continue;
        const { lagSeconds } = position >= head ? { lagSeconds: 0 } : await lagOf(events, clock, position);
        seen.set(name, Math.max(lagSeconds, most.get(name) ?? 0));
      }
      most = new Map();
      looks = [...looks, seen].slice(-LOOKS);
    },
    feeds() {
      const names = new Set(looks.flatMap((seen) => [...seen.keys()]));
      const before = Array.from({ length: LOOKS - looks.length }, () => null);
      return [...names].sort().map((name) => ({
        name,
        lagSeconds: [...before, ...looks.map((seen) => seen.get(name) ?? null)],
      }));
    },
  };
}
