/**
 * `npm run bench`: each figure beside a baseline of the same run. `npm run bench -- memory` runs one of them, and
 * `npm run bench -- rebuild=100000` one with another number of events. Ends with 1 where a ratio is under its floor.
 */
import { benchAppend } from './append.js';
import { benchAudit } from './audit.js';
import { benchCatchUp, benchMemory } from './catch-up.js';
import { benchEventStore } from './event-store.js';
import { benchFresh } from './fresh.js';
import { benchReads } from './reads.js';
import { benchRebuild } from './rebuild.js';
import { benchVisible } from './visible.js';

const all: Record<string, (size?: number) => unknown> = {
  append: () => benchAppend(),
  catchup: benchCatchUp,
  eventstore: benchEventStore,
  visible: benchVisible,
  fresh: benchFresh,
  reads: benchReads,
  memory: benchMemory,
  rebuild: benchRebuild,
  audit: benchAudit,
};

const asked = process.argv.slice(2).map((text) => text.split('='));
const unknown = asked.flatMap(([name = '']) => (Object.hasOwn(all, name) ? [] : name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}`);
  process.exit(2);
}
for (const [name = '', size] of asked.length > 0 ? asked : Object.keys(all).map((name) => [name])) {
  const holds = await all[name]?.(...(size === undefined ? [] : [Number(size)]));
  if (holds === false) process.exitCode = 1;
}
