/** What waits for the staff, the oldest first. */
import { isRefusal } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { toInstant, type Instant, type WallClock } from '@creator-dashboards/shared/time';
import { rowsUntil } from '@creator-dashboards/shared/views/list';
import { workBody, workKind, workStatus } from '@creator-dashboards/shared/views/work/body';
import { kindOfStatus } from '@creator-dashboards/shared/views/work/document';
import { ALL_WORK, listOfWork } from '@creator-dashboards/shared/views/work/fold';
import { presentWork } from '@creator-dashboards/shared/views/work/present';
import { z } from 'zod';
import { listOf, type ListNamed } from '../reads/list.js';
import { PAGED, pageBody, pageQuery } from '../reads/page.js';
import type { ViewReader } from '../reads/read.js';
import type { Rows } from '../reads/rows.js';

const MAX_LIMIT = 100;
const kinds = workKind.options;
const counts = z.strictObject(Object.fromEntries(kinds.map((kind) => [kind, z.number().int().max(PAGED)])));

export function workRoute(reader: ViewReader, clock: WallClock): Route {
  return route({
    method: 'GET',
    path: '/admin/work',
    summary:
      'What waits for the staff, the oldest first: all of it, of a kind, or in a status, with how much there is of each kind',
    who: 'auditor',
    limit: 'usual',
    reads: true,
    query: z.strictObject({
      kind: workKind.optional(),
      status: workStatus.optional().describe('of the kind that is asked for, or alone'),
      ...pageQuery(MAX_LIMIT),
    }),
    data: pageBody(workBody).extend({
      counts: counts.describe(`what waits of each kind, counted up to ${PAGED}, whatever is listed`),
    }),
    errors: ['common.invalid_cursor'],
    handle: (request) => {
      const { kind, status, ...page } = request.query;
      const now = toInstant(clock.now());
      const named: ListNamed = { ...listFor(kind, status), oldestUntil: now };
      const list = listOf({
        ...{ view: 'work', page, list: () => Promise.resolve(named) },
        show: (document) => Promise.resolve(presentWork(document)),
      });
      return reader.rows(request, {
        view: 'work',
        async find(rows) {
          const found = await list.find(rows);
          return isRefusal(found) ? found : { found, counts: await countsOf(rows, now) };
        },
        show: async ({ found, counts }, open) => ({ ...((await list.show(found, open)) as object), counts }),
      });
    },
  });
}

type Kind = z.output<typeof workKind>;
type Status = z.output<typeof workStatus>;

/** A status says of which kind it is; with another kind there is nothing. */
function listFor(kind: Kind | undefined, status: Status | undefined): Pick<ListNamed, 'field' | 'list'> {
  if (status !== undefined) return { field: 'waitingByStatus', list: listOfWork(kind ?? kindOfStatus(status), status) };
  return kind === undefined ? { field: 'waiting', list: ALL_WORK } : { field: 'waitingByKind', list: kind };
}

async function countsOf({ countUpTo }: Pick<Rows<'work'>, 'countUpTo'>, now: Instant) {
  const counted = kinds.map(async (kind) => [kind, await countUpTo(rowsUntil('waitingByKind', kind, now), PAGED)]);
  return Object.fromEntries(await Promise.all(counted)) as Record<Kind, number>;
}
