/** The receipt of an erasure: what was destroyed and when, each with the event that proves it, and what stays and why (domain 9.8). */
import { accessorOf } from '@creator-dashboards/shared/access/record';
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { Refused } from '@creator-dashboards/shared/errors';
import { categoryOf } from '@creator-dashboards/shared/events/index';
import { idText } from '@creator-dashboards/shared/http/fields';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import type { KeyStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { HOUR, toInstant } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { named, searchAll, type Searched } from './search.js';
import { ifReadable } from './show.js';
import type { Name } from './terms.js';

/** Claims of Idempotency-Keys hold answers sealed with the person's key, and are deleted after this. */
const CLAIMS_KEPT_MS = 48 * HOUR;

const destroyedSchema = z.strictObject({
  what: z.enum(['KEY', 'PROFILE', 'PAYOUTS', 'EMAIL', 'NAME', 'SOCIAL_ACCOUNT', 'BALANCE']),
  at: z.iso.datetime(),
  /** The event that says so: GET /admin/integrity/receipts/:eventId proves it. */
  eventId: z.string(),
  stream: z.string(),
  position: z.string(),
});
type Destroyed = z.output<typeof destroyedSchema>;

export const erasureSchema = z.strictObject({
  userId: z.string(),
  requestedAt: z.iso.datetime(),
  /** Null while a payout is on its way to the person: her key stays until it has a result. */
  erasedAt: z.iso.datetime().nullable(),
  /** Whether the key store has her key now. A restored backup of it has, until the command service starts. */
  key: z.enum(['present', 'destroyed', 'none']),
  claimsGoneBy: z.iso.datetime().nullable(),
  destroyed: z.array(destroyedSchema),
  remains: z.array(z.strictObject({ what: z.string(), why: z.string(), streams: z.array(z.string()) })),
});
export type ErasureReceipt = z.output<typeof erasureSchema>;

interface ErasurePorts extends Searched {
  readonly keys: Pick<KeyStore, 'get'>;
  readonly access: Pick<AccessLog, 'historyRead'>;
}

const PATH = '/admin/users/:userId/erasure';

export function erasureRoutes(ports: ErasurePorts): Route[] {
  return [
    route({
      method: 'GET',
      path: PATH,
      summary: 'The receipt of an erasure: what was destroyed and when, what stays and why',
      who: 'auditor',
      limit: 'usual',
      params: z.strictObject({ userId: idText }),
      data: erasureSchema,
      errors: ['admin.erasure.not_found', 'admin.events.catching_up'],
      async handle(request) {
        const { userId } = request.params;
        const receipt = await erasureOf(ports, userId);
        ports.access.historyRead(accessorOf(request), `GET ${PATH}`, userId);
        return { data: receipt };
      },
    }),
  ];
}

/** Throws Refused: `admin.erasure.not_found` where nobody asked for it, `admin.events.catching_up` while the index is far behind. */
export async function erasureOf(ports: ErasurePorts, userId: string): Promise<ErasureReceipt> {
  const found = await eventsOf(ports, userId);
  const requested = found.find(({ type }) => type === 'UserErasureRequested');
  if (!requested) throw new Refused('admin.erasure.not_found');
  const destroyed = found.flatMap((event) => destroyedBy(event) ?? []);
  const erasedAt = destroyed.find(({ what }) => what === 'KEY')?.at ?? null;
  const key = await ports.keys.get(userId);
  return {
    ...{ userId, requestedAt: requested.metadata.occurredAt, erasedAt },
    key: typeof key === 'string' ? key : 'present',
    claimsGoneBy: erasedAt && toInstant(Date.parse(erasedAt) + CLAIMS_KEPT_MS),
    destroyed,
    remains: remainsOf(found),
  };
}

const TYPES = [
  ...['UserErasureRequested', 'UserErased', 'CreatorDeleted', 'PayoutBookClosed', 'Reserved', 'Released', 'Retired'],
  ...['PointerSet', 'WalletForfeited', 'WalletWrittenOff'],
];

/** Her events of these types, in the order of the log: of names she has at most 50 (G44), of the others a few. */
async function eventsOf(searched: Searched, userId: string): Promise<RecordedEvent[]> {
  const types = TYPES.map((type): Name => ['type', type]);
  const all: RecordedEvent[] = [];
  for await (const event of searchAll(searched, named([['userId', userId]], types)))
    if (ifReadable(() => event.metadata) !== null) all.push(event);
  return all;
}

function destroyedBy(event: RecordedEvent): Destroyed | null {
  const what = whatOf(event);
  if (what === null) return null;
  const { id: eventId, stream, position, metadata } = event;
  return { what, at: metadata.occurredAt, eventId, stream, position: position.toString() };
}

function whatOf({ type, stream, data }: RecordedEvent): Destroyed['what'] | null {
  switch (type) {
    case 'UserErased':
      return 'KEY';
    case 'CreatorDeleted':
      return 'PROFILE';
    case 'PayoutBookClosed':
      return 'PAYOUTS';
    case 'WalletForfeited':
    case 'WalletWrittenOff':
      return 'BALANCE';
    case 'Retired':
      return 'NAME';
    case 'Released':
      if (data.reason !== 'ERASED') return null;
      return categoryOf(stream) === 'email' ? 'EMAIL' : 'SOCIAL_ACCOUNT';
    default:
      return null;
  }
}

/** What by design does not go away. */
function remainsOf(found: readonly RecordedEvent[]): ErasureReceipt['remains'] {
  const named = found.filter(({ type }) => ['Reserved', 'PointerSet'].includes(type));
  return [
    {
      what: 'names of streams',
      why: 'Each is an HMAC of an address, a name or an account, or an id of ours: without MASTER_KEY no guess can be tried.',
      streams: [...new Set(named.map(({ stream }) => stream))].sort(),
    },
    {
      what: 'events',
      why: 'They hold ids, amounts and times. What was sealed with the key is in them, and nobody can open it any more.',
      streams: [],
    },
    {
      what: 'reasons of staff',
      why: 'Why the person was erased, and why somebody looked at her data or had a view rebuilt, is sealed for whoever said so.',
      streams: [],
    },
    {
      what: 'backups of the key store',
      why: 'One from before the erasure holds the key until it is deleted. Restored, it loses the key at the start.',
      streams: [],
    },
  ];
}
