/**
 * What admins decide about projections, by the same code as on the command line. Each act needs a reason, and is recorded in the log
 * before it is done; the answer's position is that of its newest event. With an Idempotency-Key it is done once.
 */
import { reasonText as reason } from '@creator-dashboards/shared/http/fields';
import { accessorOf, type Accessor } from '@creator-dashboards/shared/access/record';
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { Refused } from '@creator-dashboards/shared/errors';
import { invalid } from '@creator-dashboards/shared/http/envelope';
import { route, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import type { EventStore, KeyStore } from '@creator-dashboards/shared/ports';
import type { View } from '@creator-dashboards/shared/views/view';
import { z } from 'zod';
import { drop, repair } from '../operate/documents.js';
import { chosenBy, discard, retry, type Choice, type ParkedPorts } from '../operate/parked.js';
import * as operate from '../operate/rebuilds.js';
import type { Selection } from '../rebuild/selection.js';
import { planOfRepair } from '../rebuild/smallest.js';
import { doneOnce } from './once.js';
import { ofView, PATH, viewNamed } from './paths.js';
import * as shown from './shown-acts.js';

export interface ActPorts extends Omit<ParkedPorts, 'record' | 'events'> {
  readonly events: EventStore;
  readonly access: Pick<AccessLog, 'record'>;
  readonly keys: Pick<KeyStore, 'get'>;
}

const text = z.string().min(1).max(200);
const rate = z.int().min(1).max(999_999_999).nullable().optional().describe('events a second; null for no bound');
const generation = z
  .string()
  .regex(/^v\d{1,9}(-\d{1,9})?$/)
  .describe('as "generations" shows it');
const MAX_KEYS = 100;

const selection = {
  keys: z.array(text).min(1).max(MAX_KEYS).optional().describe('the documents of these keys'),
  creator: text.optional().describe('the documents with events of this creator, by creatorId or userId'),
  event: text.optional().describe('the documents that an event touched: its id, its position, or a type of events'),
};
const choice = {
  consumer: text.optional().describe('as "parked" names it; all by default'),
  key: text.optional(),
  cause: text.optional(),
};

export function projectionActRoutes({ access, ...stores }: ActPorts): Route[] {
  const ports: ParkedPorts & typeof stores = { ...stores, record: (...given) => access.record(...given) };
  let isSelecting = false;

  const act = { method: 'POST', who: 'admin', limit: 'usual' } as const;
  const on = (name: string) => ({ ...act, path: `${PATH}/:view/${name}`, params: ofView }) as const;
  const unknown = ['admin.projection.unknown', 'admin.projection.decided'] as const;
  type OfView = RouteRequest<z.output<typeof ofView>, unknown, { readonly reason: string }>;
  async function planned(request: OfView, decide: (view: View, by: Accessor) => Promise<operate.Decided>) {
    const view = viewNamed(ports.views, request.params.view);
    const { position, plan } = await decide(view, accessorOf(request, request.body.reason));
    return { data: { position, rebuild: shown.planOf(plan) } };
  }

  /** One at a time: it may read the whole log. */
  async function selected(view: View, what: Selection) {
    if (isSelecting) throw new Refused('common.busy', { retryAfter: 10 });
    isSelecting = true;
    try {
      return await planOfRepair(ports, view, what);
    } finally {
      isSelecting = false;
    }
  }

  const acts = [
    route({
      ...on('rebuild'),
      summary: 'Build a view anew beside what is served, then serve it',
      body: z.strictObject({ rate, reason }),
      data: shown.planShown,
      errors: [...unknown, 'admin.projection.rebuilding', 'admin.projection.newer_code'],
      handle: (request) => planned(request, (view, by) => operate.rebuild(ports, view, by, request.body)),
    }),
    route({
      ...on('pause'),
      summary: 'Stop the rebuild of a view at its next batch, until it is resumed',
      body: z.strictObject({ reason }),
      data: shown.planShown,
      errors: [...unknown, 'admin.projection.not_rebuilding', 'admin.projection.held', 'admin.projection.switched'],
      handle: (request) => planned(request, (view, by) => operate.pause(ports, view, by)),
    }),
    route({
      ...on('resume'),
      summary: 'Let a paused rebuild go on',
      body: z.strictObject({ rate, reason }),
      data: shown.planShown,
      errors: [...unknown, 'admin.projection.not_paused', 'admin.projection.newer_code'],
      handle: (request) => planned(request, (view, by) => operate.resume(ports, view, by, request.body.rate)),
    }),
    route({
      ...on('cancel'),
      summary: 'End a rebuild that is under way or has failed; what is served stays',
      body: z.strictObject({ reason }),
      data: shown.planShown,
      errors: [...unknown, 'admin.projection.not_rebuilding', 'admin.projection.switched'],
      handle: (request) => planned(request, (view, by) => operate.cancel(ports, view, by)),
    }),
    route({
      ...on('switch'),
      summary: 'Let a held rebuild through the gate, which is asked once more',
      body: z.strictObject({
        accept: text.optional().describe('id of the report that was read: what differs there may differ'),
        expect: z.array(text).max(100).optional().describe('paths in which documents may differ'),
        reason,
      }),
      data: shown.planShown,
      errors: [...unknown, 'admin.projection.not_held', 'admin.projection.other_report'],
      handle: (request) => planned(request, (view, by) => operate.letThrough(ports, view, by, request.body)),
    }),
    route({
      ...on('rollback'),
      summary: 'Serve the generation of before again, after it has caught up',
      body: z.strictObject({
        frozen: z.boolean().optional().describe('serve it as it stands where nobody can feed it'),
        reason,
      }),
      data: shown.planShown,
      errors: [
        ...unknown,
        ...(['admin.projection.no_previous', 'admin.projection.not_fed', 'admin.projection.not_frozen'] as const),
      ],
      handle: (request) => planned(request, (view, by) => operate.rollback(ports, view, by, request.body)),
    }),
    route({
      ...on('repair'),
      summary: 'Make documents of what is served anew from the log: by keys, of a creator, or that an event touched',
      body: z.strictObject({ ...selection, reason }),
      data: shown.repairShown,
      errors: [
        ...(['admin.projection.unknown', 'admin.projection.rebuilding', 'admin.projection.not_served'] as const),
        ...(['admin.projection.other_code', 'admin.projection.too_many_documents'] as const),
        ...(['admin.projection.no_documents', 'admin.projection.no_event'] as const),
        ...(['admin.projection.event_not_taken', 'common.busy'] as const),
      ],
      handle: async (request) => {
        const view = viewNamed(ports.views, request.params.view);
        const { reason: why, ...what } = request.body;
        const chosen = await selected(view, selectionOf(what));
        const { position, asked } = await repair(ports, chosen, accessorOf(request, why));
        return { data: { position, plan: chosen.plan, repairs: asked.map(({ _id }) => _id) } };
      },
    }),
    route({
      ...on('drop'),
      summary: 'Delete a generation that is neither served nor being built',
      body: z.strictObject({ generation, reason }),
      data: shown.dropShown,
      errors: ['admin.projection.unknown', 'admin.projection.no_generation', 'admin.projection.in_use'],
      handle: async (request) => {
        const view = viewNamed(ports.views, request.params.view);
        const by = accessorOf(request, request.body.reason);
        return { data: await drop(ports, view, request.body.generation, by) };
      },
    }),
    route({
      ...act,
      path: `${PATH}/parked/retry`,
      summary: 'Have parked keys tried again at the next batch of their runners',
      body: z.strictObject({ ...choice, all: z.literal(true).optional(), reason }),
      data: shown.retryShown,
      errors: ['admin.projection.unknown', 'admin.projection.not_parked'],
      handle: async (request) => {
        const chosen = await chosenBy(ports, oneWay(request.body, request.body.all));
        return { data: await retry(ports, chosen, accessorOf(request, request.body.reason)) };
      },
    }),
    route({
      ...act,
      path: `${PATH}/parked/discard`,
      summary: 'Leave out the events that keys are parked at, for good, and apply what was held',
      body: z.strictObject({ ...choice, reason }),
      data: shown.discardShown,
      errors: ['admin.projection.unknown', 'admin.projection.not_parked'],
      handle: async (request) => {
        const chosen = await chosenBy(ports, oneWay(request.body));
        return { data: await discard(ports, chosen, accessorOf(request, request.body.reason)) };
      },
    }),
  ];
  return acts.map((row) => doneOnce(ports, row));
}

/** Throws Refused (400) unless documents are named in one way. */
function selectionOf({ keys, creator, event }: z.output<z.ZodObject<typeof selection>>): Selection {
  const ways: Selection[] = [
    ...(keys ? [{ kind: 'document', keys } as const] : []),
    ...(creator !== undefined ? [{ kind: 'creator', id: creator } as const] : []),
    ...(event !== undefined ? [{ kind: 'event', event } as const] : []),
  ];
  const [way] = ways;
  if (!way || ways.length > 1) throw invalid('keys: name documents by one of keys, creator and event');
  return way;
}

/** Throws Refused (400) unless parked keys are chosen in one way. */
function oneWay({ consumer, key, cause }: Choice, all?: true): Choice {
  const ways = [key, cause, all].filter((way) => way !== undefined);
  if (ways.length !== 1) throw invalid('key: choose by one of key and cause (a retry also by all)');
  return { consumer, key, cause };
}
