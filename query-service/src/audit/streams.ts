/** One stream: its events from either end, and whether each has the hash of the one before it. Read from the log itself. */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { accessorOf } from '@creator-dashboards/shared/access/record';
import type { EventStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.js';
import { word } from './events.js';
import { cursorText, DIRECTIONS, limitSchema, orderText, type Order } from './page-query.js';
import { hasReason, revealing, shownTo, WITHOUT_REASON, type Opener } from './revealing.js';
import { brokenLink, shownEventSchema } from './show.js';

type Log = Pick<EventStore, 'readStream'>;

const querySchema = z
  .strictObject({
    order: orderText.default('oldest'),
    cursor: cursorText.optional(),
    limit: limitSchema,
    ...revealing,
  })
  .refine(hasReason, WITHOUT_REASON)
  .describe('a reason, if personal data is to be revealed');

const streamSchema = z.strictObject({
  stream: z.string(),
  items: z.array(shownEventSchema),
  next: z.string().nullable(),
  chainIntact: z.boolean().describe('whether each event of the page has the hash of the one before it'),
  chainBrokenAt: z.string().nullable().describe('revision of the first that has not'),
});

/** Counted as a search; where personal data is revealed, that is recorded before the answer. */
export function streamRoutes(
  log: Log,
  shown: { readonly sealer: Opener; readonly access: Pick<AccessLog, 'searched' | 'revealed'> },
): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/streams/:stream',
      summary: 'The events of one stream, with the check of its hash chain; sealed values stay sealed unless revealed',
      who: 'auditor',
      limit: 'usual',
      params: z.strictObject({ stream: word }),
      query: querySchema,
      data: streamSchema,
      errors: ['admin.events.invalid_cursor'],
      async handle(request) {
        const { stream } = request.params;
        const { query } = request;
        const accessor = accessorOf(request);
        const [means, filters] = ['GET /admin/streams/:stream', { stream, order: query.order }];
        await shown.access.searched(accessor, means, filters);
        const { page, ...rest } = await pageOf(log, stream, query);
        const items = await shownTo(shown, { accessor, means, filters, query }, page);
        return { data: { stream, items, ...rest } };
      },
    }),
  ];
}

interface Asked {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly order: Order;
}

/** At most `limit` events, and whether they hang together. Throws Refused `admin.events.invalid_cursor`. */
async function pageOf(log: Log, stream: string, { cursor, limit, order }: Asked) {
  const filter = `stream:${stream}:${order}`;
  const from = cursor === undefined ? undefined : decodeCursor(filter, cursor);
  const start = from === undefined ? {} : { from };
  const found = await log.readStream(stream, { ...start, direction: DIRECTIONS[order], limit: limit + 1 });
  const [page, following] = [found.slice(0, limit), found[limit]];
  const chainBrokenAt =
    order === 'oldest'
      ? brokenLink(await eventBefore(log, stream, from), page)
      : brokenLink(following ?? null, page.toReversed());
  return {
    page,
    next: following ? encodeCursor(filter, following.revision) : null,
    chainIntact: chainBrokenAt === null,
    chainBrokenAt,
  };
}

/** Its hash is in the first event of the page. */
async function eventBefore(log: Log, stream: string, from = 0n): Promise<RecordedEvent | null> {
  if (from === 0n) return null;
  return (await log.readStream(stream, { from: from - 1n, limit: 1 }))[0] ?? null;
}
