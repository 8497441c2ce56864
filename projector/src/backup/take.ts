/** Takes a backup of an embedded installation, which may be running. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isDeadProcess, processName } from '@creator-dashboards/shared/process/process-name';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { copyStores, nameCopy, openStoreCopy } from '@creator-dashboards/shared/process/store-copy';
import { checkCopy, type CopyFindings } from './check.js';

export interface Backup extends CopyFindings {
  /** The folder of the copy. */
  readonly copy: string;
  readonly bytes: number;
}

/** A copy under way is named by its process, so that one whose process was killed can be told and removed. */
const PARTIAL = '.partial-';

/**
 * Copies the stores in `dataDir` into a new folder in `to`, named by the time, and checks it. It has that name only when it is whole,
 * durable and sound; whatever fails leaves none. Several at the same time make a copy each. Throws EnvironmentError where there is
 * nothing to copy, StoreFailed for a store or a disk that fails, Error for a copy that is not sound.
 */
export async function takeBackup(dataDir: string, to: string, now: Date): Promise<Backup> {
  makeFolder(resolve(to));
  removeAbandoned(to);
  const partial = join(to, `${PARTIAL}${encodeURIComponent(processName())}`);
  mkdirSync(partial, { mode: 0o700 });
  try {
    const bytes = copyStores(dataDir, partial);
    const findings = await withCopy(partial, checkCopy);
    const { problems } = findings;
    if (problems.length > 0) throw new Error(['the copy is not sound, so it was removed:', ...problems].join('\n  '));
    return { copy: nameCopy(partial, now.toISOString().replaceAll(':', '-')), bytes, ...findings };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * Makes a folder, its owner's alone, and those above it. Node's own way to do that never returns where the system denies that there is
 * what is there, as below /proc. Throws StoreFailed.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return; // another backup was faster
    throw new StoreFailed(`${path} cannot be made (${code}): name a folder that this user may write to`, {
      cause: error,
    });
  }
}

/** Opens a copy to look at it. */
export async function withCopy<T>(
  folder: string,
  look: (copy: ReturnType<typeof openStoreCopy>) => Promise<T>,
): Promise<T> {
  const copy = openStoreCopy(folder);
  try {
    return await look(copy);
  } finally {
    await copy.close();
  }
}

/** They hold keys, so none may stay that nobody knows of. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith(PARTIAL) && isDeadProcess(decodeURIComponent(name.slice(PARTIAL.length))))
      rmSync(join(folder, name), { recursive: true, force: true });
}
