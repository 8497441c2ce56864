/**
 * Pages of a list (docs/lists.md): what they are asked with, and what they answer. A page by number reaches the newest PAGED rows;
 * the cursor of the page before goes on past them.
 */
import { Refused } from '@creator-dashboards/shared/errors';
import { instant } from '@creator-dashboards/shared/events/define';
import { clampedNumber } from '@creator-dashboards/shared/http/fields';
import type { Row } from '@creator-dashboards/shared/views/list';
import { z } from 'zod';

/** How many rows pages by number reach and `total` counts. */
export const PAGED = 1_000;

const DEFAULT_LIMIT = 20;

/** The fields of a query that ask for a page; to be spread into the route's own. */
export function pageQuery(maxLimit: number) {
  return {
    page: clampedNumber({ usual: 1, max: PAGED }),
    limit: clampedNumber({ usual: DEFAULT_LIMIT, max: maxLimit }),
    cursor: z.string().min(1).max(500).optional().describe('`nextCursor` of the page before, in place of `page`'),
  };
}

export interface PageAsked {
  readonly page: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The body of a page of such items. */
export function pageBody(item: z.ZodType) {
  return z.strictObject({
    items: z.array(item),
    total: z.number().int().max(PAGED).describe(`rows in the list, counted up to ${PAGED}`),
    page: z.number().int().nullable().describe('null where a cursor was followed'),
    limit: z.number().int(),
    totalPages: z.number().int(),
    truncated: z.boolean().describe(`there are more than ${PAGED} rows; nextCursor leads to all of them`),
    nextCursor: z.string().nullable().describe('what the next page is asked with; null on the last one'),
  });
}

/** The number of the page that is answered: what lies beyond the rows that pages reach is taken as the last of them. */
export function pageNumber({ page, limit }: PageAsked): number {
  return Math.min(page, Math.max(1, Math.floor(PAGED / limit)));
}

/** The fields that say which page it is of how many. */
export function pagesOf(total: number, asked: PageAsked) {
  const { limit, cursor } = asked;
  return { total, page: cursor === undefined ? pageNumber(asked) : null, limit, totalPages: Math.ceil(total / limit) };
}

const cursorSchema = z.tuple([z.string(), instant, z.string().min(1).max(200)]);

/** `list` names the list: its cursor is good for no other. */
export function encodeCursor(list: string, { at, _id }: Row): string {
  return Buffer.from(JSON.stringify([list, at, _id])).toString('base64url');
}

/** The row that a cursor for this list names. Throws Refused `common.invalid_cursor` for anything else. */
export function decodeCursor(list: string, cursor: string): Row {
  const parsed = cursorSchema.safeParse(jsonOf(cursor));
  if (!parsed.success || parsed.data[0] !== list) throw new Refused('common.invalid_cursor');
  return { at: parsed.data[1], _id: parsed.data[2] };
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
