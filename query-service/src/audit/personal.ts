/**
 * Personal data in what the audit shows. A body of the past is made with marks in place of its seals; then it is decided for each
 * whether it is shown, masked, or gone because its subject was erased.
 */
import type { SealedKind } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { canonical } from '@creator-dashboards/shared/canonical';
import type { Sealer } from '@creator-dashboards/shared/seal';
import type { Open } from '@creator-dashboards/shared/views/open';

/** A part of a sealed value: the value itself, or one of its fields, or a field of that. */
interface Mark {
  readonly kind: SealedKind;
  readonly sealed: Sealed;
  readonly path: readonly string[];
}

export interface ShownValue {
  /** Masked and erased values are null. */
  readonly value: unknown;
  /** Paths, as "avatarUrl" or "bioPage.links.<id>.title"; '' for the value itself. */
  readonly masked: readonly string[];
  readonly erased: readonly string[];
}

export interface Personal {
  /** Puts marks in place of sealed values: for a presenter, which only passes on what it opens, or fields of it. */
  readonly open: Open;
  /** What is shown of a value with marks. Without `reveal` nothing is opened. */
  show(value: unknown): Promise<ShownValue>;
  /** Whether two values with marks are the same to whoever may open them. Of erased values, whether they are the same seals. */
  same(one: unknown, other: unknown): Promise<boolean>;
}

/** For one answer. An erasure before its beginning is noticed, whoever cached the subject's key. */
export function createPersonal(sealer: Pick<Sealer, 'open' | 'isErased' | 'forget'>, reveal: boolean): Personal {
  const marked = new WeakMap<Sealed, unknown>();
  const erased = new Map<string, Promise<boolean>>();

  function isErased({ subject }: Sealed): Promise<boolean> {
    const known = erased.get(subject);
    if (known) return known;
    sealer.forget(subject);
    const asked = sealer.isErased(subject);
    erased.set(subject, asked);
    return asked;
  }

  async function contentOf({ kind, sealed, path }: Mark): Promise<unknown> {
    const opened: unknown = await sealer.open(kind, sealed);
    return path.reduce((value, name) => (value as Record<string, unknown> | null)?.[name] ?? null, opened);
  }

  /** A text that two values share if they are the same. */
  async function textOf(value: unknown): Promise<string> {
    const text = async (mark: Mark) =>
      (await isErased(mark.sealed)) ? { seal: mark.sealed.nonce, of: mark.path } : contentOf(mark);
    return canonical(await replaced(value, text));
  }

  return {
    open: (async (kind, sealed) => {
      if (!sealed) return null;
      const known = marked.get(sealed) ?? markFor({ kind, sealed, path: [] });
      marked.set(sealed, known);
      return known;
    }) as Open,

    async show(value) {
      const [masked, gone]: [string[], string[]] = [[], []];
      const shown = await replaced(value, async (mark, path) => {
        if (await isErased(mark.sealed)) gone.push(path);
        else if (reveal) return contentOf(mark);
        else masked.push(path);
        return null;
      });
      return { value: shown, masked, erased: gone };
    },

    async same(one, other) {
      if (one === other) return true;
      if (isPlain(one) && isPlain(other)) return false;
      return (await textOf(one)) === (await textOf(other));
    },
  };
}

const marks = new WeakMap<object, Mark>();

/** Stands for a sealed value in a body; its fields stand for the fields. */
function markFor(mark: Mark): object {
  const fields = new Map<string, object>();
  const stand: object = new Proxy(Object.freeze({}), {
    get(_, name) {
      if (typeof name === 'symbol' || name === 'then') return undefined; // it is no promise
      const known = fields.get(name) ?? markFor({ ...mark, path: [...mark.path, name] });
      fields.set(name, known);
      return known;
    },
  });
  marks.set(stand, mark);
  return stand;
}

/** Whether a value stands for something sealed. */
export const isMark = (value: object): boolean => marks.has(value);

const isPlain = (value: unknown) => value === null || typeof value !== 'object';

/** The value with something in place of each mark, which is told where it stands. */
async function replaced(
  value: unknown,
  put: (mark: Mark, path: string) => Promise<unknown>,
  path = '',
): Promise<unknown> {
  if (value === null || typeof value !== 'object') return value;
  const mark = marks.get(value);
  if (mark) return put(mark, path);
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const [place, item] of value.entries()) items.push(await replaced(item, put, below(nameIn(item, place))));
    return items;
  }
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries(value)) fields.push([name, await replaced(field, put, below(name))]);
  return Object.fromEntries(fields);
}

/** What an item of a list is called in a path: by its id, which stays when the list changes, else by its place. */
export function nameIn(item: unknown, place: number): string {
  const id = (item as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : String(place);
}
