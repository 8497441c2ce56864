/** A bound on how many there are at once: requests, bodies being received, connections. With a gauge, and a counter of refusals. */
import type { Metrics } from '../process/metrics.js';

export interface Bound {
  readonly name: string;
  /** Takes a place; false when there is none. */
  take(): boolean;
  /** Gives a place back that was taken. */
  give(): void;
  isFull(): boolean;
}

export function createBound(name: string, max: number, metrics: Pick<Metrics, 'edgeHolds' | 'edgeRefused'>): Bound {
  const refused = metrics.edgeRefused.labels(name);
  let taken = 0;
  metrics.edgeHolds(name, () => taken);
  return {
    name,
    take() {
      if (taken >= max) {
        refused.inc();
        return false;
      }
      taken += 1;
      return true;
    },
    give() {
      taken -= 1;
    },
    isFull: () => taken >= max,
  };
}

/** A count per address, at most `max`. Addresses with a count of zero are not kept. */
export function createShares(max: number): { take(address: string): boolean; give(address: string): void } {
  const shares = new Map<string, number>();
  return {
    take(address) {
      const taken = shares.get(address) ?? 0;
      if (taken >= max) return false;
      shares.set(address, taken + 1);
      return true;
    },
    give(address) {
      const left = (shares.get(address) ?? 1) - 1;
      if (left > 0) shares.set(address, left);
      else shares.delete(address);
    },
  };
}
