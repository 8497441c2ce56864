/** The audit's page marker: opaque to callers, and good only as it was given and for the filter that it was made for. */
import { Refused } from '@creator-dashboards/shared/errors';
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A position or revision in a cursor; must fit into int64. */
const place = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .refine((value) => value < 2n ** 63n);

/** `at` is a revision if the filter names a stream, else a position. */
export function encodeCursor(filter: string, at: bigint): string {
  return marked(filter, [at.toString()]);
}

/** The position or revision in a cursor for this filter. Throws Refused `admin.events.invalid_cursor` for anything else. */
export function decodeCursor(filter: string, cursor: string): bigint {
  return read(z.tuple([place]), filter, cursor)[0];
}

const afterSchema = z.tuple([z.string().max(100), z.string().max(100)]);

/** A place in an order of documents: the field's value and the _id of the last one shown. */
export function encodeAfter(filter: string, value: string, id: string): string {
  return marked(filter, [value, id]);
}

/** The place in a cursor for this filter. Throws as `decodeCursor`. */
export function decodeAfter(filter: string, cursor: string): { value: string; _id: string } {
  const [value, _id] = read(afterSchema, filter, cursor);
  return { value, _id };
}

/** The filter is in it as a part of the digest alone. That needs no secret: who makes one up asks for a place that she may ask for. */
function marked(filter: string, parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify([filter, ...parts]));
  return Buffer.from(JSON.stringify([...parts, digest.digest('base64url').slice(0, 16)])).toString('base64url');
}

function read<T>(schema: z.ZodType<T>, filter: string, cursor: string): T {
  const all = z.array(z.string()).safeParse(jsonOf(cursor));
  const parts = all.success ? all.data.slice(0, -1) : [];
  const parsed = schema.safeParse(parts);
  if (!parsed.success || marked(filter, parts) !== cursor) throw new Refused('admin.events.invalid_cursor');
  return parsed.data;
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
