/** The audit's page marker: opaque to callers, bound to the filter it was made for. */
import { Refused } from '@creator-dashboards/shared/errors';
import { z } from 'zod';

/** A position or revision in a cursor; must fit into int64. */
const place = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .refine((value) => value < 2n ** 63n);

const cursorSchema = z.tuple([z.string(), place]);

/** `at` is a revision if the filter names a stream, else a position. */
export function encodeCursor(filter: string, at: bigint): string {
  return Buffer.from(JSON.stringify([filter, at.toString()])).toString('base64url');
}

/** The position or revision in a cursor for this filter. Throws Refused `admin.events.invalid_cursor` for anything else. */
export function decodeCursor(filter: string, cursor: string): bigint {
  const parsed = cursorSchema.safeParse(jsonOf(cursor));
  if (!parsed.success || parsed.data[0] !== filter) throw new Refused('admin.events.invalid_cursor');
  return parsed.data[1];
}

const afterSchema = z.tuple([z.string(), z.string().max(100), z.string().max(100)]);

/** A place in an order of documents: the field's value and the _id of the last one shown. */
export function encodeAfter(filter: string, value: string, id: string): string {
  return Buffer.from(JSON.stringify([filter, value, id])).toString('base64url');
}

/** The place in a cursor for this filter. Throws as `decodeCursor`. */
export function decodeAfter(filter: string, cursor: string): { value: string; _id: string } {
  const parsed = afterSchema.safeParse(jsonOf(cursor));
  if (!parsed.success || parsed.data[0] !== filter) throw new Refused('admin.events.invalid_cursor');
  return { value: parsed.data[1], _id: parsed.data[2] };
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
