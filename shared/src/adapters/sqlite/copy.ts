/** Copies of the embedded stores: how one is taken while others write, and how it is read without a change to it. */
import { chmodSync, closeSync, fsyncSync, openSync } from 'node:fs';
import type { EventStore, ReadStore, RecordedEvent } from '../../ports.js';
import { StoreFailed } from '../../store-errors.js';
import { systemClock } from '../../time.js';
import { openToRead, type SqlDatabase } from './database.js';
import { eventsByStream } from './event-log.js';
import { createEventStore } from './event-store.js';
import { createReadStore } from './read-store.js';

/**
 * Copies what is committed in `file` at this moment, whoever writes to it meanwhile, into the new file `to`: its owner's alone, durable
 * when this returns, and without the pages of what was deleted. Blocks this thread. Throws StoreFailed.
 */
export function copyDatabase(file: string, to: string): void {
  const database = openToRead(file);
  try {
    database.prepare('VACUUM INTO ?').run(to);
    chmodSync(to, 0o600);
    makeDurable(to);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreFailed(`${file} could not be copied to ${to}: ${reason}`, { cause: error });
  } finally {
    database.close();
  }
}

/** Has the disk keep a file, or the names in a folder. */
export function makeDurable(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Three files that nobody writes to. */
export interface StoreCopy {
  readonly events: EventStore;
  readonly reads: ReadStore;
  /** All events, stream by stream, each in the order of its revisions. */
  eventsByStream(): Iterable<RecordedEvent>;
  /** Whether the key store knows the subject: its key, or that it was destroyed. Needs no MASTER_KEY. */
  knowsKey(subject: string): boolean;
  /** What is damaged in the files themselves. */
  damage(): string[];
  close(): Promise<void>;
}

/** Throws StoreFailed for a file that is missing, cannot be read, or is another store or none. */
export function openCopy(files: { log: string; documents: string; keys: string }): StoreCopy {
  const [log, documents, keys] = [openToRead(files.log), openToRead(files.documents), openToRead(files.keys)];
  demandTable(log, 'events');
  demandTable(keys, 'keys');
  const events = createEventStore(log);
  const reads = createReadStore(documents, systemClock);
  return {
    events,
    reads,
    eventsByStream: () => eventsByStream(log),
    knowsKey: (subject) => keys.prepare('SELECT 1 FROM keys WHERE subject = ?').get(subject) !== undefined,
    damage: () =>
      [log, documents, keys].flatMap(({ file, prepare }) => {
        const found = prepare<{ quick_check: string }>('PRAGMA quick_check(1)').get()?.quick_check ?? 'ok';
        return found === 'ok' ? [] : [`${file}: ${found}`];
      }),
    async close() {
      await events.close();
      await reads.close();
      keys.close();
    },
  };
}

/** A file that `cp` copied while a process had it open lacks what stood in its `-wal` alone: at first that is everything. */
function demandTable({ file, prepare }: SqlDatabase, table: string): void {
  if (prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(table) !== undefined) return;
  throw new StoreFailed(
    `${file} has no table ${table}: it is another store, or was copied without its -wal while it was in use. "npm run backup" copies it whole`,
  );
}
