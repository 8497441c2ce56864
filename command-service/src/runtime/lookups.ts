/**
 * Look-ups (domain 9.4): small folds of the command service's own, fed by its own feed into its own collections, so that a
 * rebuilt or frozen dashboard view never stops or misleads a command.
 */
import { foldConsumer, type Consumer } from '@creator-dashboards/shared/feed/consumer';
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, Query, ReadStore } from '@creator-dashboards/shared/ports';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import type { Clock } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';

export interface Lookups {
  /** The document, or null. On a miss it waits until the look-ups have passed the present head, at most 1 s. */
  get<D extends FoldedDocument>(lookup: Fold<D>, id: string): Promise<D | null>;
  find<D extends FoldedDocument>(lookup: Fold<D>, query: Query): Promise<D[]>;
  /** Config and kill switches, as they were at most 50 ms ago; null until something is set. */
  config(): Promise<ConfigDocument | null>;
  /** Waits until all look-ups contain the event at `position`, at most 1 s; false when they do not. */
  reached(position: Position): Promise<boolean>;
}

export function lookupCollection(lookup: Pick<Fold<never>, 'name' | 'version'>): string {
  return `lookup.${lookup.name}.v${lookup.version}`;
}

/** In this process their position is known at once; another command service asks the store for it only where it misses a document. */
const CHECKPOINT_MS = 50;

export function lookupConsumer<D extends FoldedDocument>(lookup: Fold<D>): Consumer {
  const collection = lookupCollection(lookup);
  return { ...foldConsumer(lookup, collection, collection), checkpointMs: CHECKPOINT_MS };
}

const WAIT_MS = 1_000;
const LOOK_AGAIN_MS = 5;

export function createLookups(options: {
  events: EventStore;
  reads: ReadStore;
  config: { get: Lookups['config']; forget: () => void };
  /** The lowest position among the look-ups' checkpoints. */
  position: () => Promise<Position>;
  /** Lets the look-ups' feeds process a batch, if there is one. */
  step: () => Promise<unknown>;
  clock: Pick<Clock, 'monotonic' | 'after'>;
}): Lookups {
  const { reads, config, clock } = options;
  async function reached(position: Position): Promise<boolean> {
    const deadline = clock.monotonic() + WAIT_MS;
    const isReached = async () => {
      const found = await options.position();
      config.forget(); // it may have been fed elsewhere
      return found >= position;
    };
    if (await isReached()) return true;
    for (;;) {
      await options.step();
      if (await isReached()) return true;
      if (clock.monotonic() >= deadline) return false;
      await wait(clock, LOOK_AGAIN_MS);
    }
  }
  return {
    async get<D extends FoldedDocument>(lookup: Fold<D>, id: string): Promise<D | null> {
      const collection = lookupCollection(lookup);
      const found = await reads.get<D>(collection, id);
      if (found) return found;
      await reached(await options.events.head());
      return reads.get<D>(collection, id);
    },
    find: <D extends FoldedDocument>(lookup: Fold<D>, query: Query) => reads.find<D>(lookupCollection(lookup), query),
    config: () => config.get(),
    reached,
  };
}
