/** Copies the code of a view's version into `v<N>/` beside it, before the next version is written (see `kept` of a view). */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const PARTS = ['document', 'fold', 'body', 'present'];
/** What says what a view is, and belongs to none: never copied. */
const MACHINERY = ['view.ts', 'alias.ts', 'generation.ts', 'registry.ts'];
const IMPORT = /(from ')(\.[^']+)\.js(')/g;

/** A view's folder is the view's name in kebab case. */
export function folderOf(view: string): string {
  return view.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * Writes `v<N>/` in the view's folder: its four files and all that they import from `views`, the folder of all views. Answers the
 * version. Throws when there is no such view, or when this version is kept already.
 */
export function keepVersion(views: string, view: string): number {
  const own = join(views, folderOf(view));
  const fold = join(own, 'fold.ts');
  if (!existsSync(fold)) throw new Error(`there is no view ${view}`);
  const version = Number(/version: (\d+)/.exec(readFileSync(fold, 'utf8'))?.[1]);
  const target = join(own, `v${version}`);
  if (existsSync(target)) throw new Error(`${target} is there already`);
  const copied = filesOf(views, own);
  const placeOf = (file: string) => join(target, relative(file.startsWith(own + '/') ? own : views, file));
  const places = new Set(copied.map(placeOf));
  if (places.size < copied.length) throw new Error('two files of the same name would be copied to one place');
  for (const file of copied) {
    const place = placeOf(file);
    const text = readFileSync(file, 'utf8').replace(IMPORT, (_, from: string, path: string, end: string) => {
      const imported = importedBy(file, path);
      const to = relative(dirname(place), copied.includes(imported) ? placeOf(imported) : imported);
      return `${from}${to.startsWith('.') ? to : `./${to}`}`.replace(/\.ts$/, '.js') + end;
    });
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
  return version;
}

/** The four files of a view, and what they import from `views`, directly or not. */
function filesOf(views: string, own: string): string[] {
  const found = new Set(PARTS.map((part) => join(own, `${part}.ts`)).filter((file) => existsSync(file)));
  for (const file of found)
    for (const [, , path = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const imported = importedBy(file, path);
      if (imported.startsWith(views + '/') && !MACHINERY.includes(relative(views, imported))) found.add(imported);
    }
  return [...found];
}

function importedBy(file: string, path: string): string {
  return resolve(dirname(file), `${path}.ts`);
}
