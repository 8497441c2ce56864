/** Routes that say what the log was when it was signed, and prove that an event was in it. */
import type { AuditIndex, SignedHead } from '@creator-dashboards/shared/audit-index';
import { Refused } from '@creator-dashboards/shared/errors';
import { idText } from '@creator-dashboards/shared/http/fields';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { inclusionProof, rootAt } from '@creator-dashboards/shared/merkle-proofs';
import type { EventStore, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { leafOf } from '@creator-dashboards/shared/merkle';
import { ownTurn } from '@creator-dashboards/shared/turns';
import { z } from 'zod';
import { entryOf } from './entry.js';
import { LogChanged, newestHead, type Heads } from './heads.js';
import { roundsIn } from './rounds.js';
import { termOf } from './terms.js';

/** So many of the newest events are compared with the log by each request. `npx audit verify` compares all. */
const COMPARED = 200;
/** Between so many, other requests have their turn: well below 20 ms of work. */
const TURN = 50;

export interface Integrity {
  readonly events: Pick<EventStore, 'readAt'>;
  readonly reads: Pick<ReadStore, 'get'>;
  readonly index: AuditIndex;
  readonly heads: Pick<Heads, 'keys' | 'sign' | 'publish'>;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const headSchema = z.strictObject({
  /** Events in the log. */
  size: z.int(),
  root: hash,
  signedAt: z.iso.datetime(),
  keyId: z.string(),
  signature: z.base64(),
});
const publicKeys = z.array(z.strictObject({ keyId: z.string(), publicKey: z.string() }));

const brokenSchema = z.strictObject({
  ordinal: z.int().nullable(),
  position: z.string().nullable(),
  message: z.string(),
});

const integritySchema = headSchema.partial().extend({
  size: z.int(),
  root: hash.nullable(),
  signedAt: z.iso.datetime().nullable(),
  checked: z.int().describe('events that were compared with the log for this answer: the newest that are signed'),
  unchecked: z.int().describe('signed events before these'),
  broken: z.array(brokenSchema),
  rounds: z
    .array(
      z.strictObject({
        begunAt: z.iso.datetime(),
        endedAt: z.iso.datetime().nullable().describe('null while it is under way'),
        checked: z.int(),
        faults: z.int(),
        broken: z.array(brokenSchema).readonly(),
      }),
    )
    .describe(
      'comparisons of the whole log with its index, one a day in the background: the one under way or of today, and the one before',
    ),
  publicKeys,
});

export const receiptSchema = z.strictObject({
  eventId: z.string(),
  stream: z.string(),
  revision: z.string(),
  type: z.string(),
  /** Number of the event in the log. */
  ordinal: z.int(),
  leaf: hash,
  /** RFC 9162, section 2.1.3: the hashes by which the root follows from the leaf, nearest first. */
  proof: z.array(hash),
  head: headSchema,
  publicKeys,
});
export type Receipt = z.output<typeof receiptSchema>;

export function integrityRoutes(integrity: Integrity): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/integrity',
      summary: `What was signed last of the log, and whether its newest events (${COMPARED} at most) are still what was signed`,
      who: 'auditor',
      limit: 'usual',
      data: integritySchema,
      errors: [],
      handle: async () => ({ data: await integrityOf(integrity) }),
    }),
    route({
      method: 'GET',
      path: '/admin/integrity/receipts/:eventId',
      summary:
        'A receipt: proof that an event is in the log that was signed. Kept elsewhere, it proves a log that was cut, too',
      who: 'auditor',
      limit: 'usual',
      params: z.strictObject({ eventId: idText }),
      data: receiptSchema,
      errors: ['admin.events.not_found', 'admin.integrity.log_changed', 'admin.events.catching_up'],
      handle: async ({ params, isHead }) => ({
        data: await receiptOf(integrity, params.eventId, { publish: !isHead }),
      }),
    }),
  ];
}

/** The newest head, and what of its newest events is not what was signed. */
export async function integrityOf({
  events,
  reads,
  index,
  heads,
}: Integrity): Promise<z.input<typeof integritySchema>> {
  const publicKeys = [...heads.keys.published];
  const rounds = [...(await roundsIn(reads))];
  const head = await newestHead(index);
  if (!head) return { size: 0, root: null, signedAt: null, checked: 0, unchecked: 0, broken: [], rounds, publicKeys };
  const broken: z.input<typeof integritySchema>['broken'] = [];
  const about = (message: string) => broken.push({ ordinal: null, position: null, message });
  if (heads.keys.isGenuine(head) === false) about(`the head of ${head.size} events is not as it was signed`);
  if ((await rootAt(index, head.size)).toString('hex') !== head.root)
    about(`the first ${head.size} events in the index are not those that were signed`);
  const first = Math.max(0, head.size - COMPARED);
  const places = await index.get(Array.from({ length: head.size - first }, (_, n) => first + n));
  for (const [at, { ordinal, position, leaf }] of places.entries()) {
    if (at % TURN === 0) await ownTurn();
    const event = await events.readAt(position);
    if (event !== null && leafOf(entryOf(ordinal, event)).equals(leaf)) continue;
    const message = event === null ? 'is not there any more' : 'is not what was signed';
    broken.push({ ordinal, position: position.toString(), message });
  }
  return { ...head, checked: places.length, unchecked: first, broken, rounds, publicKeys };
}

/** Proof that the event is in the log, by a head that `headOver` gives. */
export async function receiptOf(
  { events, index, heads }: Omit<Integrity, 'reads'>,
  eventId: string,
  { publish }: { readonly publish: boolean },
): Promise<Receipt> {
  const { ordinal, leaf, event } = await placeOf({ events, index }, eventId);
  const head = await headOver(ordinal + 1, { index, heads }, { publish });
  const { stream, revision, type } = event;
  return {
    ...{ eventId, stream, revision: revision.toString(), type },
    ...{ ordinal, leaf, proof: (await inclusionProof(index, ordinal, head.size)).map((part) => part.toString('hex')) },
    ...{ head, publicKeys: [...heads.keys.published] },
  };
}

/**
 * The newest head, over at least so many events, which are indexed: what is indexed is signed now where it is not yet. `publish`: it stands
 * in the log before it is handed out. Throws Refused `admin.integrity.log_changed`.
 */
export async function headOver(
  size: number,
  { index, heads }: Pick<Integrity, 'index' | 'heads'>,
  { publish }: { readonly publish: boolean },
): Promise<SignedHead> {
  const newest = await newestHead(index);
  const head = newest && newest.size >= size ? newest : await signed(heads);
  if (!head) throw new Refused('admin.events.catching_up', { retryAfter: 5 });
  if (publish) await heads.publish(head);
  return head;
}

async function signed(heads: Pick<Heads, 'sign'>): Promise<SignedHead | null> {
  try {
    return await heads.sign();
  } catch (error) {
    if (error instanceof LogChanged) throw new Refused('admin.integrity.log_changed');
    throw error;
  }
}

/** Throws Refused `admin.events.not_found` where the index has no such event. */
async function placeOf(
  { events, index }: Pick<Integrity, 'events' | 'index'>,
  eventId: string,
): Promise<{ ordinal: number; leaf: string; event: RecordedEvent }> {
  const ordinals = await index.having(termOf(['eventId', eventId]), { from: 0, direction: 'forwards', limit: 10 });
  for (const { ordinal, position, leaf } of await index.get(ordinals)) {
    const event = await events.readAt(position);
    if (event?.id === eventId) return { ordinal, leaf: Buffer.from(leaf).toString('hex'), event };
  }
  throw new Refused('admin.events.not_found');
}
