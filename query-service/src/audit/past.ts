/** Routes that answer what was shown in the past, and why. Personal data is masked unless its revealing is asked for, with a reason. */
import { Refused } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position } from '@creator-dashboards/shared/ports';
import { route, type Route, type RouteResponse } from '@creator-dashboards/shared/http/route';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { MINUTE } from '@creator-dashboards/shared/time';
import { oneAtATime } from '@creator-dashboards/shared/waiting';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import type { Formulas } from '@creator-dashboards/shared/views/formula';
import type { z } from 'zod';
import { readEtag } from '../reads/etag.js';
import { bodyOf, documentAt, type Past, type PastDocument } from './as-of.js';
import { differences } from './diff.js';
import { positionAt } from './history.js';
import { explain, formulas, type Explainable, type Explanation } from './explain.js';
import { fieldNamed, type Field } from './field.js';
import {
  asOfData,
  asOfQuery,
  diffData,
  diffQuery,
  explainData,
  explainQuery,
  params,
  type Parked,
} from './past-schemas.js';
import { createPersonal, type Personal } from './personal.js';
import { recordSeen } from './seen.js';

export interface PastOptions extends Past {
  readonly sealer: Pick<Sealer, 'open' | 'isErased' | 'forget'>;
  readonly access: Parameters<typeof recordSeen>[0];
}

/** An answer, and the document that it is of. */
interface Found<T = unknown> {
  readonly data: T;
  readonly document: FoldedDocument | null;
}

/** An answer may take seconds, in turns with other requests: so many may wait for the one before. */
const MAX_WAITING = 8;

export function pastRoutes(past: PastOptions): Route[] {
  const inTurn = oneAtATime();
  let waiting = 0;
  async function heavy<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= MAX_WAITING) throw new Refused('common.unavailable', { retryAfter: 5 });
    waiting += 1;
    try {
      return await inTurn(work);
    } finally {
      waiting -= 1;
    }
  }
  /** What was found, and of whose document, which is recorded before it is answered. */
  async function answered<R extends Parameters<typeof recordSeen>[1]>(
    request: R,
    work: (request: R) => Promise<Found>,
  ): Promise<RouteResponse> {
    const { data, document } = await heavy(() => work(request));
    await recordSeen(past.access, request, document);
    return { data };
  }
  const asked = { method: 'GET', who: 'auditor', limit: { max: 60, perMs: MINUTE }, params } as const;
  const errors = ['admin.past.view_unknown', 'admin.past.position_ahead', 'admin.events.catching_up'] as const;

  return [
    route({
      ...asked,
      path: '/admin/as-of/:view/:key',
      summary: 'What was shown of a document at a position, at a time, or under an ETag, folded anew from the log',
      query: asOfQuery,
      data: asOfData,
      errors: [...errors, 'admin.past.etag_unknown'],
      handle: (request) =>
        answered(request, async ({ params, query }) => {
          const view = viewNamed(past, params.view);
          return asOf(past, view, params.key, await momentOf(past, query), createPersonal(past.sealer, query.reveal));
        }),
    }),
    route({
      ...asked,
      path: '/admin/diff/:view/:key',
      summary: 'The fields in which what was shown of a document differs between two positions, with both values',
      query: diffQuery,
      data: diffData,
      errors,
      handle: (request) =>
        answered(request, async ({ params, query }) => {
          const view = viewNamed(past, params.view);
          const from = await reached(past, query.from ?? 0n);
          const to = await reached(past, query.to);
          return diff(past, view, params.key, { from, to }, createPersonal(past.sealer, query.reveal));
        }),
    }),
    route({
      ...asked,
      path: '/admin/explain/:view/:key',
      summary: 'Why a field of a dashboard is what it is: its formula, the inputs, and the events that moved it',
      query: explainQuery,
      data: explainData,
      errors,
      handle: (request) =>
        answered(request, async ({ params, query }) => {
          const [view, field] = fieldOf(params.view, query.field);
          const asked = { view, key: params.key, field, until: await reached(past, query.position) };
          return explained(asked, await explain(past, asked, createPersonal(past.sealer, query.reveal)), query.field);
        }),
    }),
  ];
}

function viewNamed({ views }: Past, name: string): ViewName {
  if (Object.hasOwn(views, name)) return name as ViewName;
  throw unknownView(Object.keys(views));
}

