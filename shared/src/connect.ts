/** From the configured URLs to the adapters: the only place that chooses a technology. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openCounters } from './adapters/sqlite/counters.js';
import { openEventStore } from './adapters/sqlite/event-store.js';
import { openJobQueue } from './adapters/sqlite/job-queue.js';
import { openKeyStore } from './adapters/sqlite/key-store.js';
import { openReadStore } from './adapters/sqlite/read-store.js';
import { ConfigError, type Config } from './config.js';
import { systemClock, type Clock } from './time.js';
import type { Counters, EventStore, JobQueue, KeyStore, ReadStore } from './ports.js';

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

/** Opens every store; `clock` ends the windows of the counters. Throws ConfigError for an address whose technology is not built in, StoreFailed for a store that cannot be opened. */
export async function connect(config: StoreConfig, clock: Clock = systemClock): Promise<Stores> {
  const urls = {
    EVENT_STORE_URL: config.eventStoreUrl,
    READ_STORE_URL: config.readStoreUrl,
    QUEUE_URL: config.queueUrl,
    KEY_STORE_URL: config.keyStoreUrl,
  };
  const unknown = Object.entries(urls).filter(([, url]) => !url.startsWith('sqlite:'));
  if (unknown.length > 0)
    throw new ConfigError(unknown.map(([name]) => `${name}: only sqlite: can be connected to in this release`));
  const file = (name: string) => join(config.dataDir, name);
  makeDirectory(config.dataDir);
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(store: T): T => {
    opened.unshift(store);
    return store;
  };
  const close = async () => {
    for (const store of opened) await store.close();
  };
  try {
    return {
      events: keep(openEventStore(file('events.db'))),
      keys: keep(openKeyStore(file('keys.db'), config.masterKey)),
      reads: keep(openReadStore(file('views.db'))),
      queue: keep(openJobQueue(file('views.db'))),
      counters: keep(openCounters(file('views.db'), clock)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
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
