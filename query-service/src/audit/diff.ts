/** In which fields two bodies differ. */
import { isMark, nameIn, type Personal } from './personal.js';

export interface Difference {
  /** As "walletBalance" or "bioPage.links.<id>.title". */
  readonly field: string;
  /** With marks in place of what is sealed; null where the field is not there. */
  readonly from: unknown;
  readonly to: unknown;
}

/** The lowest fields that differ, in the order of the bodies; null stands for a body that was not shown. */
export async function differences(
  from: unknown,
  to: unknown,
  personal: Pick<Personal, 'same'>,
  field = '',
): Promise<Difference[]> {
  const [one, other] = [partsOf(from), partsOf(to)];
  if (!one && !other) return (await personal.same(from, to)) ? [] : [{ field, from: from ?? null, to: to ?? null }];
  const found: Difference[] = [];
  for (const name of new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])])) {
    const below = field === '' ? name : `${field}.${name}`;
    found.push(...(await differences(one?.get(name) ?? null, other?.get(name) ?? null, personal, below)));
  }
  return found;
}

/** The fields of an object or the items of a list; null for what has no parts. */
function partsOf(value: unknown): Map<string, unknown> | null {
  if (value === null || typeof value !== 'object' || isMark(value)) return null;
  if (Array.isArray(value)) return new Map(value.map((item, place) => [nameIn(item, place), item]));
  return new Map(Object.entries(value));
}
