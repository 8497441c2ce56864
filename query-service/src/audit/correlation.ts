/** What a request led to: its commands, their events, what policies did about these, and the documents that they are shown in. */
import { accessorOf } from '@creator-dashboards/shared/access/record';
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { idText } from '@creator-dashboards/shared/http/fields';
import { concerns } from '@creator-dashboards/shared/fold';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { Refused } from '@creator-dashboards/shared/errors';
import type { EventMetadata, RecordedEvent } from '@creator-dashboards/shared/ports';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { z } from 'zod';
import { search, type Searched, type Wanted } from './search.js';
import { ifReadable, showEvent, shownEventSchema, type ShownEvent } from './show.js';

/** More events of one request are left out, and the answer says so. */
export const EVENTS_MAX = 1_000;
const PAGE = 200;

const nodeSchema = z.strictObject({
  kind: z.enum(['command', 'event', 'document']),
  /** Of a command or event; of a document `<view>/<key>@<position>`. */
  id: z.string(),
  /** What it follows from: of a command the event that a policy took up, of an event its command, of a document the event. */
  parentId: z.string().nullable(),
  type: z.string().nullable(),
  stream: z.string().nullable(),
  position: z.string().nullable(),
  occurredAt: z.string().nullable(),
  actor: z.string().nullable(),
  view: z.string().nullable(),
  key: z.string().nullable(),
});
type Node = z.output<typeof nodeSchema>;

const correlationSchema = z.strictObject({
  correlationId: z.string(),
  nodes: z.array(nodeSchema),
  /** Whether there are more events than are shown. */
  truncated: z.boolean(),
});

const EMPTY: Omit<Node, 'kind' | 'id'> = {
  ...{ parentId: null, type: null, stream: null, position: null, occurredAt: null, actor: null, view: null, key: null },
};

/** One event, and the tree of one request. Each is counted in the log as a search. */
export function correlationRoutes(
  searched: Searched,
  views: ViewRegistry,
  access: Pick<AccessLog, 'searched'>,
): Route[] {
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
        return { data: await eventWith(searched, request.params.eventId) };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/correlations/:correlationId',
      summary:
        'What a request led to: commands, events, what policies did about these, and the documents that show them',
      who: 'auditor',
      limit: 'usual',
      params: z.strictObject({ correlationId: idText }),
      data: correlationSchema,
      errors: ['admin.events.not_found', 'admin.events.catching_up'],
      async handle(request) {
        await access.searched(accessorOf(request), 'GET /admin/correlations/:correlationId', request.params);
        return { data: await treeOf(searched, views, request.params.correlationId) };
      },
    }),
  ];
}

function wanted(filter: 'eventId' | 'correlationId', value: string): Wanted {
  return {
    ...{ names: [[[filter, value]]], direction: 'forwards' },
    ...{ since: null, until: null, first: null, last: null },
  };
}

/** The event with this id, in lower case. Throws Refused: `admin.events.not_found`, `admin.events.catching_up`. */
export async function eventWith(searched: Searched, eventId: string): Promise<ShownEvent> {
  const { events } = await search(searched, wanted('eventId', eventId), { after: null, limit: 1 });
  if (!events[0]) throw new Refused('admin.events.not_found');
  return showEvent(events[0]);
}

/** In the order of the log: a command before its events, an event before what shows it and what was done about it. */
export async function treeOf(
  searched: Searched,
  views: ViewRegistry,
  correlationId: string,
): Promise<z.output<typeof correlationSchema>> {
  const events: RecordedEvent[] = [];
  let after: bigint | null = null;
  do {
    const found = await search(searched, wanted('correlationId', correlationId), { after, limit: PAGE });
    events.push(...found.events);
    after = found.next;
  } while (after !== null && events.length < EVENTS_MAX);
  if (events.length === 0) throw new Refused('admin.events.not_found');
  const shown = events.slice(0, EVENTS_MAX);
  const commands = new Set<string>();
  const nodes = shown.flatMap((event) => [
    ...commandOf(event, commands),
    eventNode(event),
    ...Object.values(views).flatMap((view) => documentOf(view, event)),
  ]);
  return { correlationId, nodes, truncated: after !== null || shown.length < events.length };
}

const metadataOf = (event: RecordedEvent): Partial<EventMetadata> => ifReadable(() => event.metadata) ?? {};

/** The command of an event, the first time it is met. */
function commandOf(event: RecordedEvent, seen: Set<string>): Node[] {
  const { commandId, $causationId, actor, occurredAt } = metadataOf(event);
  if (commandId === undefined || seen.has(commandId)) return [];
  seen.add(commandId);
  const parentId = $causationId === commandId ? null : ($causationId ?? null);
  const by = actor?.userId ?? actor?.role ?? null;
  return [{ ...EMPTY, kind: 'command', id: commandId, parentId, occurredAt: occurredAt ?? null, actor: by }];
}

function eventNode(event: RecordedEvent): Node {
  const { commandId, occurredAt } = metadataOf(event);
  const { id: eventId, type, stream, position } = event;
  return {
    ...{ ...EMPTY, kind: 'event', id: eventId, parentId: commandId ?? null, type, stream },
    ...{ position: position.toString(), occurredAt: occurredAt ?? null },
  };
}

/** The document of a view that shows an event, if there is one. Whether it was parked there is not told. */
function documentOf(view: ViewRegistry[string], event: RecordedEvent): Node[] {
  if (ifReadable(() => event.metadata) === null || !concerns(view, event)) return [];
  const key = view.keyOf(event);
  if (key === undefined) return [];
  const position = event.position.toString();
  const place = `${view.name}/${key}@${position}`;
  return [{ ...EMPTY, kind: 'document', id: place, parentId: event.id, position, view: view.name, key }];
}
