import { expect } from 'chai';
import { plus, HOUR } from '../../../src/time.js';
import { work } from '../../../src/views/work/fold.js';
import {
  at,
  creatorId,
  creatorUserId,
  fanId,
  idOf,
  later,
  message,
  messageId,
  payout,
  payoutId,
  settlement,
  strangerId,
  user,
} from '../../../testing/fixtures/people.js';
import { documentsAfter, onStream, type GivenEvent } from '../../../testing/given.js';
import { eachEventChangesOnly } from '../each-event.js';

const now = '2026-05-04T10:00:00.000Z';
const item = idOf(9);
const difference = onStream(`moneyDifference-${item}`, {});
const named = { payoutId, amount: '40.00' };
const requested = payout('PayoutRequested', { ...named, method: 'BANK_TRANSFER', requestedAt: at });
const conflict = payout('PayoutResultConflict', { payoutId, from: 'PROCESSED', result: 'failed' }, now);
const acknowledged = payout('PayoutConflictAcknowledged', { payoutId, by: strangerId });
const quarantined = message()('MessageQuarantined', { rule: 'rude', expiresAt: later }, now);

describe('work: what each event changes', () => {
  const full = {
    kind: 'other' as never, // no event sets these two
    status: 'UNKNOWN' as never,
    subject: strangerId,
    userId: strangerId,
    creatorId: strangerId,
    amount: 450,
    details: { other: 'other' },
    since: '2026-05-01T00:00:00.000Z',
    waiting: 'somewhere',
    waitingByKind: 'somewhere',
    waitingByStatus: 'somewhere',
  };
  /** An event after which something of this kind waits. */
  const begins = (given: GivenEvent, kind: string, status: string, changes: object, since = now, before = {}) => {
    const places = { waiting: `all ${since}`, waitingByKind: `${kind} ${since}` };
    const all = { status, since, ...places, waitingByStatus: `${kind}/${status} ${since}`, ...changes };
    return [given, all as never, before as never] as const;
  };
  const settles = (given: GivenEvent) =>
    [given, { waiting: null, waitingByKind: null, waitingByStatus: null }] as const;
  const ofPayout = { subject: payoutId, userId: creatorUserId, creatorId };
  const ofMessage = { subject: messageId, userId: fanId, creatorId };
  const mismatch = { amount: '1.00', expected: '10.00', status: 'COMPLETED' };
  const found = { item, account: 'an account', eventId: idOf(8), kind: 'SUM' } as const;
  const approval = { by: null, from: 'PENDING', destination: null, digest: 'd'.repeat(40) } as const;
  const payoutBefore = { kind: 'payout' };

  eachEventChangesOnly(work, full, [
    begins(
      requested,
      'payout',
      'PENDING',
      { kind: 'payout', ...ofPayout, amount: 4_000, details: { method: 'BANK_TRANSFER' } },
      at,
    ),
    begins(payout('PayoutApproved', { ...named, ...approval }, now), 'payout', 'APPROVED', {}, now, payoutBefore),
    begins(
      payout('PayoutProcessingStarted', { ...named, method: 'BANK_TRANSFER', destination: null }, now),
      ...(['payout', 'PROCESSING', {}, plus(now, 20 * HOUR), payoutBefore] as const),
    ),
    settles(payout('PayoutProcessed', { ...named, at })),
    settles(payout('PayoutFailed', { ...named, debited: true, at, error: null })),
    settles(payout('PayoutRejected', { ...named, from: 'PENDING', by: null })),
    settles(payout('PayoutCancelled', { ...named, from: 'PENDING', by: null })),
    begins(conflict, 'conflict', 'PAYOUT_RESULT', {
      ...{ kind: 'conflict', ...ofPayout, details: { from: 'PROCESSED', result: 'failed' } },
    }),
    settles(acknowledged),
    begins(message()('ChargebackMismatch', mismatch, now), 'conflict', 'CHARGEBACK', {
      ...{ kind: 'conflict', ...ofMessage, amount: 100, details: { expected: '10.00', status: 'COMPLETED' } },
    }),
    settles(message()('ChargebackMismatchAcknowledged', { by: null })),
    begins(quarantined, 'quarantine', 'QUARANTINED', {
      ...{ kind: 'quarantine', ...ofMessage, details: { rule: 'rude', expiresAt: later } },
    }),
    settles(message()('QuarantineReleased', {})),
    settles(message()('QuarantineUpheld', { amount: '10.00' })),
    settles(message()('QuarantineExpired', { amount: '10.00', expiredAt: later })),
    settles(message()('MessageChargedBack', { ...settlement, from: 'QUARANTINED', at: later })),
    begins(user()('UserErasureRequested', { userId: creatorUserId }, now), 'erasure', 'REQUESTED', {
      ...{ kind: 'erasure', subject: creatorUserId, userId: creatorUserId, creatorId: null },
    }),
    settles(user()('UserErased', { userId: creatorUserId })),
    begins(difference('MoneyDifferenceFound', found, now), 'money', 'OPEN', {
      ...{ kind: 'money', subject: item, userId: null, creatorId: null },
      details: { account: 'an account', kind: 'SUM', eventId: idOf(8) },
    }),
    settles(difference('MoneyDifferenceAcknowledged', { item, by: null })),
  ]);
});

describe('work: documents', () => {
  const waiting = (given: readonly GivenEvent[]) =>
    [...documentsAfter(work, given).values()].filter((one) => one.waiting !== null).map(({ kind }) => kind);

  it('are two of a payout that waits and of a conflict about it, each settled by itself', () => {
    expect(waiting([requested, conflict])).to.have.members(['payout', 'conflict']);
    expect(waiting([requested, conflict, acknowledged])).to.deep.equal(['payout']);
    const rejected = payout('PayoutRejected', { ...named, from: 'PENDING', by: null });
    expect(waiting([requested, conflict, rejected])).to.deep.equal(['conflict']);
  });

  it('wait again when a conflict is reported again', () => {
    expect(waiting([conflict, acknowledged])).to.deep.equal([]);
    expect(waiting([conflict, acknowledged, conflict])).to.deep.equal(['conflict']);
  });
});
