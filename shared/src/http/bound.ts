/** So many at once and no more: requests, bodies on their way, connections. Each is a gauge, and what it turns away a count. */
import type { Metrics } from '../process/metrics.js';

export interface Bound {
  readonly name: string;
  /** Takes a place; false when there is none. */
  take(): boolean;
  /** Gives a place back that was taken. */
  give(): void;
  isFull(): boolean;
}

export function createBound(name: string, max: number, metrics: Pick<Metrics, 'edgeHeld' | 'edgeRefused'>): Bound {
  const held = metrics.edgeHeld.labels(name);
  const refused = metrics.edgeRefused.labels(name);
  let taken = 0;
  held.set(0);
  return {
    name,
    take() {
      if (taken >= max) {
        refused.inc();
        return false;
      }
      taken += 1;
      held.set(taken);
      return true;
    },
    give() {
      taken -= 1;
      held.set(taken);
    },
    isFull: () => taken >= max,
  };
}

/** How many each address has; none has more than `max`. Holds no address that has none. */
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
