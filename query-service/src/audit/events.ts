/**
 * The audit of the log: all events, or those that filters name, in pages. The work of a request is
 * bounded, so a page may hold fewer events than asked for, or none, and still have a `next`.
 */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { accessorOf } from '@creator-dashboards/shared/access/record';
import { canonical } from '@creator-dashboards/shared/canonical';
import { id } from '@creator-dashboards/shared/events/define';
import { idText } from '@creator-dashboards/shared/http/fields';
import type { Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { search, type Searched, type Wanted } from './search.js';
import { FILTERS, type Name } from './terms.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { cursorText, DIRECTIONS, limitSchema, orderText } from './page-query.js';
import { showEvents, type Opener } from './revealing.js';
import { shownEventSchema, type ShownEvent, ifReadable } from './show.js';

type Log = Searched['events'];

/** Events and their index, and what opens admins' reasons. */
export interface Shown extends Searched {
  readonly sealer: Opener;
}

const MAX_BYTES = 1024 * 1024;

export interface EventPage {
  readonly items: readonly ShownEvent[];
  /** Cursor of the following page, null where the log ended. */
  readonly next: string | null;
}

/** The name of a stream, a type and the like. */
export const word = z.string().regex(/^[\x21-\x7e]{1,200}$/);
const anyId = word.transform((text) => (id.safeParse(text).success ? text.toLowerCase() : text));
/** In milliseconds since the epoch. */
export const time = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .describe('an ISO 8601 time, with an offset or Z');
export const position = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .refine((value) => value < 2n ** 63n)
  .describe('below 2^63');

/** Of a search, as it stands in a query string or on a command line. */
export const querySchema = z.strictObject({
  stream: word.optional(),
  category: word.optional(),
  type: word.optional(),
  eventId: anyId.optional(),
  creatorId: idText.optional(),
  userId: anyId.optional(),
  /** Id of a message, a payout, a bio link or a reward. */
  about: anyId.optional(),
  configKey: word.optional(),
  /** Id of a user, or SYSTEM, PROVIDER or PUBLIC. */
  actor: anyId.optional(),
  correlationId: anyId.optional(),
  causationId: anyId.optional(),
  from: time.optional(),
  to: time.optional(),
  fromPosition: position.optional(),
  toPosition: position.optional(),
  order: orderText.default('oldest'),
  cursor: cursorText.optional(),
  limit: limitSchema,
});
type Query = z.output<typeof querySchema>;

const pageSchema = z.strictObject({
  items: z.array(shownEventSchema),
  next: z.string().nullable(),
});

/** Events and their index. A search is counted in the log, whatever it finds. */
export function auditRoutes(searched: Shown, access: Pick<AccessLog, 'searched'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/events',
      summary:
        "Events of the log by what they name, with their metadata and admins' reasons; other sealed values stay sealed",
      who: 'auditor',
      limit: 'usual',
      query: querySchema,
      data: pageSchema,
      errors: ['admin.events.invalid_cursor', 'admin.events.catching_up'],
      async handle(request) {
        const { cursor: _cursor, limit: _limit, ...filters } = request.query;
        await access.searched(accessorOf(request), 'GET /admin/events', filters);
        return { data: await pageOf(searched, request.query) };
      },
    }),
  ];
}

/** Throws Refused: `admin.events.invalid_cursor`, `admin.events.catching_up`. */
export function pageOf(searched: Shown, query: Query): Promise<EventPage> {
  const { cursor, limit, order, ...filters } = query;
  const isAll = order === 'oldest' && Object.values(filters).every((value) => value === undefined);
  return isAll ? logPage(searched, cursor, limit) : foundPage(searched, query);
}

async function logPage({ events: log, sealer }: Shown, cursor: string | undefined, limit: number): Promise<EventPage> {
  const after: Position = cursor === undefined ? 0n : decodeCursor('log', cursor);
  const events = await log.readAll({ after, limit, maxBytes: MAX_BYTES });
  return { items: await showEvents(sealer, events), next: await nextAfter(log, 'log', events.at(-1)) };
}

/** Events that the filters name, by the index. */
async function foundPage(searched: Shown, query: Query): Promise<EventPage> {
  const { cursor, limit, order, ...filters } = query;
  const filter = canonical({
    order,
    ...filters,
    fromPosition: String(filters.fromPosition),
    toPosition: String(filters.toPosition),
  });
  const after = cursor === undefined ? null : decodeCursor(filter, cursor);
  const found = await search(searched, await wantedBy(searched.events, query), { after, limit });
  return {
    items: await showEvents(searched.sealer, found.events),
    next: found.next === null ? null : encodeCursor(filter, found.next),
  };
}

/** What a search asks for. */
export async function wantedBy(
  log: Pick<Log, 'readStream'>,
  { order, from, to, fromPosition, toPosition, ...query }: Omit<Query, 'cursor' | 'limit'>,
): Promise<Wanted> {
  const names = FILTERS.flatMap((filter): Name[][] => {
    const value = query[filter];
    return value === undefined ? [] : [[[filter, value]]];
  });
  const owner = query.creatorId === undefined ? null : await ownerOf(log, query.creatorId);
  const withOwner = (any: Name[]): Name[] =>
    owner !== null && any[0]?.[0] === 'creatorId' ? [...any, ['userId', owner]] : any;
  return {
    names: names.map(withOwner),
    since: from ?? null,
    until: to ?? null,
    first: fromPosition ?? null,
    last: toPosition ?? null,
    direction: DIRECTIONS[order],
  };
}

/** The user behind a creator, from the first event of the creator's stream; null for an unknown creator. */
export async function ownerOf(log: Pick<Log, 'readStream'>, creatorId: string): Promise<string | null> {
  const [first] = await log.readStream(`creator-${creatorId}`, { limit: 1 });
  return (first && ifReadable(() => first.metadata)?.keys?.userId) ?? null;
}

async function nextAfter(log: Log, filter: string, last: RecordedEvent | undefined): Promise<string | null> {
  return last && last.position < (await log.head()) ? encodeCursor(filter, last.position) : null;
}
