import { creatorIdOf, CreatorUserId, derivedId, FanId, messageIdOf } from '@creator-dashboards/shared/ids';
import { history, onStream } from '@creator-dashboards/shared/testing/given';

/** A log of `each` messages that arrive at each of `count` creators, in turn. */
export function messagesInTurn(count: number, each: number) {
  const creators = Array.from({ length: count }, (_, n) => CreatorUserId(derivedId('creator', String(n))));
  const fanId = FanId(derivedId('fan'));
  const story = history(
    Array.from({ length: count * each }, (_, n) => {
      const creatorUserId = creators[n % count] as CreatorUserId;
      const messageId = messageIdOf(`message ${n}`, creatorUserId);
      const keys = { messageId, fanId, creatorId: creatorIdOf(creatorUserId), creatorUserId };
      const data = { paid: true, statusAfter: 'ESCROWED' as const, deliveredAt: '2026-04-29T20:00:00.000Z' };
      return onStream(`message-${messageId}`, keys)('MessageDelivered', { ...data, expiresAt: data.deliveredAt });
    }),
  );
  return { creators, story };
}
