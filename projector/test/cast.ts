/** The people and streams of the tests: one creator, one fan, one stranger. */
import { onStream, sealedValue } from '@creator-dashboards/shared/testing/given';

export const creatorUserId = '11111111-1111-4111-8111-1111111111c1';
export const creatorId = '22222222-2222-4222-8222-2222222222c1';
export const bioPageId = '33333333-3333-4333-8333-3333333333c1';
export const fanId = '44444444-4444-4444-8444-4444444444f1';
export const strangerId = '55555555-5555-4555-8555-5555555555a1';
export const messageId = '66666666-6666-4666-8666-6666666666c1';
export const payoutId = '77777777-7777-4777-8777-7777777777c1';

/** Some id that tells itself apart by a number. */
export const idOf = (n: number) => `88888888-8888-4888-8888-${n.toString(16).padStart(12, '0')}`;

const ofCreator = { userId: creatorUserId, creatorId };
const parties = (id: string) => ({ messageId: id, fanId, creatorId, creatorUserId });

export const user = (userId = creatorUserId) => onStream(`user-${userId}`, { userId });
export const creator = onStream(`creator-${creatorId}`, ofCreator);
export const bioPage = onStream(`bioPage-${bioPageId}`, ofCreator);
export const payoutBook = onStream(`payoutBook-${creatorId}`, ofCreator);
export const creatorWallet = onStream(`creatorWallet-${creatorUserId}`, ofCreator);
export const fanWallet = (userId = fanId) => onStream(`fanWallet-${userId}`, { userId });
export const message = (id = messageId) => onStream(`message-${id}`, parties(id));
export const referralLink = onStream(`referralLink-${creatorUserId}`, { userId: creatorUserId });
export const referralClicks = onStream(`referralClicks-${creatorUserId}`, { userId: creatorUserId });

export const at = '2026-04-29T10:00:00.000Z';
export const later = '2026-05-02T10:00:00.000Z';
export const movement = (after: string) => ({ amount: '1.00', before: '0.00', after });
export const settlement = { gross: '10.00', commission: '2.00', net: '8.00' };

export const upgraded = creator(
  'CreatorUpgraded',
  {
    creatorId,
    userId: creatorUserId,
    bioPageId,
    displayName: sealedValue(creatorUserId, 'Cleo'),
    username: sealedValue(creatorUserId, 'cleo'),
    usernameDigest: 'c'.repeat(40),
    bio: sealedValue(creatorUserId, 'I paint'),
    templateId: null,
    template: null,
    createdAt: at,
  },
  at,
);

export const sent = (id = messageId, priceSnapshot: string | null = '10.00') =>
  message(id)('MessageSent', {
    ...parties(id),
    dmType: priceSnapshot === null ? 'FREE' : 'PER_MESSAGE',
    priceSnapshot,
    commissionRate: 20,
    timeoutHours: 72,
    sentAt: at,
    content: sealedValue(fanId, 'hello'),
  });
export const delivered = (id = messageId, paid = true) =>
  message(id)('MessageDelivered', {
    paid,
    statusAfter: paid ? 'ESCROWED' : 'DELIVERED',
    deliveredAt: at,
    expiresAt: later,
  });
export const replied = (id = messageId) =>
  message(id)('MessageReplied', {
    replyMessageId: idOf(1),
    repliedAt: later,
    settlement,
    content: sealedValue(creatorUserId, 'thanks'),
  });
export const completed = (id = messageId) => message(id)('MessageCompleted', { completedAt: later, settlement });
export const rejected = (id = messageId) =>
  message(id)('MessageRejected', { reason: sealedValue(creatorUserId, 'no'), amount: '10.00' });
export const expired = (id = messageId) => message(id)('MessageExpired', { expiredAt: later, amount: '10.00' });
export const refunded = (id = messageId, cause: 'REJECTED' | 'EXPIRED' | 'QUARANTINE_UPHELD' = 'REJECTED') =>
  message(id)('MessageRefunded', { amount: '10.00', cause });
