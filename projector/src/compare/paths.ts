/** The fields in which two documents differ, and the patterns by which somebody announces such fields. */
import { PARKING_MARK, type FoldedDocument } from '@creator-dashboards/shared/fold';

export interface FieldDifference {
  /** Names joined by dots; places in lists are numbers: "levels.2.amount". */
  readonly path: string;
  /** As JSON; undefined where that side does not have the field. */
  readonly a: string | undefined;
  readonly b: string | undefined;
}

const MADE_BY_THE_RUNNER: readonly string[] = [
  '_id',
  'position',
  'lastEvent',
  'repairs',
  ...PARKING_MARK,
] satisfies (keyof FoldedDocument)[];

/** What the fold made of a document: without what the runner adds, as the position of its last event and the mark of a parked key. */
export function contentOf(document: FoldedDocument): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !MADE_BY_THE_RUNNER.includes(name)));
}

/** In order of paths. A field that is undefined is not there. */
export function differingFields(a: FoldedDocument, b: FoldedDocument): FieldDifference[] {
  return [...differencesIn(contentOf(a), contentOf(b), '')].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function* differencesIn(a: unknown, b: unknown, path: string): Generator<FieldDifference> {
  if (isNested(a) && isNested(b) && Array.isArray(a) === Array.isArray(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)]))
      yield* differencesIn(own(a, name), own(b, name), path === '' ? name : `${path}.${name}`);
    return;
  }
  const [ours, theirs] = [toText(a), toText(b)];
  if (ours !== theirs) yield { path, a: ours, b: theirs };
}

type Nested = Readonly<Record<string, unknown>>;

function isNested(value: unknown): value is Nested {
  return typeof value === 'object' && value !== null;
}

function own(value: Nested, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The same text for the same value, whatever the order of its fields. */
export function toText(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return part.toString();
    if (!isNested(part) || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** The path as reports count it: places in lists are "*", since what differs in one place usually differs in all. */
export function countedPath(path: string): string {
  return path
    .split('.')
    .map((name) => (/^\d+$/.test(name) ? '*' : name))
    .join('.');
}

/**
 * Whether a pattern announces a path. "*" stands for any one name or place; a pattern also announces all that is inside what it
 * names, so "levels" and "levels.*" announce "levels.2.amount".
 */
export function announces(pattern: string, path: string): boolean {
  const names = path.split('.');
  const parts = pattern.split('.');
  return parts.length <= names.length && parts.every((part, index) => part === '*' || part === names[index]);
}
