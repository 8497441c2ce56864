/** A log in memory that only grows, for tests that need events of any kind at any position. */
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';

export interface GrowingLog extends EventStore {
  /** Adds events after the others and wakes the subscribers. */
  add(events: readonly RecordedEvent[]): void;
  /** All events so far. */
  readonly all: readonly RecordedEvent[];
}

export function logOf(events: readonly RecordedEvent[] = []): GrowingLog {
  const all = [...events];
  const wakes = new Set<() => void>();
  const after = (position: Position) => all.filter((event) => event.position > position);
  return {
    all,
    add(more) {
      all.push(...more);
      for (const wake of wakes) wake();
    },
    async append() {
      throw new Error('this log is given, not appended to');
    },
    async readStream(stream, { from = 0n, limit = Infinity } = {}) {
      return all.filter((event) => event.stream === stream && event.revision >= from).slice(0, limit);
    },
    async readAll({ after: position, limit }) {
      return after(position).slice(0, limit);
    },
    async readAt(position) {
      return all.find((event) => event.position === position) ?? null;
    },
    async readMany(positions) {
      return positions.flatMap((at) => all.find((event) => event.position === at) ?? []);
    },
    async head() {
      return all.at(-1)?.position ?? 0n;
    },
    async countAfter(position) {
      return after(position).length;
    },
    onAppend(wake) {
      wakes.add(wake);
      return () => wakes.delete(wake);
    },
    async damage() {
      return [];
    },
    async close() {},
  };
}
