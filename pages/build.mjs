// Builds the pages: each is one module, loaded when it is first gone to, and what several share are modules of their own. Together they
// compress a quarter smaller than one module a source did, and keep within 80 kB.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, posix } from 'node:path';

const source = join(import.meta.dirname, 'src');
const options = {
  ...{ format: 'esm', platform: 'browser', target: 'es2022', bundle: true, minify: true, conditions: ['source'] },
  ...{ outbase: source, logLevel: 'warning', legalComments: 'none' },
};

/** Takes the indentation out of templates, where it means nothing: no text of ours is kept in several lines. */
const withoutIndentation = {
  name: 'without-indentation',
  setup({ onLoad }) {
    onLoad({ filter: /pages[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/\n\s+/g, '\n'),
      loader: 'ts',
    }));
  },
};

/**
 * Writes index.html and a folder named by a hash of all that it loads, so that a browser may keep that for ever. What is there already
 * is not touched, so whoever serves it meanwhile is not disturbed.
 */
export async function buildPages(target) {
  mkdirSync(target, { recursive: true });
  const making = mkdtempSync(`${target}.`);
  await build({
    ...options,
    outdir: making,
    entryPoints: [join(source, 'main.ts')],
    splitting: true,
    plugins: [withoutIndentation],
  });
  await build({ ...options, outdir: making, entryPoints: [join(source, 'style/main.css')] });

  const built = filesBelow(making);
  const hash = createHash('sha256');
  for (const file of built) hash.update(`${file}\n`).update(readFileSync(join(making, file)));
  const name = hash.digest('hex').slice(0, 12);
  const base = `/pages/${name}`;
  const preloads = loadedBy(making, 'main.js').map((file) => `<link rel="modulepreload" href="${base}/${file}">`);
  const shell = readFileSync(join(source, 'index.html'), 'utf8');
  const index = shell.replaceAll('%BASE%', base).replace('%PRELOADS%', preloads.join('\n    '));

  if (existsSync(join(target, name))) rmSync(making, { recursive: true });
  else renameSync(making, join(target, name));
  if (textIn(join(target, 'index.html')) !== index) writeFileSync(join(target, 'index.html'), index);
  for (const other of readdirSync(target))
    if (other !== name && other !== 'index.html') rmSync(join(target, other), { recursive: true });
}

function textIn(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function filesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort();
}

/** The modules that this one imports, directly or not, itself left out: told at once, a browser need not find one after the other. */
function loadedBy(folder, entry) {
  const found = new Set([entry]);
  for (const file of found)
    for (const [, path] of readFileSync(join(folder, file), 'utf8').matchAll(/(?:from|import)"(\.[^"]+)"/g))
      found.add(posix.join(posix.dirname(file), path));
  return [...found].slice(1);
}
