/**
 * The pulse of a process. One timer wakes all its consumers of the log at once, and what they do with the records of their leases in one
 * turn of the event loop is one read, and one write. So an idle process writes once a beat, however many consumers it runs.
 */
import type { Document, GuardedWrite, ReadStore } from '../ports.js';
import type { Clock } from '../time.js';
import { readTogether, together } from '../together.js';

export const BEAT_MS = 2_000;
/** How often a standby looks whether it may take over. A holder, which appends wake, looks for more with each beat. */
const STANDBY_MS = BEAT_MS / 4;

export interface Pulse {
  /** Number of the present beat, by the monotonic clock: one more every BEAT_MS. */
  readonly beat: () => number;
  /** Resolves once a beat, for a standby four times, in the same turn for all; earlier when `signal` is aborted. */
  readonly next: (isHolder: boolean, signal: AbortSignal) => Promise<void>;
  /** As ReadStore.get. */
  readonly get: <D extends Document>(collection: string, id: string) => Promise<D | null>;
  /** How many records name this owner. */
  readonly owned: (collection: string, owner: string) => Promise<number>;
  /** As ReadStore.write of one document: whether its guard held. */
  readonly write: (collection: string, write: GuardedWrite) => Promise<boolean>;
}

export interface PulseOptions {
  readonly reads: Pick<ReadStore, 'get' | 'getMany' | 'count' | 'write'>;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
}

interface Waiting {
  readonly dueAt: number;
  readonly end: () => void;
}

export function createPulse({ reads, clock }: PulseOptions): Pulse {
  const waiting = new Set<Waiting>();
  let timer: { readonly dueAt: number; readonly cancel: () => void } | null = null;
  const after = (ms: number) => (Math.floor(clock.monotonic() / ms) + 1) * ms;

  function tick(): void {
    timer = null;
    const now = clock.monotonic();
    for (const one of waiting) if (one.dueAt <= now) one.end();
    for (const { dueAt } of waiting) start(dueAt); // also where the timer came early
  }

  /** One timer, for whoever is due first. */
  function start(dueAt: number): void {
    if (timer && timer.dueAt <= dueAt) return;
    timer?.cancel();
    timer = { dueAt, cancel: clock.after(Math.max(0, dueAt - clock.monotonic()), tick) };
  }

  const writeAll = together((collection: string, writes: readonly GuardedWrite[]) => reads.write(collection, writes));

  const countAll = together(async (collection: string, owners: readonly string[]) => {
    const counts = await Promise.all(owners.map((owner) => reads.count(collection, { owner })));
    return new Map(owners.map((owner, n) => [owner, counts[n] ?? 0]));
  });

  return {
    beat: () => Math.floor(clock.monotonic() / BEAT_MS),
    next(isHolder, signal) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const one = { dueAt: after(isHolder ? BEAT_MS : STANDBY_MS), end };
        waiting.add(one);
        signal.addEventListener('abort', end);
        start(one.dueAt);
        function end(): void {
          waiting.delete(one);
          signal.removeEventListener('abort', end);
          if (waiting.size === 0) stop();
          resolve();
        }
      });
    },
    get: readTogether(reads).get,
    owned: async (collection, owner) => (await countAll(collection, owner, owner)).get(owner) ?? 0,
    async write(collection, write) {
      const id = write.document._id;
      return (await writeAll(collection, id, write)).has(id);
    },
  };

  function stop(): void {
    timer?.cancel();
    timer = null;
  }
}
