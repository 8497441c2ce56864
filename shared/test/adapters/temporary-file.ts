import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '../../testing/contract.js';

/** A folder of its own, and a function that removes it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'creator-dashboards-'));
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

/** A place whose instances all open the same new file. */
export function placeOnFile<Port extends { close(): Promise<void> }>(open: (file: string) => Port): Place<Port> {
  const folder = temporaryFolder();
  const instances: Port[] = [];
  return {
    async connect() {
      const instance = open(join(folder.path, 'store.db'));
      instances.push(instance);
      return instance;
    },
    async dispose() {
      await Promise.all(instances.map((instance) => instance.close()));
      folder.remove();
    },
  };
}