export function unknownView(known: readonly string[]): Refused {
  return new Refused('admin.past.view_unknown', { details: [{ message: `view: must be one of ${known.join(', ')}` }] });
}

/** A position of the log; the head where none is asked for. Throws Refused (400) for one that is not reached. */
export async function reached({ events }: Past, asked: Position | undefined): Promise<Position> {
  const head = await events.head();
  if (asked !== undefined && asked > head) throw new Refused('admin.past.position_ahead');
  return asked ?? head;
}

async function momentOf(past: Past, { position, at, etag }: z.output<typeof asOfQuery>) {
  if (at !== undefined) return positionAt(past, at);
  if (etag === undefined) return reached(past, position);
  const stamp = readEtag(etag);
  if (!stamp)
    throw new Refused('common.validation_failed', { details: [{ message: 'etag: must be an ETag of a dashboard' }] });
  await reached(past, stamp.document.position);
  await reached(past, stamp.config.position);
  return stamp;
}

async function asOf(
  past: Past,
  view: ViewName,
  key: string,
  at: Awaited<ReturnType<typeof momentOf>>,
  personal: Personal,
): Promise<Found<z.input<typeof asOfData>>> {
  const found = await documentAt(past, { view, key, at });
  const made = await bodyOf(view, found.fold.kept, found, personal.open);
  const { value, erased, masked } = await personal.show('body' in made ? made.body : null);
  const data = {
    ...{ view, key, body: value, refused: 'refused' in made ? made.refused : null },
    position: found.upTo.toString(),
    documentPosition: (found.document?.position ?? 0n).toString(),
    configPosition: found.config && found.config.position.toString(),
    fold: found.fold,
    ...{ erased: erased.length > 0, erasedFields: [...erased], maskedFields: [...masked] },
    parked: parkedIn(found.document),
    ...{ eventsRead: found.read, truncated: found.isTruncated },
  };
  return { data, document: found.document };
}

async function diff(
  past: Past,
  view: ViewName,
  key: string,
  at: { readonly from: Position; readonly to: Position },
  personal: Personal,
): Promise<Found<z.input<typeof diffData>>> {
  const bodyAt = async (found: PastDocument) => {
    const made = await bodyOf(view, found.fold.kept, found, personal.open);
    return 'body' in made ? made.body : null;
  };
  const from = await documentAt(past, { view, key, at: at.from });
  const to = await documentAt(past, { view, key, at: at.to });
  const fields: z.input<typeof diffData>['fields'] = [];
  for (const found of await differences(await bodyAt(from), await bodyAt(to), personal)) {
    const [before, after] = [await personal.show(found.from), await personal.show(found.to)];
    fields.push({
      ...{ field: found.field, from: before.value, to: after.value },
      masked: before.masked.length + after.masked.length > 0,
      erased: before.erased.length + after.erased.length > 0,
    });
  }
  const data = {
    ...{ view, key, from: from.upTo.toString(), to: to.upTo.toString(), fields },
    eventsRead: from.read + to.read,
    truncated: from.isTruncated || to.isTruncated,
  };
  return { data, document: to.document ?? from.document };
}

export function parkedIn(document: PastDocument['document']): Parked {
  if (!document?.parked) return null;
  const { parkedFrom = '', parkedEvent = '', parkedType = '', parkedError = '' } = document;
  return { from: parkedFrom, eventId: parkedEvent, type: parkedType, error: parkedError };
}

/** Throws Refused: 404 for a view without formulas, 400 for a field that it does not have, each with what there is. */
function fieldOf(view: string, text: string): [Explainable, Field] {
  if (!Object.hasOwn(formulas, view)) throw unknownView(Object.keys(formulas));
  const known: Formulas = formulas[view as Explainable];
  const field = fieldNamed(known, text);
  if (field) return [view as Explainable, field];
  const there = Object.keys(known.fields).join(', ');
  throw new Refused('common.validation_failed', {
    details: [
      { message: `field: must be one of ${there}, or a field that holds some of them; * is the id of an item` },
    ],
  });
}

function explained(
  { view, key }: { readonly view: string; readonly key: string },
  { document, upTo, read, isTruncated, steps, ...rest }: Explanation,
  field: string,
): Found<z.input<typeof explainData>> {
  const data = {
    ...{ view, key, field, ...rest, inputs: { ...rest.inputs }, steps: [...steps] },
    parked: parkedIn(document),
    ...{ position: upTo.toString(), eventsRead: read, truncated: isTruncated },
  };
  return { data, document };
}
