/** A log of a platform's usual traffic, for benchmarks: creators, messages, replies, completions, wallet movements. */
import { encode, type DomainEvent } from '@creator-dashboards/shared/events/index';
import {
  bioPageIdOf,
  creatorIdOf,
  CreatorUserId,
  derivedId,
  FanId,
  messageIdOf,
  newId,
} from '@creator-dashboards/shared/ids';
import type { EventStore, NewEvent, RoutingKeys, Sealed } from '@creator-dashboards/shared/ports';
import { metadata } from '@creator-dashboards/shared/testing/events';

const AT = '2026-04-29T20:00:00.000Z';
const sealed: Sealed<string> = {
  subject: 'bench',
  keyId: '0123456789abcdef',
  nonce: 'AAAAAAAAAAAAAAAA',
  ciphertext: 'c2VhbGVk'.repeat(8),
  tag: 'dGFnIG9mIDE2IGJ5dGVzIQ==',
};
const REGISTERED = {
  ...{ displayName: null, username: null, referralCodeUsed: null, usernameDigest: null, referredBy: null },
  ...{ emailDigest: 'a'.repeat(40), emailVerifiedAt: AT, intent: 'CREATOR' as const },
};
const money = { gross: '5.00', commission: '1.00', net: '4.00' };
const APPENDS_AT_ONCE = 64;
/** A message, from its sending to the credit. */
export const EVENTS_OF_A_MESSAGE = 5;
/** Events that a creator begins with. */
const OF_A_CREATOR = 3;

function made(event: DomainEvent, keys: RoutingKeys): NewEvent {
  const { schemaVersion: _, ...rest } = metadata({ keys, prevHash: 'a'.repeat(64) });
  return encode(event, newId(), rest);
}

/** Fills an empty store with about `count` events for `creators` creators; returns the creators' user ids. */
export async function fillLog(store: EventStore, count: number, creators: number): Promise<string[]> {
  const userIds = Array.from({ length: creators }, (_, n) => derivedId('bench', String(n)));
  await atOnce(userIds, async (userId) => {
    const creatorId = creatorIdOf(userId);
    const keys = { userId, creatorId };
    const upgraded = {
      creatorId,
      userId: CreatorUserId(userId),
      bioPageId: bioPageIdOf(userId),
      displayName: sealed,
      bio: sealed,
      username: null,
      usernameDigest: null,
      templateId: null,
      template: null,
      createdAt: AT,
    };
    const registered = { userId, ...REGISTERED, email: sealed, passwordHash: sealed };
    await store.append(`user-${userId}`, 'no_stream', [made({ type: 'UserRegistered', data: registered }, { userId })]);
    await store.append(`creator-${creatorId}`, 'no_stream', [made({ type: 'CreatorUpgraded', data: upgraded }, keys)]);
    const opened = { type: 'WalletOpened' as const, data: { type: 'CREATOR' as const, currency: 'USD' as const } };
    await store.append(`creatorWallet-${userId}`, 'no_stream', [made(opened, keys)]);
  });
  const rate = { key: 'creator.commission_bronze', value: 20, previous: null };
  await store.append('config-all', 'no_stream', [
    made({ type: 'ConfigValueSet', data: rate }, { configKey: rate.key }),
  ]);
  const messages = Math.ceil((count - OF_A_CREATOR * creators) / EVENTS_OF_A_MESSAGE);
  const credited = new Map<string, number>();
  await atOnce([...Array(messages).keys()], async (n) => {
    const userId = userIds[n % creators] as string;
    const creatorId = creatorIdOf(userId);
    const parties = {
      messageId: messageIdOf(`bench-${n}`, userId),
      fanId: FanId(derivedId('fan', String(n % 997))),
      creatorId,
      creatorUserId: CreatorUserId(userId),
    };
    await store.append(`message-${parties.messageId}`, 'no_stream', [
      made(
        {
          type: 'MessageSent',
          data: {
            ...parties,
            dmType: 'PER_MESSAGE',
            priceSnapshot: '5.00',
            commissionRate: 20,
            timeoutHours: 72,
            sentAt: AT,
            content: sealed,
          },
        },
        parties,
      ),
      made(
        { type: 'MessageDelivered', data: { paid: true, statusAfter: 'ESCROWED', deliveredAt: AT, expiresAt: AT } },
        parties,
      ),
      made(
        {
          type: 'MessageReplied',
          data: { replyMessageId: parties.messageId, repliedAt: AT, settlement: money, content: sealed },
        },
        parties,
      ),
      made({ type: 'MessageCompleted', data: { completedAt: AT, settlement: money } }, parties),
    ]);
    const revision = credited.get(userId) ?? 0;
    credited.set(userId, revision + 1);
    const balance = (revision * 4).toFixed(2);
    const credit = { messageId: parties.messageId, ...money, before: balance, after: ((revision + 1) * 4).toFixed(2) };
    await store.append(`creatorWallet-${userId}`, BigInt(revision), [
      made({ type: 'EarningsCredited', data: credit }, { userId, creatorId }),
    ]);
  });
  return userIds;
}

/** Runs the work in groups, so that appends share commits. A group is smaller than the number of creators, so that no two append to one wallet at once. */
async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += APPENDS_AT_ONCE)
    await Promise.all(items.slice(from, from + APPENDS_AT_ONCE).map(work));
}
