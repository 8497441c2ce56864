#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const cli = new URL('../dist/cli.js', import.meta.url);
const args = process.argv.slice(2);
/** Commands that read the whole log: without a bound Node lets their garbage grow before it collects it, as far as the machine has memory. */
const READ_IT_ALL = ['verify'];
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

// Where nobody reads on (`| head`) the work goes on all the same.
for (const sink of [process.stdout, process.stderr])
  sink.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });

if (!existsSync(cli)) {
  console.error('projector: not built yet; run `npm run build` first');
  process.exitCode = 2;
} else if (READ_IT_ALL.includes(args[0])) {
  process.umask(0o077); // a thread may not set it: the stores' files are readable by their owner only
  new Worker(cli, { argv: args, resourceLimits: LIMITS })
    .on('error', (error) => {
      console.error(`projector: ${error.message}`);
      process.exitCode = 1;
    })
    .on('exit', (code) => (process.exitCode ||= code));
} else {
  await import(cli.href);
}
