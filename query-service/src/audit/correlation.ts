/** One event, and what one request led to. Each is counted in the log as a search. */
import { accessorOf } from '@creator-dashboards/shared/access/record';
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { idText } from '@creator-dashboards/shared/http/fields';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { Refused } from '@creator-dashboards/shared/errors';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { z } from 'zod';
import { named, searchFirst, type Searched } from './search.js';
import { hasReason, revealing, shownTo, WITHOUT_REASON, type Opener } from './revealing.js';
import { shownEventSchema } from './show.js';
import { treeOf, treeSchema, type TreePorts } from './tree.js';

export interface CorrelationPorts extends TreePorts {
  readonly sealer: Opener;
  readonly access: Pick<AccessLog, 'searched' | 'revealed'>;
}

export const eventQuery = z
  .strictObject(revealing)
  .refine(hasReason, WITHOUT_REASON)
  .describe('a reason, if personal data is to be revealed');

export function correlationRoutes(ports: CorrelationPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/events/:eventId',
      summary: 'One event, with its metadata; sealed values stay sealed unless revealed',
      who: 'auditor',
      limit: 'usual',
      params: z.strictObject({ eventId: idText }),
      query: eventQuery,
      data: shownEventSchema,
      errors: ['admin.events.not_found', 'admin.events.catching_up'],
      async handle(request) {
        const { params: filters, query } = request;
        const [accessor, means] = [accessorOf(request), 'GET /admin/events/:eventId'];
        await ports.access.searched(accessor, means, filters);
        const event = await eventWith(ports, filters.eventId);
        const [data] = await shownTo(ports, { accessor, means, filters, query }, [event]);
        return { data };
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
        await ports.access.searched(accessorOf(request), 'GET /admin/correlations/:correlationId', request.params);
        return { data: await treeOf(ports, request.params.correlationId) };
      },
    }),
  ];
}

/** The event with this id, in lower case. Throws Refused: `admin.events.not_found`, `admin.events.catching_up`. */
export async function eventWith(searched: Searched, eventId: string): Promise<RecordedEvent> {
  const event = await searchFirst(searched, named([['eventId', eventId]]));
  if (!event) throw new Refused('admin.events.not_found');
  return event;
}
