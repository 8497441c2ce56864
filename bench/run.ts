/**
 * `npm run bench`: each figure beside a baseline of the same run, on what is built. `npm run bench -- memory` runs one of them, and
 * `npm run bench -- rebuild=100000` one with another size. `--json` prints the figures as JSON at the end, and `--markdown` writes them
 * into the table of docs/performance.md. Ends with 1 where a figure is on the wrong side of its floor.
 */
import { benchAppend } from './append.js';
import { benchAudit } from './audit.js';
import { benchCommands } from './commands.js';
import { benchConsumers } from './consumers.js';
import { benchEarlier } from './earlier.js';
import { benchEmmett } from './emmett.js';
import { benchEmmettProjector } from './emmett-projector.js';
import { benchMemory } from './memory.js';
import { benchEventStore } from './event-store.js';
import { told } from './figures.js';
import { benchFresh } from './fresh.js';
import { benchIdle } from './idle.js';
import { benchLatency } from './latency.js';
import { benchLongLog } from './long-log.js';
import { installPeers } from './peers.js';
import { benchPostgres } from './postgres.js';
import { benchProcesses } from './processes.js';
import { benchReads } from './reads.js';
import { benchReadsWhileWriting } from './reads-while-writing.js';
import { benchRebuild } from './rebuild.js';
import { benchServerCommands } from './server-commands.js';
import { benchSizes } from './sizes.js';
import { writeTable } from './table.js';

const all: Record<string, (size?: number) => unknown> = {
  reads: () => benchReads(),
  sizes: benchSizes,
  processes: () => benchProcesses(),
  writing: () => benchReadsWhileWriting(),
  fresh: benchFresh,
  commands: () => benchCommands(),
  'commands-servers': () => benchServerCommands(),
  append: () => benchAppend(),
  'long-log': benchLongLog,
  consumers: benchConsumers,
  eventstore: benchEventStore,
  memory: benchMemory,
  rebuild: benchRebuild,
  audit: benchAudit,
  idle: () => benchIdle(),
  earlier: benchEarlier,
  emmett: () => benchEmmett(),
  'emmett-projector': benchEmmettProjector,
  postgres: () => benchPostgres(),
  latency: () => benchLatency(),
};

/** Compared with packages that the project does not install: `npm run bench -- peers` installs them first, and runs these. */
const ofPeers = ['earlier', 'emmett', 'emmett-projector', 'postgres'];

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith('--'));
const asked = words
  .filter((word) => !word.startsWith('--'))
  .flatMap((word) => (word === 'peers' ? ofPeers : word))
  .map((text) => text.split('='));
const unknown = [
  ...asked.flatMap(([name = '']) => (Object.hasOwn(all, name) ? [] : name)),
  ...flags.filter((flag) => !['--json', '--markdown'].includes(flag)),
];
if (unknown.length > 0) {
  console.error(
    `no benchmark ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}, peers, --json, --markdown`,
  );
  process.exit(2);
}
const isJson = flags.includes('--json');
if (isJson) console.log = console.error;
if (words.includes('peers')) installPeers();
for (const [name = '', size] of asked.length > 0 ? asked : Object.keys(all).map((name) => [name])) {
  const began = performance.now();
  const holds = await all[name]?.(...(size === undefined ? [] : [Number(size)]));
  console.log(`${name}: ${((performance.now() - began) / 1_000).toFixed(0)} s\n`);
  if (holds === false) process.exitCode = 1;
}
if (flags.includes('--markdown')) writeTable(told);
if (isJson) process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
