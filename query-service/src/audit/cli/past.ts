/** audit as-of, diff and explain: what was shown in the past, and why. Who saw it is recorded as over HTTP. */
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import type { EventStore } from '@creator-dashboards/shared/ports';
import type { z } from 'zod';
import { ownerOf } from '../events.js';
import { asOf, diff, why, type Found, type PastPorts } from '../past-answers.js';
import { asOfQuery, diffQuery, explainQuery, params } from '../past-schemas.js';
import { recordSeen, type Seeing } from '../seen.js';
import { asking, parsed, parsedRevealing, type RevealOptions } from './asking.js';
import type { AuditIo } from './opened.js';
import { asOfText, diffText, explainText } from './past-text.js';

export type PastOptions = RevealOptions & Readonly<Record<string, unknown>>;

/** A command on one document: its view and key, and options as the route takes them. */
type PastCommand = (io: AuditIo, view: string, key: string, options: PastOptions) => Promise<boolean>;

export const asOfCommand: PastCommand = commandOf('audit as-of', asOfQuery, asOf, asOfText);
export const diffCommand: PastCommand = commandOf('audit diff', diffQuery, diff, diffText);
export const explainCommand: PastCommand = commandOf('audit explain', explainQuery, why, explainText);

function commandOf<S extends z.ZodType<Seeing['query']>, D>(
  means: string,
  schema: S,
  find: (past: PastPorts, params: Seeing['params'], query: z.output<S>) => Promise<Found<D>>,
  textOf: (data: D) => string,
): PastCommand {
  return (io, view, key, { json = false, ...options }) => {
    const named = parsed(params, { view, key }, (name) => `<${name}>`);
    const query = parsedRevealing(schema, options);
    const { by } = options;
    return asking(io, { json, ...(by !== undefined && { by }) }, async (asked) => {
      const { stores, sealer, access, accessor, output } = asked;
      const past = { events: stores.events, index: stores.audit, views: io.views, sealer };
      const { data, document } = await find(past, named, query);
      await recordSeen(access, { accessor, means, params: named, query }, document);
      const meant = document === null ? await keyMeant(stores.events, named) : null;
      output.result(
        data,
        textOf(data) + (meant === null ? '' : `\n${view} is kept by another id of this person: ${meant}`),
      );
      return true;
    });
  };
}

/** Where there is no document of a key: the one of the same person, if it is her other id. */
async function keyMeant(
  events: Pick<EventStore, 'readStream'>,
  { view, key }: Seeing['params'],
): Promise<string | null> {
  if (view !== 'dmConfig') return ownerOf(events, key);
  const creatorId = creatorIdOf(key);
  return (await ownerOf(events, creatorId)) === null ? null : creatorId;
}
