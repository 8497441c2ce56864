/** From the configured URLs to the adapters: the only place that chooses a technology. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openEventStoreDb } from '../adapters/eventstoredb/event-store.js';
import { openMongoKeyStore } from '../adapters/mongodb/key-store.js';
import { openMongoReadStore } from '../adapters/mongodb/read-store.js';
import { openRedisCounters } from '../adapters/redis/counters.js';
import { openRedisJobQueue } from '../adapters/redis/job-queue.js';
import { openCounters } from '../adapters/sqlite/counters.js';
import { openEventStore } from '../adapters/sqlite/event-store.js';
import { openJobQueue } from '../adapters/sqlite/job-queue.js';
import { openKeyStore } from '../adapters/sqlite/key-store.js';
import { openReadStore } from '../adapters/sqlite/read-store.js';
import { ConfigError, type Config } from './environment.js';
import { systemRandom, type Random } from '../ids.js';
import { systemClock, type Clock } from '../time.js';
import type { Counters, EventStore, JobQueue, KeyStore, ReadStore } from '../ports.js';

export interface Stores {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly queue: JobQueue;
  readonly counters: Counters;
  readonly keys: KeyStore;
  /** Closes all, the event store last: what was acknowledged is durable already. */
  close(): Promise<void>;
}

export type StoreConfig = Pick<
  Config,
  'dataDir' | 'eventStoreUrl' | 'readStoreUrl' | 'queueUrl' | 'keyStoreUrl' | 'masterKey'
>;

export interface ConnectOptions {
  /** What all stores wait by. */
  readonly clock?: Clock;
  /** Makes the keys of subjects. */
  readonly random?: Random;
  /** Hears of troubles that a store outlives by itself. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * Opens every store. Waits a while for servers. Throws StoreUnavailable for one
 * that does not answer, StoreFailed for a store that cannot be opened, ConfigError for a DATA_DIR that cannot be made.
 */
export async function connect(config: StoreConfig, options: ConnectOptions = {}): Promise<Stores> {
  const { clock = systemClock, random = systemRandom, onTrouble: onError } = options;
  const { eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl, masterKey } = config;
  const file = (name: string) => join(config.dataDir, name);
  if ([eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl].some(isEmbedded)) makeDirectory(config.dataDir);
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(store: T): T => {
    opened.unshift(store);
    return store;
  };
  const close = async () => {
    const closed = await inTurn(opened.map((store) => () => store.close()));
    if (closed.length > 0) throw new AggregateError(closed, 'not every store could be closed');
  };
  try {
    return {
      events: keep(
        isEmbedded(eventStoreUrl) ? openEventStore(file('events.db')) : await openEventStoreDb(eventStoreUrl),
      ),
      keys: keep(
        isEmbedded(keyStoreUrl)
          ? openKeyStore(file('keys.db'), masterKey, random)
          : await openMongoKeyStore(keyStoreUrl, masterKey, { random }),
      ),
      reads: keep(isEmbedded(readStoreUrl) ? openReadStore(file('views.db')) : await openMongoReadStore(readStoreUrl)),
      queue: keep(
        isEmbedded(queueUrl)
          ? openJobQueue(file('views.db'), { clock })
          : openRedisJobQueue(queueUrl, { clock, onError }),
      ),
      counters: keep(
        isEmbedded(queueUrl) ? openCounters(file('views.db'), clock) : openRedisCounters(queueUrl, { onError }),
      ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function isEmbedded(url: string): boolean {
  return url.startsWith('sqlite:');
}

/** Does all of them, whatever becomes of each; answers what went wrong. */
async function inTurn(steps: readonly (() => Promise<void>)[]): Promise<unknown[]> {
  const faults: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => faults.push(error));
  return faults;
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 }); // keys and personal data are its owner's alone
  } catch (error) {
    throw new ConfigError([
      `DATA_DIR: cannot create ${directory} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
    ]);
  }
}
