/**
 * Config and kill switches, from a look-up (domain 9.4), which almost every command asks. What this process reads of it is remembered for a
 * moment, or until it changes here: another process may have fed it since.
 */
import { telling } from '@creator-dashboards/shared/changes/changes';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Clock } from '@creator-dashboards/shared/time';
import { CONFIG_KEY, type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { config as configView } from '@creator-dashboards/shared/views/config/fold';
import { lookupCollection } from './lookups.js';

export interface RememberedConfig {
  /** As it was at most 50 ms ago; null until something is set. */
  get(): Promise<ConfigDocument | null>;
  /** It is read again by the next call. */
  forget(): void;
  /** The same read store, for the feed of this look-up: what is written through it is forgotten here. */
  readonly reads: ReadStore;
}

const KEPT_MS = 50;

export function rememberedConfig(reads: ReadStore, clock: Pick<Clock, 'monotonic'>): RememberedConfig {
  const collection = lookupCollection(configView);
  let known: { readonly readAt: number; readonly document: Promise<ConfigDocument | null> } | null = null;
  const forget = () => void (known = null);

  return {
    get() {
      const now = clock.monotonic();
      if (known && now - known.readAt < KEPT_MS) return known.document;
      const document = reads.get<ConfigDocument>(collection, CONFIG_KEY);
      known = { readAt: now, document };
      document.catch(forget);
      return document;
    },
    forget,
    reads: telling(reads, { tell: (told) => told.collection === collection && forget(), isHeard: () => true }),
  };
}
