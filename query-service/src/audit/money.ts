/**
 * Money for auditors: every movement of a fan's or a creator's wallet with its running balance, and where the money came from or went
 * (the ledger). Read from the wallet's own stream, so it needs no view, and shows a wallet whose owner is erased too.
 */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { accessorOf } from '@creator-dashboards/shared/access/record';
import { Refused } from '@creator-dashboards/shared/errors';
import { idText } from '@creator-dashboards/shared/http/fields';
import { decode } from '@creator-dashboards/shared/events/index';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { changeOf, movesMoney, postingsOf } from '@creator-dashboards/shared/ledger/postings';
import { toDecimal } from '@creator-dashboards/shared/money';
import type { EventStore, RecordedEvent, Revision } from '@creator-dashboards/shared/ports';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.js';
import { ownerOf } from './events.js';
import { cursorText, DIRECTIONS, limitSchema, orderText } from './page-query.js';
import { ifReadable } from './show.js';

type Log = Pick<EventStore, 'readStream'>;

export const moneyQuery = z.strictObject({
  order: orderText.default('newest'),
  cursor: cursorText.optional(),
  limit: limitSchema,
});
export type MoneyQuery = z.output<typeof moneyQuery>;

const movementSchema = z.strictObject({
  position: z.string(),
  revision: z.string(),
  eventId: z.string(),
  type: z.string(),
  at: z.string().nullable(),
  change: z.string().nullable().describe('what it does to this wallet; null for an event that cannot be read'),
  balance: z.string().nullable().describe('of this wallet after it'),
  postings: z
    .array(z.strictObject({ account: z.string(), change: z.string() }))
    .describe('the same movement on every account that it touches; the changes add up to zero'),
  correlationId: z.string().nullable(),
});
type Movement = z.infer<typeof movementSchema>;

const movementsSchema = z.strictObject({
  account: z.string(),
  items: z.array(movementSchema),
  next: z.string().nullable(),
});

/** Whose money: a creator's by creatorId, a fan's by userId. */
export interface Movements {
  readonly userId: string;
  readonly data: z.input<typeof movementsSchema>;
}

/** Throws Refused for a creator who is not there. */
export async function moneyOfCreator(log: Log, creatorId: string, asked: MoneyQuery): Promise<Movements> {
  const userId = await ownerOf(log, creatorId);
  if (userId === null) throw new Refused('error.creator.not_found');
  return { userId, data: await movementsOf(log, `creatorWallet-${userId}`, asked) };
}

/** Throws Refused for a user who is not there. */
export async function moneyOfFan(log: Log, userId: string, asked: MoneyQuery): Promise<Movements> {
  if ((await log.readStream(`user-${userId}`, { limit: 1 })).length === 0) throw new Refused('error.user.not_found');
  return { userId, data: await movementsOf(log, `fanWallet-${userId}`, asked) };
}

/** What is read of a person's money is counted in the log. */
export function moneyRoutes(log: Log, access: Pick<AccessLog, 'historyRead'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/money/creators/:creatorId',
      summary: "Every movement of a creator's wallet with its running balance and its postings",
      who: 'auditor',
      limit: 'usual',
      params: z.strictObject({ creatorId: idText }),
      query: moneyQuery,
      data: movementsSchema,
      errors: ['admin.events.invalid_cursor', 'error.creator.not_found'],
      async handle(request) {
        const { userId, data } = await moneyOfCreator(log, request.params.creatorId, request.query);
        access.historyRead(accessorOf(request), 'GET /admin/money/creators/:creatorId', userId);
        return { data };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/money/fans/:userId',
      summary: "Every movement of a fan's wallet with its running balance and its postings",
      who: 'auditor',
      limit: 'usual',
      params: z.strictObject({ userId: idText }),
      query: moneyQuery,
      data: movementsSchema,
      errors: ['admin.events.invalid_cursor', 'error.user.not_found'],
      async handle(request) {
        const { userId, data } = await moneyOfFan(log, request.params.userId, request.query);
        access.historyRead(accessorOf(request), 'GET /admin/money/fans/:userId', userId);
        return { data };
      },
    }),
  ];
}

/** A page of at most `limit` events of the wallet; those that move nothing (a freeze) are read and not shown. */
async function movementsOf(log: Log, account: string, { order, cursor, limit }: MoneyQuery) {
  const filter = `money:${account}:${order}`;
  const from = cursor === undefined ? {} : { from: decodeCursor(filter, cursor) };
  const events = await log.readStream(account, { ...from, direction: DIRECTIONS[order], limit: limit + 1 });
  const following: Revision | undefined = events[limit]?.revision;
  return {
    account,
    items: events.slice(0, limit).flatMap(movementIn),
    next: following === undefined ? null : encodeCursor(filter, following),
  };
}

function movementIn(stored: RecordedEvent): Movement[] {
  const metadata = ifReadable(() => stored.metadata);
  const place = {
    position: stored.position.toString(),
    revision: stored.revision.toString(),
    eventId: stored.id,
    type: stored.type,
    at: metadata?.occurredAt ?? null,
  };
  const correlationId = metadata?.$correlationId ?? null;
  const event = readable(stored);
  if (!event) return [{ ...place, change: null, balance: null, postings: [], correlationId }];
  if (!movesMoney(event.type) || !('after' in event.data)) return [];
  const postings = postingsOf(event).map(({ account, change }) => ({ account, change: toDecimal(change) }));
  const change = toDecimal(changeOf(stored.stream, event));
  return [{ ...place, change, balance: event.data.after, postings, correlationId }];
}

function readable(stored: RecordedEvent) {
  try {
    return decode(stored);
  } catch {
    return null;
  }
}
