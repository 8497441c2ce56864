/** The files of the embedded stores in DATA_DIR. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EnvironmentError, type Environment } from './environment.js';

export const EVENTS_FILE = 'events.db';
export const KEYS_FILE = 'keys.db';
export const VIEWS_FILE = 'views.db';

/** Whether the URL of a store says that it is a file in DATA_DIR. */
export function isEmbedded(url: string): boolean {
  return url.startsWith('sqlite:');
}

/** Throws EnvironmentError, which names the folder, unless it has these files: a mistyped DATA_DIR must not become an installation. */
export function demandFiles(dataDir: string, files: readonly string[]): void {
  const missing = files.filter((file) => !existsSync(join(dataDir, file)));
  if (missing.length === 0) return;
  throw new EnvironmentError([
    `DATA_DIR: ${resolve(dataDir)} has no ${missing.join(', ')}. Is it the right folder? Stores are made by services, at their first start`,
  ]);
}

/** Throws EnvironmentError unless the files are there that these URLs name. For what works on stores, and must never make one. */
export function demandStores(
  environment: Pick<Environment, 'dataDir' | 'eventStoreUrl' | 'readStoreUrl' | 'queueUrl' | 'keyStoreUrl'>,
): void {
  const { dataDir, eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl } = environment;
  demandFiles(dataDir, [
    ...(isEmbedded(eventStoreUrl) ? [EVENTS_FILE] : []),
    ...(isEmbedded(readStoreUrl) || isEmbedded(queueUrl) ? [VIEWS_FILE] : []),
    ...(isEmbedded(keyStoreUrl) ? [KEYS_FILE] : []),
  ]);
}
