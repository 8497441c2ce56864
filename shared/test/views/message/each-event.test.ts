import { message as messageView } from '../../../src/views/message/fold.js';
import { sessionIdOf } from '../../../src/ids.js';
import { sealedValue } from '../../../testing/given.js';
import {
  at,
  completed,
  creatorUserId,
  delivered,
  expired,
  fanId,
  idOf,
  later,
  message,
  refunded,
  rejected,
  replied,
  sent,
  settlement,
  strangerId,
} from '../../../testing/fixtures/people.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('message: what each event changes', () => {
  const full = {
    fanId: strangerId,
    creatorUserId: strangerId,
    content: sealedValue(strangerId, 'other'),
    status: 'ESCROWED',
    dmType: 'SINGLE_PAY',
    priceSnapshot: 450,
    createdAt: later,
    deliveredAt: '2026-05-01T00:00:00.000Z',
    expiresAt: '2026-05-04T00:00:00.000Z',
    repliedAt: '2026-05-02T00:00:00.000Z',
    completedAt: '2026-05-03T00:00:00.000Z',
    timeoutHours: 48,
    reply: { id: strangerId, content: sealedValue(strangerId, 'other answer') },
    sent: `${strangerId} ${later}`,
    sentInSession: `${strangerId} ${later}`,
    received: `${strangerId} ${later}`,
    receivedInSession: `${strangerId} ${later}`,
  } as const;
  const session = sessionIdOf(fanId, creatorUserId);
  eachEventChangesOnly(messageView, full, [
    [
      sent(),
      {
        fanId,
        creatorUserId,
        content: sealedValue(fanId, 'hello'),
        dmType: 'PER_MESSAGE',
        priceSnapshot: 1_000,
        createdAt: at,
        timeoutHours: 72,
        sent: `${fanId} ${at}`,
        sentInSession: `${session} ${at}`,
      },
    ],
    [
      delivered(),
      {
        status: 'ESCROWED',
        deliveredAt: at,
        expiresAt: later,
        received: `${creatorUserId} ${at}`,
        receivedInSession: `${session} ${at}`,
      },
      { status: 'QUARANTINED', fanId, creatorUserId },
    ],
    [message()('MessageQuarantined', { rule: 'words', expiresAt: later }), { status: 'QUARANTINED', expiresAt: later }],
    [message()('QuarantineUpheld', { amount: '4.50' }), { status: 'REJECTED' }],
    [message()('QuarantineExpired', { amount: '4.50', expiredAt: later }), { status: 'EXPIRED' }],
    [
      replied(),
      { status: 'REPLIED', repliedAt: later, reply: { id: idOf(1), content: sealedValue(creatorUserId, 'thanks') } },
    ],
    [
      message()('MessageReplyReverted', { reason: 'release failed' }),
      { status: 'ESCROWED', repliedAt: null, reply: null },
      { status: 'REPLIED' },
    ],
    [completed(), { status: 'COMPLETED', completedAt: later }],
    [rejected(), { status: 'REJECTED' }],
    [expired(), { status: 'EXPIRED' }],
    [refunded(), { status: 'REFUNDED' }],
    [message()('MessageChargedBack', { ...settlement, from: 'ESCROWED', at: later }), { status: 'REFUNDED' }],
  ]);
});
