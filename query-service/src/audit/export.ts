/** The events that filters name, all of them, as a file: NDJSON or CSV, made while it is sent, in flat memory. */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { accessorOf } from '@creator-dashboards/shared/access/record';
import type { Direction } from '@creator-dashboards/shared/audit-index';
import { Refused } from '@creator-dashboards/shared/errors';
import { route, type BodyStream, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import type { Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { MINUTE } from '@creator-dashboards/shared/time';
import { ownTurn } from '@creator-dashboards/shared/turns';
import type { z } from 'zod';
import { querySchema, wantedBy } from './events.js';
import { FORMATS, formatOf, type Ending, type Format } from './export-formats.js';
import { hasReason, revealEvents, revealing, showEvents, WITHOUT_REASON, type Opener } from './revealing.js';
import { search, type Found, type Searched, type Wanted } from './search.js';
import { shownEventSchema, type ShownEvent } from './show.js';

export interface Exported extends Searched {
  readonly access: Pick<AccessLog, 'exported' | 'revealed'>;
  readonly sealer: Opener;
}

/** An export has at most so many events, and says where to go on. */
export const EXPORT_MAX = 1_000_000;
/** So many at once: each takes turns with the requests of everybody. */
const UNDER_WAY_MAX = 4;
const PAGE = 200;
const CHUNK = 20;

export const exportQuery = querySchema
  .omit({ cursor: true, limit: true })
  .extend({ format: formatOf.optional(), ...revealing })
  .refine(hasReason, WITHOUT_REASON)
  .describe('a reason, if personal data is to be revealed');
type Query = z.output<typeof exportQuery>;

const MEANS = 'GET /admin/events/export';

/** `most`: see EXPORT_MAX. */
export function exportRoutes(exported: Exported, most = EXPORT_MAX): Route[] {
  let underWay = 0;
  async function begun(request: RouteRequest<unknown, Query>, format: Format, head: Position): Promise<BodyStream> {
    if (underWay >= UNDER_WAY_MAX) throw new Refused('common.unavailable', { retryAfter: 5 });
    underWay += 1;
    const ended = () => void (underWay -= 1);
    try {
      const wanted = await upTo(exported, request.query, head);
      await recordExport(exported.access, request);
      const pageAfter: Writing['pageAfter'] = (after) => search(exported, wanted, { after, limit: PAGE });
      const first = await pageAfter(null); // what is refused is refused before the first byte
      const shown = shownBy(exported.sealer, request.query.reveal);
      const chunks = chunksOf(first, { format, head, most, direction: wanted.direction, pageAfter, shown, ended });
      return { type: format.type, chunks };
    } catch (error) {
      ended();
      throw error;
    }
  }

  return [
    route({
      method: 'GET',
      path: '/admin/events/export',
      summary: 'All events that the filters name, up to the head at its beginning, as NDJSON or CSV; see the last line',
      who: 'auditor',
      limit: { max: 10, perMs: MINUTE },
      query: exportQuery,
      data: shownEventSchema,
      streams: Object.values(FORMATS).map(({ type }) => type),
      errors: ['admin.events.catching_up', 'common.key_missing'],
      async handle(request) {
        const name = request.query.format ?? (/\btext\/csv\b/i.test(request.header('accept') ?? '') ? 'csv' : 'ndjson');
        const format = FORMATS[name];
        const head = await exported.events.head();
        const headers = {
          'Content-Disposition': `attachment; filename="events-${head}.${name}"`,
          'X-Position': head.toString(),
        };
        const stream = request.isHead ? { type: format.type, chunks: [] } : await begun(request, format, head);
        return { headers, stream };
      },
    }),
  ];
}

/** Durable when it resolves; throws where it cannot be recorded. */
async function recordExport(access: Exported['access'], request: RouteRequest<unknown, Query>): Promise<void> {
  const { reason, ...filters } = request.query;
  const accessor = accessorOf(request, reason ?? null);
  if (filters.reveal) await access.revealed(accessor, MEANS, filters.userId ?? null, filters);
  await access.exported(accessor, MEANS, filters);
}

/** What is appended later is not in it, so that what was exported is a part of one log. */
async function upTo({ events }: Exported, query: Query, head: Position): Promise<Wanted> {
  const wanted = await wantedBy(events, query);
  return { ...wanted, last: wanted.last !== null && wanted.last < head ? wanted.last : head };
}

interface Writing {
  readonly format: Format;
  readonly head: Position;
  readonly most: number;
  readonly direction: Direction;
  readonly pageAfter: (after: Position | null) => Promise<Found>;
  readonly shown: (page: readonly RecordedEvent[]) => Promise<ShownEvent[]>;
  readonly ended: () => void;
}

async function* chunksOf(first: Found, writing: Writing): AsyncGenerator<string, void> {
  const { format, head, most, pageAfter, shown, ended } = writing;
  try {
    yield format.begin;
    let [found, count, last, isWhole] = [first, 0, 0n, true];
    for (;;) {
      const page = found.events.slice(0, most - count);
      for (let start = 0; start < page.length; start += CHUNK) {
        const events = await shown(page.slice(start, start + CHUNK));
        yield events.map(format.line).join('');
        await ownTurn();
      }
      count += page.length;
      last = page.at(-1)?.position ?? last;
      isWhole = page.length === found.events.length;
      if (!isWhole || found.next === null) break;
      found = await pageAfter(found.next);
    }
    yield format.end({ complete: isWhole, count, upTo: head.toString(), next: isWhole ? null : goOn(writing, last) });
  } finally {
    ended();
  }
}

/** The filter with which an export goes on after this position. */
function goOn({ direction }: Writing, last: Position): Ending['next'] {
  return direction === 'forwards' ? { fromPosition: `${last + 1n}` } : { toPosition: `${last - 1n}` };
}

function shownBy(sealer: Opener, reveal: boolean): Writing['shown'] {
  return (page) => (reveal ? revealEvents : showEvents)(sealer, page);
}
