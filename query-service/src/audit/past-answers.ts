/** What is answered of the past: as of a moment, between two, and why a field is what it is; over HTTP and on the command line alike. */
import { Refused } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import type { Formulas } from '@creator-dashboards/shared/views/formula';
import type { z } from 'zod';
import { readEtag } from '../reads/etag.js';
import { bodyOf, documentAt, type Past, type PastDocument } from './as-of.js';
import { differences } from './diff.js';
import { explain, formulas, type Explainable } from './explain.js';
import { fieldNamed, type Field } from './field.js';
import { positionAt } from './history.js';
import type {
  asOfData,
  asOfQuery,
  diffData,
  diffQuery,
  explainData,
  explainQuery,
  params,
  Parked,
} from './past-schemas.js';
import { createPersonal } from './personal.js';

export interface PastPorts extends Past {
  readonly sealer: Pick<Sealer, 'open' | 'isErased' | 'forget'>;
}

/** An answer, and the document that it is of: whose it is has to be recorded before it is shown (`recordSeen`). */
export interface Found<T = unknown> {
  readonly data: T;
  readonly document: FoldedDocument | null;
}

type Named = z.output<typeof params>;

/** What was shown at a position, at a time, or under an ETag. Throws Refused for what is not there, as do the others. */
export async function asOf(
  past: PastPorts,
  { view: name, key }: Named,
  query: z.output<typeof asOfQuery>,
): Promise<Found<z.input<typeof asOfData>>> {
  const view = viewNamed(past, name);
  const personal = createPersonal(past.sealer, query.reveal);
  const found = await documentAt(past, { view, key, at: await momentOf(past, query) });
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

/** In which fields what was shown differs between two positions: from nothing to now, unless they are named. */
export async function diff(
  past: PastPorts,
  { view: name, key }: Named,
  query: z.output<typeof diffQuery>,
): Promise<Found<z.input<typeof diffData>>> {
  const view = viewNamed(past, name);
  const personal = createPersonal(past.sealer, query.reveal);
  const foundAt = async (at: Position) => documentAt(past, { view, key, at });
  const bodyIn = async (found: PastDocument) => {
    const made = await bodyOf(view, found.fold.kept, found, personal.open);
    return 'body' in made ? made.body : null;
  };
  const [begin, end] = [await reached(past, query.from ?? 0n), await reached(past, query.to)];
  const [from, to] = [await foundAt(begin), await foundAt(end)];
  const fields: z.input<typeof diffData>['fields'] = [];
  for (const found of await differences(await bodyIn(from), await bodyIn(to), personal)) {
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

/** Why a field of a dashboard is what it is. */
export async function why(
  past: PastPorts,
  { view: name, key }: Named,
  { field: text, position, reveal }: z.output<typeof explainQuery>,
): Promise<Found<z.input<typeof explainData>>> {
  const [view, field] = fieldIn(name, text);
  const until = await reached(past, position);
  const made = await explain(past, { view, key, field, until }, createPersonal(past.sealer, reveal));
  const { document, upTo, read, isTruncated, steps, inputs, ...rest } = made;
  const data = {
    ...{ view, key, field: text, ...rest, inputs: { ...inputs }, steps: [...steps] },
    parked: parkedIn(document),
    ...{ position: upTo.toString(), eventsRead: read, truncated: isTruncated },
  };
  return { data, document };
}

function viewNamed({ views }: Past, name: string): ViewName {
  if (Object.hasOwn(views, name)) return name as ViewName;
  throw unknownView(Object.keys(views));
}

function unknownView(known: readonly string[]): Refused {
  return new Refused('admin.past.view_unknown', { details: [{ message: `view: must be one of ${known.join(', ')}` }] });
}

/** A position of the log; the head where none is asked for. Throws Refused (400) for one that is not reached. */
async function reached({ events }: Past, asked: Position | undefined): Promise<Position> {
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

function parkedIn(document: FoldedDocument | null): Parked {
  if (!document?.parked) return null;
  const { parkedFrom = '', parkedEvent = '', parkedType = '', parkedError = '' } = document;
  return { from: parkedFrom, eventId: parkedEvent, type: parkedType, error: parkedError };
}

/** Throws Refused: 404 for a view without formulas, 400 for a field that it does not have, each with what there is. */
function fieldIn(view: string, text: string): [Explainable, Field] {
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
