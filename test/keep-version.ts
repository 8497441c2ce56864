/** npm run keep-version -- <view>: copies the code of its version and pins the copy, before the next version is written. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { keepVersion } from '@creator-dashboards/shared/testing/keep-version';

const views = fileURLToPath(new URL('../shared/src/views', import.meta.url));
const pins = new URL('../shared/test/views/fingerprints.json', import.meta.url);
const [view] = process.argv.slice(2);
if (view === undefined) {
  console.error('usage: npm run keep-version -- <view>');
  process.exit(2);
}
const version = keepVersion(views, view);
const pinned = JSON.parse(readFileSync(pins, 'utf8')) as Record<string, unknown>;
writeFileSync(pins, JSON.stringify({ ...pinned, [`${view}.v${version}`]: pinned[view] }, null, 2));
console.log(`Kept. Now, in shared/src/views/registry.ts, give ${view} \`kept\`: the fold of v${version}/fold.ts, give its route
\`showKept\` by v${version}/present.ts, raise \`version\` in its own fold.ts, and run npm run format.`);
