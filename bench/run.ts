/** `npm run bench`: each figure beside a baseline of the same run. `npm run bench -- memory` runs one of them. */
import { benchAppend } from './append.js';
import { benchCatchUp, benchMemory } from './catch-up.js';
import { benchEventStore } from './event-store.js';
import { benchReads } from './reads.js';
import { benchVisible } from './visible.js';

const all: Record<string, () => unknown> = {
  append: () => benchAppend(),
  catchup: () => benchCatchUp(),
  eventstore: benchEventStore,
  visible: benchVisible,
  reads: benchReads,
  memory: benchMemory,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(all, name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(all)) await all[name]?.();
