#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const cli = new URL('../dist/cli.js', import.meta.url);
const args = process.argv.slice(2);
/**
 * Verify reads the whole log: without a bound Node lets its garbage grow before it collects it, as far as the machine has memory. Not
 * with --twice, which changes the time zone: in a thread that has no effect.
 */
const isBounded = args[0] === 'verify' && !args.includes('--twice');
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

// Where nobody reads on (`| head`) the work goes on all the same.
for (const sink of [process.stdout, process.stderr])
  sink.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });

if (!existsSync(cli)) {
  console.error('projector: not built yet; run `npm run build` first');
  process.exitCode = 2;
} else if (isBounded) {
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
