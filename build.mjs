// Transpiles every package to its dist/ folder (types are checked by `npm run check`); what is not TypeScript is copied.
import { build } from 'esbuild';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildPages } from './pages/build.mjs';

const options = { format: 'esm', platform: 'node', target: 'node20', sourcemap: true, logLevel: 'warning' };
const isSource = (file) => file.endsWith('.ts');

for (const pkg of ['shared', 'command-service', 'projector', 'query-service']) {
  const source = join(pkg, 'src');
  const target = join(pkg, 'dist');
  const files = readdirSync(source, { recursive: true }).map((file) => join(source, file));
  rmSync(target, { recursive: true, force: true });
  await build({ ...options, entryPoints: files.filter(isSource), outdir: target, outbase: source });
  cpSync(source, target, { recursive: true, filter: (file) => !isSource(file) });
}
// For pages: one file.
rmSync(join('client', 'dist'), { recursive: true, force: true });
await build({
  ...options,
  ...{ bundle: true, minify: true, platform: 'browser', target: 'es2022' },
  entryPoints: [join('client', 'src/index.ts')],
  outfile: join('client', 'dist/index.js'),
});
await buildPages(join('pages', 'dist'));
// Only built here: whoever runs what is built has no compiler.
const { FINGERPRINTS_FILE, fingerprintsOfSources } = await import('./shared/dist/process/fingerprints.js');
writeFileSync(
  join('shared/dist', FINGERPRINTS_FILE),
  JSON.stringify(fingerprintsOfSources(resolve('shared/src/views'))),
);

const embedded = ['start.ts', 'system.ts', 'audit.ts', ...readdirSync('demo').map((file) => join('demo', file))];
await build({ ...options, entryPoints: embedded, outdir: 'dist', outbase: '.' });
