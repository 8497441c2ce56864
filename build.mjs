// Transpiles every package to its dist/ folder (types are checked by `npm run check`).
import { build } from 'esbuild';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const options = { format: 'esm', platform: 'node', target: 'node20', sourcemap: true, logLevel: 'warning' };

for (const pkg of ['shared', 'command-service', 'projector', 'query-service']) {
  const source = join(pkg, 'src');
  const target = join(pkg, 'dist');
  const files = readdirSync(source, { recursive: true }).map((name) => join(source, name));
  rmSync(target, { recursive: true, force: true });
  await build({
    ...options,
    entryPoints: files.filter((file) => file.endsWith('.ts')),
    outdir: target,
    outbase: source,
  });
  const assets = join(source, 'static');
  if (existsSync(assets)) cpSync(assets, join(target, 'static'), { recursive: true });
}
await build({ ...options, entryPoints: ['start.ts'], outdir: 'dist' });
