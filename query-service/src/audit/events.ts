/**
 * The audit of the log: the events of one stream, of one creator, or of everything, oldest first, in pages. The work of a request
 * is bounded, so a page may hold fewer events than asked for, or none, and still have a `next`.
 */
import { id } from '@creator-dashboards/shared/events/define';
import type { EventStore, Position, RecordedEvent, Revision } from '@creator-dashboards/shared/ports';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.js';
import { brokenLink, showEvent, type ShownEvent, ifReadable } from './show.js';

type Log = Pick<EventStore, 'readStream' | 'readAll' | 'head'>;

const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;
/** How many events are read for one page of a creator, and how many at a time. */
export const MAX_SCANNED = 5_000;
const SCAN_BATCH = 1_000;
const MAX_BYTES = 1024 * 1024;

export interface EventPage {
  readonly items: readonly ShownEvent[];
  /** Cursor of the following page, null where the log or the stream ended. */
  readonly next: string | null;
  /** For a stream only: whether each event of the page has the hash of the previous one; `chainBrokenAt` is the first revision that does not. */
  readonly chainIntact?: boolean;
  readonly chainBrokenAt?: string | null;
}

/** Page sizes are clamped, never rejected (domain 0). */
export const limitSchema = z
  .string()
  .optional()
  .transform((text) => {
    const limit = Math.trunc(Number(text ?? DEFAULT_LIMIT));
    return Number.isNaN(limit) ? DEFAULT_LIMIT : Math.min(MAX_LIMIT, Math.max(1, limit));
  })
  .describe(`1 to ${MAX_LIMIT}; anything else is taken as the nearest, and as ${DEFAULT_LIMIT} where it is no number`);

const querySchema = z
  .strictObject({
    stream: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/)
      .describe('not together with creatorId')
      .optional(),
    creatorId: id
      .transform((text) => text.toLowerCase())
      .describe('not together with stream')
      .optional(),
    cursor: z.string().min(1).max(1_000).optional(),
    limit: limitSchema,
  })
  .refine((query) => !(query.stream && query.creatorId), { error: 'give stream or creatorId, not both' })
  .describe('stream or creatorId, not both');

const shownEvent = z.strictObject({
  id: z.string(),
  type: z.string(),
  stream: z.string(),
  revision: z.string(),
  position: z.string(),
  readable: z.boolean(),
  data: z.unknown(),
  metadata: z.unknown(),
});

const pageSchema = z.strictObject({
  items: z.array(shownEvent),
  next: z.string().nullable(),
  chainIntact: z.boolean().optional(),
  chainBrokenAt: z.string().nullable().optional(),
});

export function auditRoutes(log: Log): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/events',
      summary: 'Events of a stream, of a creator or of the whole log, with their metadata; sealed values stay sealed',
      who: 'auditor',
      limit: 'usual',
      query: querySchema,
      data: pageSchema,
      errors: ['admin.events.invalid_cursor'],
      handle: async ({ query }) => ({ data: await pageOf(log, query) }),
    }),
  ];
}

function pageOf(log: Log, query: z.output<typeof querySchema>): Promise<EventPage> {
  const { stream, creatorId, cursor, limit } = query;
  if (stream) return streamPage(log, stream, cursor, limit);
  return creatorId ? creatorPage(log, creatorId, cursor, limit) : logPage(log, cursor, limit);
}

async function streamPage(log: Log, stream: string, cursor: string | undefined, limit: number): Promise<EventPage> {
  const filter = `stream:${stream}`;
  const from: Revision = cursor === undefined ? 0n : decodeCursor(filter, cursor);
  // The event before the page is needed for the first one's hash, the event after it shows that there is more.
  const before = from > 0n ? ((await log.readStream(stream, { from: from - 1n, limit: 1 }))[0] ?? null) : null;
  const events = await log.readStream(stream, { from, limit: limit + 1 });
  const page = events.slice(0, limit);
  const following = events[limit];
  const chainBrokenAt = brokenLink(before, page);
  return {
    items: page.map(showEvent),
    next: following ? encodeCursor(filter, following.revision) : null,
    chainIntact: chainBrokenAt === null,
    chainBrokenAt,
  };
}

async function logPage(log: Log, cursor: string | undefined, limit: number): Promise<EventPage> {
  const after: Position = cursor === undefined ? 0n : decodeCursor('log', cursor);
  const events = await log.readAll({ after, limit, maxBytes: MAX_BYTES });
  return { items: events.map(showEvent), next: await nextAfter(log, 'log', events.at(-1)) };
}

async function creatorPage(log: Log, creatorId: string, cursor: string | undefined, limit: number): Promise<EventPage> {
  const filter = `creator:${creatorId}`;
  const ownerId = await ownerOf(log, creatorId);
  let after: Position = cursor === undefined ? 0n : decodeCursor(filter, cursor);
  const found: RecordedEvent[] = [];
  let last: RecordedEvent | undefined;
  for (let scanned = 0; scanned < MAX_SCANNED;) {
    const batch = await log.readAll({ after, limit: SCAN_BATCH, maxBytes: MAX_BYTES });
    last = batch.at(-1);
    if (!last) break;
    scanned += batch.length;
    after = last.position;
    for (const event of batch) {
      if (!concernsCreator(event, creatorId, ownerId)) continue;
      found.push(event);
      if (found.length === limit) return { items: found.map(showEvent), next: await nextAfter(log, filter, event) };
    }
  }
  return { items: found.map(showEvent), next: await nextAfter(log, filter, last) };
}

/** The user behind a creator, from the first event of the creator's stream; null for an unknown creator. */
export async function ownerOf(log: Pick<EventStore, 'readStream'>, creatorId: string): Promise<string | null> {
  const [first] = await log.readStream(`creator-${creatorId}`, { limit: 1 });
  return (first && ifReadable(() => first.metadata)?.keys?.userId) ?? null;
}

/** Events of the creator, and those of its owner's account, wallets and referral link. */
function concernsCreator(event: RecordedEvent, creatorId: string, ownerId: string | null): boolean {
  const keys = (ifReadable(() => event.metadata) as Partial<RecordedEvent['metadata']> | null)?.keys;
  return keys?.creatorId === creatorId || (ownerId !== null && keys?.userId === ownerId);
}

async function nextAfter(log: Log, filter: string, last: RecordedEvent | undefined): Promise<string | null> {
  return last && last.position < (await log.head()) ? encodeCursor(filter, last.position) : null;
}
