/** What was shown in the past, and why, as text for people. A value that is masked, or was erased, says so in its place. */
import { table } from '@creator-dashboards/shared/command-line/output';
import { messageOf, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { z } from 'zod';
import type { asOfData, diffData, explainData, Parked } from '../past-schemas.js';
import { nameIn } from '../personal.js';

type AsOf = z.input<typeof asOfData>;
type Diff = z.input<typeof diffData>;
type Why = z.input<typeof explainData>;

const MASKED = '(masked)';
const ERASED = '(erased)';
const HOW_TO_REVEAL = 'What is masked is shown with --reveal --reason <why> --by <name>; the log keeps who saw it.';

export function asOfText(data: AsOf): string {
  const { view, key, body, position, fold, erasedFields, maskedFields } = data;
  const instead = new Map([
    ...maskedFields.map((field) => [field, MASKED] as const),
    ...erasedFields.map((field) => [field, ERASED] as const),
  ]);
  const rows = leavesOf(body).map(([field, value]) => [field, instead.get(field) ?? cell(value)]);
  const code = `code of version ${fold.version}${fold.sameCode ? '' : `, since that of ${fold.generation} is gone`}`;
  return paragraphs(
    `${view} ${key} as of position ${position} (${code})`,
    body === null ? nothingShown(data.refused) : table(['FIELD', 'VALUE'], rows),
    ...notes(data),
    maskedFields.length > 0 && HOW_TO_REVEAL,
  );
}

export function diffText(data: Diff): string {
  const { view, key, from, to, fields } = data;
  const shown = (one: Diff['fields'][number], value: unknown) => sealedOr(one, value);
  const rows = fields.map((one) => [one.field, shown(one, one.from), shown(one, one.to)]);
  return paragraphs(
    `${view} ${key} from position ${from} to ${to}`,
    fields.length > 0 ? table(['FIELD', 'BEFORE', 'AFTER'], rows) : 'Nothing that is shown differs.',
    ...notes(data),
    fields.some(({ masked }) => masked) && HOW_TO_REVEAL,
  );
}

export function explainText(data: Why): string {
  const { view, key, field, formula, inputs, steps, stepsLeftOut, refused } = data;
  const side = (step: Why['steps'][number], which: 'before' | 'after') =>
    sealedOr({ masked: step.masked.includes(which), erased: step.erased.includes(which) }, step[which]);
  const rows = steps.map((step) => [
    ...[BigInt(step.position), step.occurredAt, step.type],
    ...[side(step, 'before'), side(step, 'after'), step.correlationId],
  ]);
  const given = Object.entries(inputs).map(([name, value]) => `${name} = ${cell(value)}`);
  return paragraphs(
    `${field} of ${view} ${key} is ${refused === null ? sealedOr(data, data.value) : 'not shown'} at position ${data.position}`,
    refused !== null && nothingShown(refused),
    [
      `formula: ${formula}`,
      ...(given.length > 0 ? [`inputs (amounts of the document are cents): ${given.join(', ')}`] : []),
    ].join('\n'),
    stepsLeftOut > 0 && `${stepsLeftOut} older steps are left out.`,
    rows.length > 0
      ? table(['POSITION', 'TIME', 'EVENT', 'BEFORE', 'AFTER', 'REQUEST'], rows)
      : 'No event has moved it.',
    ...notes(data),
    rows.length > 0 && 'What else a request led to: audit tree <request>',
    data.masked && HOW_TO_REVEAL,
  );
}

const sealedOr = ({ masked, erased }: { masked: boolean; erased: boolean }, value: unknown) =>
  value === null && erased ? ERASED : value === null && masked ? MASKED : cell(value);

/** Every lowest field of a body with its path; an empty list or object is one. */
function leavesOf(value: unknown, path = ''): [string, unknown][] {
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  const parts =
    value === null || typeof value !== 'object'
      ? []
      : Array.isArray(value)
        ? value.map((item, place) => [nameIn(item, place), item] as const)
        : Object.entries(value);
  return parts.length === 0 ? [[path, value]] : parts.flatMap(([name, part]) => leavesOf(part, below(name)));
}

/** Longer values are cut off; --json has them whole. */
const WIDEST = 60;

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
}

const nothingShown = (refused: string | null) =>
  refused === null ? 'Nothing was shown.' : `A reader is answered no dashboard: ${messageOf(refused as ErrorKey)}`;

interface Read {
  readonly parked?: Parked;
  readonly eventsRead: number;
  readonly truncated: boolean;
}

function notes({ parked, eventsRead, truncated }: Read): string[] {
  const isHeld = parked ?? null;
  return [
    ...(isHeld ? [`Held since position ${isHeld.from}: ${isHeld.type} ${isHeld.eventId}: ${isHeld.error}`] : []),
    `${eventsRead} events were read${truncated ? '; there are more, so this holds for the position above' : ''}.`,
  ];
}

const paragraphs = (...parts: (string | false)[]) => parts.filter((part) => part !== false).join('\n');
