/**
 * npm run event-sample [-- <event> [--like <event> | --stream <name> --keys <json>] [--after <sample> …]]: adds samples of an event type
 * in its present version, and pins what all samples mean. Without an event it only pins.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RoutingKeys } from '@creator-dashboards/shared/ports';
import { pin } from './event-samples/meanings.js';
import { readers } from './event-samples/readers.js';
import { addSample, readSamples, samplesIn, settingOf, type Setting } from './event-samples/samples.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    like: { type: 'string' },
    stream: { type: 'string' },
    keys: { type: 'string' },
    after: { type: 'string', multiple: true },
    /** For tests. */
    folder: { type: 'string', default: fileURLToPath(new URL('./event-samples', import.meta.url)) },
  },
});

const events = join(values.folder, 'events');

/** Undefined where the command line says nothing about it. */
function setting(): Setting | undefined {
  const { like, stream, keys = '{}', after } = values;
  const known = like === undefined ? undefined : settingOf(events, like);
  const places = stream === undefined ? known?.places : [{ stream, keys: JSON.parse(keys) as RoutingKeys }];
  return places && { places, after: after ?? known?.after ?? [] };
}

const [type] = positionals;
if (type !== undefined) console.log(`made ${await addSample(events, type, setting())}: look at what it says`);
const samples = samplesIn(readSamples(events));
for (const reader of readers) await pin(join(values.folder, 'meanings'), reader, samples);
console.log('pinned what all samples mean');
