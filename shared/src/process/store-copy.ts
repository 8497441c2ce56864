/** Copies of an embedded installation. */
import { renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyDatabase, makeDurable, openCopy, type StoreCopy } from '../adapters/sqlite/copy.js';
import { demandFiles, EVENTS_FILE, KEYS_FILE, VIEWS_FILE } from './embedded.js';

/**
 * Documents before the log, since older documents catch up with it; the log before the keys, since a key is durable before the event
 * that needs it. So the documents know of no event that the log does not have, and the log of no key that the key store does not have.
 */
const IN_ORDER = [VIEWS_FILE, EVENTS_FILE, KEYS_FILE];

/**
 * Copies the stores in `dataDir`, which may be in use, into an existing folder. Returns the size of the copies in bytes. Throws
 * EnvironmentError where there is nothing to copy, else StoreFailed.
 */
export function copyStores(dataDir: string, to: string): number {
  demandFiles(dataDir, IN_ORDER);
  for (const file of IN_ORDER) copyDatabase(join(dataDir, file), join(to, file));
  makeDurable(to);
  return IN_ORDER.reduce((bytes, file) => bytes + statSync(join(to, file)).size, 0);
}

/** Gives a copy its name, beside where it is, so that it keeps it whatever happens to the machine. */
export function nameCopy(folder: string, name: string): string {
  const named = join(dirname(folder), name);
  renameSync(folder, named);
  makeDurable(dirname(named));
  return named;
}

/** Opens a copy so that nothing in it changes. Throws StoreFailed for a file that is missing or cannot be read. */
export function openStoreCopy(folder: string): StoreCopy {
  return openCopy({
    log: join(folder, EVENTS_FILE),
    documents: join(folder, VIEWS_FILE),
    keys: join(folder, KEYS_FILE),
  });
}
