/** One event, and what one request led to. Each is counted in the log as a search. */
import { accessorOf } from '@creator-dashboards/shared/access/record';
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { idText } from '@creator-dashboards/shared/http/fields';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { Refused } from '@creator-dashboards/shared/errors';
import { z } from 'zod';
import { search, type Searched } from './search.js';
import { showEvent, shownEventSchema, type ShownEvent } from './show.js';
import { treeOf, treeSchema, type TreePorts } from './tree.js';

export function correlationRoutes(ports: TreePorts, access: Pick<AccessLog, 'searched'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/events/:eventId',
      summary: 'One event, with its metadata; sealed values stay sealed',
      who: 'auditor',
      limit: 'usual',
      params: z.strictObject({ eventId: idText }),
      data: shownEventSchema,
      errors: ['admin.events.not_found', 'admin.events.catching_up'],
      async handle(request) {
        await access.searched(accessorOf(request), 'GET /admin/events/:eventId', request.params);
        return { data: await eventWith(ports, request.params.eventId) };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/correlations/:correlationId',
      summary:
        'What a request led to: commands, events, what policies did about these or did not, and the documents that show them',
      who: 'auditor',
      limit: 'usual',
      params: z.strictObject({ correlationId: idText }),
      data: treeSchema,
      errors: ['admin.events.not_found', 'admin.events.catching_up'],
      async handle(request) {
        await access.searched(accessorOf(request), 'GET /admin/correlations/:correlationId', request.params);
        return { data: await treeOf(ports, request.params.correlationId) };
      },
    }),
  ];
}

/** The event with this id, in lower case. Throws Refused: `admin.events.not_found`, `admin.events.catching_up`. */
export async function eventWith(searched: Searched, eventId: string): Promise<ShownEvent> {
  const anywhere = { since: null, until: null, first: null, last: null };
  const wanted = { ...anywhere, names: [[['eventId', eventId]]], direction: 'forwards' } as const;
  const { events } = await search(searched, wanted, { after: null, limit: 1 });
  if (!events[0]) throw new Refused('admin.events.not_found');
  return showEvent(events[0]);
}
