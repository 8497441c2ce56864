/**
 * Fingerprints tell by what code a generation of a view was built: its documents may be written by that code alone. Two count as the
 * same code if only comments, layout, the place of files or the declared version differ. A build stores them beside what it builds;
 * from sources they are made at the first call.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Esbuild from 'esbuild';
import { definitions, type EventType } from '../events/index.js';
import type { Fingerprints, View, ViewRegistry } from '../views/view.js';

/** By the name of the view; of a kept version by that of the view, a dot and the version: "message.v1". */
export type SourceFingerprints = Readonly<Record<string, Fingerprints>>;

/** Where a build stores them, beside the folder of all views. */
export const FINGERPRINTS_FILE = 'fingerprints.json';

/** Those of all views in a folder of TypeScript sources. `fold`: of the handlers and all of ours that they import. */
export function fingerprintsOfSources(views: string): SourceFingerprints {
  const folds = readdirSync(views, { recursive: true, encoding: 'utf8' }).filter((file) => /\/fold\.ts$/.test(file));
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof Esbuild;
  const { outputFiles } = buildSync({
    entryPoints: folds.map((file) => join(views, file)),
    outbase: views,
    outdir: views,
    bundle: true,
    packages: 'external',
    format: 'esm',
    minifyWhitespace: true,
    legalComments: 'none',
    write: false,
  });
  return Object.fromEntries(
    outputFiles.map(({ path, text }) => {
      const folder = dirname(path);
      const shape = shapeOf(views, join(folder, 'document.ts'));
      return [
        nameOf(relative(views, folder)),
        { fold: hashOf(withoutDeclarations(text), shape), shape: hashOf(shape) },
      ];
    }),
  );
}

/** The same views, each with the fingerprints of its code and of the code kept of it. */
export function withFingerprints<R extends ViewRegistry>(views: R): R {
  const known = ours();
  const marked = (view: View, name: string): View => {
    const source = known[name];
    if (!source) throw new Error(`there is no fingerprint of ${name}: build again`);
    const kept = view.kept && marked(view.kept, `${name}.v${view.kept.version}`);
    const handled = Object.keys(view.handlers).map((type) => `${type}@${definitions[type as EventType].version}`);
    const fingerprints = { fold: hashOf(source.fold, ...handled.sort()), shape: source.shape };
    return { ...view, fingerprints, ...(kept && { kept }) };
  };
  return Object.fromEntries(Object.entries(views).map(([name, view]) => [name, marked(view, name)])) as R;
}

let remembered: SourceFingerprints | null = null;

function ours(): SourceFingerprints {
  const file = fileURLToPath(new URL(`../${FINGERPRINTS_FILE}`, import.meta.url));
  remembered ??= existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as SourceFingerprints)
    : fingerprintsOfSources(fileURLToPath(new URL('../views', import.meta.url)));
  return remembered;
}

/** "creator-dashboard/v1" as "creatorDashboard.v1". */
function nameOf(folder: string): string {
  return folder.replace('/', '.').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** What a version says of itself changes no document. */
function withoutDeclarations(code: string): string {
  return code.replace(/,?(version|presentsFrom):\d+/g, '').replace(/,?changes:\[[^\]]*\]/g, '');
}

/** The text of the document's types, and of those of ours that they import from the folder of views, without comments and layout. */
function shapeOf(views: string, document: string): string {
  const files = new Set(existsSync(document) ? [document] : []);
  for (const file of files)
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)\.js'/g)) {
      const imported = resolve(dirname(file), `${path}.ts`);
      if (imported.startsWith(views + '/')) files.add(imported);
    }
  return [...files].map((file) => normalised(readFileSync(file, 'utf8'))).join('\n');
}

const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)/g;

/** Text without imports (where a file is does not count), comments and layout, also without what only a longer type makes Prettier write. */
function normalised(source: string): string {
  return source
    .replace(/^import [^;]*;/gm, '')
    .replace(COMMENT_OR_TEXT, (_, text: string | undefined) => text ?? '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([^\w$'"`]) ?/g, '$1')
    .replace(/([=:(<,{])\|/g, '$1')
    .replace(/,([)}\]>])/g, '$1');
}

function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
