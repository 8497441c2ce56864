/** Prometheus metrics of the disk below an embedded installation. */
import { statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { Gauge } from 'prom-client';
import { AUDIT_FILE, embeddedFiles, isEmbedded } from './embedded.js';
import type { Environment } from './environment.js';
import type { Metrics } from './metrics.js';

/** Registers the gauges, unless every store is on a server. A file that is not there has no series. */
export function observeDisk(
  { registry }: Pick<Metrics, 'registry'>,
  environment: Parameters<typeof embeddedFiles>[0] & Pick<Environment, 'dataDir'>,
): void {
  const { dataDir } = environment;
  const made = isEmbedded(environment.readStoreUrl) ? [AUDIT_FILE] : [];
  const files = [...embeddedFiles(environment), ...made].flatMap((file) => [file, `${file}-wal`]);
  if (files.length === 0) return;
  new Gauge({
    name: 'store_file_bytes',
    help: 'Size of the files of the embedded stores; -wal is what was written and is not in the file yet',
    labelNames: ['file'],
    registers: [registry],
    collect() {
      this.reset();
      for (const file of files) {
        const size = statSync(join(dataDir, file), { throwIfNoEntry: false })?.size;
        if (size !== undefined) this.set({ file }, size);
      }
    },
  });
  new Gauge({
    name: 'data_dir_free_bytes',
    help: 'What this user may still write on the disk of DATA_DIR',
    registers: [registry],
    collect() {
      try {
        const { bavail, bsize } = statfsSync(dataDir);
        this.set(bavail * bsize);
      } catch {
        this.remove(); // not made yet, or out of reach: then nothing is known of it
      }
    },
  });
}
