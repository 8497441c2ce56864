/** A field of a dashboard's body, named by its path: "walletBalance", "bioPage.links.<id>.title", "bioPage.links.0.title", "rewards". */
import type { Formula, Formulas } from '@creator-dashboards/shared/views/formula';
import { isMark, nameIn } from './personal.js';

export interface Field {
  readonly path: readonly string[];
  /** What it is made of: of a field that has fields, each of them. By path, `*` standing for items of lists. */
  readonly formulas: readonly (readonly [path: string, formula: Formula])[];
}

/** The field that a text names; null if there is none. Items of a list are named by their id, or by their place in it, from 0. */
export function fieldNamed({ fields }: Formulas, text: string): Field | null {
  const path = text.split('.');
  const fits = (pattern: readonly string[]) =>
    path.length <= pattern.length &&
    path.every((name, at) => pattern[at] === name || (pattern[at] === '*' && name !== ''));
  const formulas = Object.entries(fields).filter(([pattern]) => fits(pattern.split('.')));
  return formulas.length > 0 ? { path, formulas } : null;
}

/** What stands in a value at a path; null where nothing does. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let found: unknown = value;
  for (const name of path) {
    if (found === null || typeof found !== 'object' || isMark(found)) return null;
    found = Array.isArray(found) ? itemNamed(found, name) : (found as Record<string, unknown>)[name];
  }
  return found ?? null;
}

function itemNamed(items: readonly unknown[], name: string): unknown {
  return /^\d{1,9}$/.test(name) ? items[Number(name)] : items.find((item, place) => nameIn(item, place) === name);
}

/** The same path with the ids of items in place of their places in this body. */
export function byIds(body: unknown, path: readonly string[]): string[] {
  return path.map((name, at) => {
    const list = valueAt(body, path.slice(0, at));
    return Array.isArray(list) && /^\d{1,9}$/.test(name) ? nameIn(list[Number(name)], Number(name)) : name;
  });
}

/** The paths in a document that a formula names, for one item: `*` is what stands in its place in the field's own path. */
export function placesOf({ from }: Formula, pattern: string, path: readonly string[]): string[] {
  const items = pattern.split('.').flatMap((name, at) => (name === '*' ? [path[at]] : []));
  return from.flatMap((place) => {
    let next = 0;
    const names = place.split('.').map((name) => (name === '*' ? items[next++] : name));
    const end = names.indexOf(undefined); // a list as a whole
    return (end < 0 ? names : names.slice(0, end)).join('.');
  });
}
