import { payout as payoutView } from '../../../src/views/payout/fold.js';
import { at, creatorId, creatorUserId, later, payout, payoutId, strangerId } from '../../../testing/fixtures/people.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('payout: what each event changes', () => {
  const now = '2026-05-04T10:00:00.000Z';
  const full = {
    userId: strangerId,
    creatorId: strangerId,
    amount: 450,
    method: 'STRIPE_CONNECT',
    status: 'UNKNOWN' as never, // no event sets this one
    createdAt: later,
    approvedAt: '2026-05-01T00:00:00.000Z',
    closedAt: '2026-05-02T00:00:00.000Z',
    requested: `${strangerId} ${later}`,
    requestedByStatus: `${strangerId}/UNKNOWN ${later}`,
  } as const;
  const named = { payoutId, amount: '40.00' };
  const inStatus = <S extends string>(status: S) => ({
    status,
    requestedByStatus: `${strangerId}/${status} ${later}`,
  });
  eachEventChangesOnly(payoutView, full, [
    [
      payout('PayoutRequested', { ...named, method: 'BANK_TRANSFER', requestedAt: at }),
      {
        ...{ userId: creatorUserId, creatorId, amount: 4_000, method: 'BANK_TRANSFER', createdAt: at },
        ...{ status: 'PENDING', requested: `${creatorUserId} ${at}` },
        requestedByStatus: `${creatorUserId}/PENDING ${at}`,
      },
    ],
    [
      payout('PayoutApproved', { ...named, by: null, from: 'PENDING', destination: null, digest: 'd'.repeat(40) }, now),
      { ...inStatus('APPROVED'), approvedAt: now },
    ],
    [
      payout('PayoutProcessingStarted', { ...named, method: 'BANK_TRANSFER', destination: null }),
      inStatus('PROCESSING'),
    ],
    [payout('PayoutProcessed', { ...named, at }), { ...inStatus('PROCESSED'), closedAt: at }],
    [payout('PayoutFailed', { ...named, debited: true, at, error: null }), { ...inStatus('FAILED'), closedAt: at }],
    [
      payout('PayoutRejected', { ...named, from: 'PENDING', by: null }, now),
      { ...inStatus('REJECTED'), closedAt: now },
    ],
    [
      payout('PayoutCancelled', { ...named, from: 'APPROVED', by: null }, now),
      { ...inStatus('CANCELLED'), closedAt: now },
    ],
  ]);
});
