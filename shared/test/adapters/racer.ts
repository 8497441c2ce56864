/**
 * A process that races another one on the same file: `racer.ts <task> <file>`. It waits for "go" and prints its result.
 */
import { once } from 'node:events';
import { openKeyStore } from '../../src/adapters/sqlite/key-store.js';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import type { Document } from '../../src/ports.js';

const tasks: Record<string, (file: string) => Promise<unknown>> = {
  /** Adds 1 to one document 100 times, by compare-and-set. */
  async increments(file) {
    const store = openReadStore(file);
    for (let done = 0; done < 100;) {
      const read = await store.get<Document>('race', 'sum');
      const document = { _id: 'sum', position: (read?.position ?? 0n) + 1n };
      const expected = read && { position: read.position };
      done += (await store.write('race', [{ document, expected }])).size;
    }
    await store.close();
    return null;
  },

  /** The keys of 30 subjects that have none yet. */
  async keys(file) {
    const store = openKeyStore(file, ['master key of the race']);
    const keys = await Promise.all(Array.from({ length: 30 }, (_, i) => store.getOrCreate(`subject-${i}`)));
    await store.close();
    return keys.map((key) => Buffer.from(key ?? []).toString('hex'));
  },
};

const [task = '', file = ''] = process.argv.slice(2);
process.send?.('ready');
await once(process, 'message');
process.send?.(await tasks[task]?.(file));
process.disconnect();
