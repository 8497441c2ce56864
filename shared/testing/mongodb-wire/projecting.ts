/** Which fields of a document a find answers: `{ a: 1 }`, `{ a: 0 }`, `{ a: { $slice: n } }`, with dotted paths. */
import type { BSON } from 'mongodb';
import { badValue } from './refusals.js';
import { decodeExact, encode, rankOf } from './values.js';

interface Slice {
  readonly skip: number;
  readonly count: number;
}
type Wanted = 'keep' | 'leave' | Slice;
interface Plan {
  /** Only the named fields, or all but those. */
  readonly inclusive: boolean;
  readonly fields: Map<string, Plan | Wanted>;
}

/** Turns a document's BSON into that of its projection. Fields keep their order and types. */
export function projector(projection: BSON.Document | undefined): (bytes: Uint8Array) => Uint8Array {
  if (!projection || Object.keys(projection).length === 0) return (bytes) => bytes;
  const rows = Object.entries(projection).map(([path, wanted]) => ({ path, wanted: wantedOf(path, wanted) }));
  const others = rows.filter(({ path }) => path !== '_id');
  const inclusive = others.some(({ wanted }) => wanted === 'keep');
  if (inclusive && others.some(({ wanted }) => wanted === 'leave'))
    throw badValue('Cannot do exclusion in inclusion projection');
  const onlyId = others.length === 0 && rows[0]?.wanted === 'keep';
  const plan: Plan = { inclusive: inclusive || onlyId, fields: new Map() };
  if (plan.inclusive) plan.fields.set('_id', 'keep');
  for (const { path, wanted } of rows) place(plan, path.split('.'), wanted);
  return (bytes) => encode(project(decodeExact(bytes), plan) as BSON.Document);
}

function wantedOf(path: string, wanted: unknown): Wanted {
  if (typeof wanted === 'number' || typeof wanted === 'boolean' || typeof wanted === 'bigint')
    return wanted ? 'keep' : 'leave';
  const slice = rankOf(wanted) === 4 ? (wanted as BSON.Document)['$slice'] : undefined;
  if (typeof slice === 'number') return slice < 0 ? { skip: slice, count: -slice } : { skip: 0, count: slice };
  if (Array.isArray(slice)) return { skip: Number(slice[0]), count: Number(slice[1]) };
  throw badValue(`this server cannot project ${path}: ${JSON.stringify(wanted)}`);
}

function place(plan: Plan, path: string[], wanted: Wanted): void {
  const [field = '', ...rest] = path;
  if (rest.length === 0) return void plan.fields.set(field, wanted);
  const found = plan.fields.get(field);
  const inner: Plan =
    typeof found === 'object' && 'fields' in found ? found : { inclusive: plan.inclusive, fields: new Map() };
  plan.fields.set(field, inner);
  place(inner, rest, wanted);
}

function project(value: unknown, plan: Plan): unknown {
  if (Array.isArray(value)) return value.map((one) => project(one, plan));
  if (rankOf(value) !== 4) return plan.inclusive ? undefined : value;
  const made: BSON.Document = {};
  for (const [field, inner] of Object.entries(value as BSON.Document)) {
    const wanted = plan.fields.get(field) ?? (plan.inclusive ? 'leave' : 'keep');
    if (wanted === 'leave') continue;
    const kept = wanted === 'keep' ? inner : 'fields' in wanted ? project(inner, wanted) : sliced(inner, wanted);
    Object.defineProperty(made, field, { value: kept, enumerable: true, writable: true, configurable: true });
  }
  return made;
}

function sliced(value: unknown, { skip, count }: Slice): unknown {
  if (!Array.isArray(value)) return value;
  const start = skip < 0 ? Math.max(0, value.length + skip) : skip;
  return value.slice(start, start + count);
}
