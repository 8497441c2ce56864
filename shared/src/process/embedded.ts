/** The files of the embedded stores in DATA_DIR. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EnvironmentError, type Environment } from './environment.js';

export const EVENTS_FILE = 'events.db';
export const KEYS_FILE = 'keys.db';
export const VIEWS_FILE = 'views.db';
/** The audit's index: made anew from the log where it is missing. */
export const AUDIT_FILE = 'audit.db';

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

type Places = Pick<Environment, 'eventStoreUrl' | 'readStoreUrl' | 'queueUrl' | 'keyStoreUrl'>;

/** The files of those stores that are embedded. */
export function embeddedFiles({ eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl }: Places): string[] {
  return [
    ...(isEmbedded(eventStoreUrl) ? [EVENTS_FILE] : []),
    ...(isEmbedded(readStoreUrl) || isEmbedded(queueUrl) ? [VIEWS_FILE] : []),
    ...(isEmbedded(keyStoreUrl) ? [KEYS_FILE] : []),
  ];
}

/** Throws EnvironmentError unless the files of all embedded stores are there. For what works on stores, and must never make one. */
export function demandStores(environment: Places & Pick<Environment, 'dataDir'>): void {
  demandFiles(environment.dataDir, embeddedFiles(environment));
}
