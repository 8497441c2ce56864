/** What each event changes in the state of wallets, checkouts and payout books, and that it changes nothing else. */
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import type { PayoutStatus } from '@creator-dashboards/shared/events/payout';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { checkout } from '../../src/domain/checkout.js';
import { creatorWallet, type CreatorWallet } from '../../src/domain/creator-wallet.js';
import { fanWallet, type FanWallet } from '../../src/domain/fan-wallet.js';
import { payoutBook } from '../../src/domain/payout-book.js';
import type { OpenPayout, PayoutBookState } from '../../src/domain/payout-facts.js';
import { eachEventChangesOnly } from '../support/evolving.js';

const at = '2026-05-01T10:00:00.000Z';
const later = '2026-05-02T10:00:00.000Z';
const moved = { amount: '10.00', before: '15.00', after: '7.50' };

describe('The state of a fan wallet', () => {
  const full: FanWallet = {
    opened: true,
    frozen: true,
    balance: 1_500,
    holds: { first: 1_000, second: 500 },
    voided: ['earlier'],
    sessions: ['session-1'],
    debited: ['charged-1'],
  };
  const closed = { balance: 750, holds: { second: 500 } };
  eachEventChangesOnly(fanWallet, full, {
    WalletOpened: [{ type: 'FAN', currency: 'USD' }, { opened: true }, { opened: false }],
    FundsLoaded: [
      { sessionId: 'session-2', ...moved },
      { balance: 750, sessions: ['session-1', 'session-2'] },
    ],
    EscrowHeld: [
      { messageId: 'third', ...moved },
      { balance: 750, holds: { first: 1_000, second: 500, third: 1_000 } },
    ],
    EscrowVoided: [
      { messageId: 'first', ...moved },
      { ...closed, voided: ['earlier', 'first'] },
    ],
    EscrowRefunded: [{ messageId: 'first', ...moved }, closed],
    EscrowReleased: [{ messageId: 'first', ...moved }, closed],
    EscrowChargedBack: [{ messageId: 'first', ...moved }, closed],
    ChargebackDebited: [
      { messageId: null, sessionId: 'session-1', ...moved },
      { balance: 750, debited: ['charged-1', 'session-1'] },
    ],
    WalletAdjusted: [{ direction: 'DEBIT', ...moved }, { balance: 750 }],
    WalletFrozen: [{}, { frozen: true }, { frozen: false }],
    WalletUnfrozen: [{}, { frozen: false }],
    WalletForfeited: [{ amount: '15.00', before: '15.00', after: '0.00' }, { balance: 0 }],
    WalletWrittenOff: [{ amount: '15.00', before: '-15.00', after: '0.00' }, { balance: 0 }],
  });
});

describe('The state of a creator wallet', () => {
  const first = { state: 'DEBITED', amount: 1_000 } as const;
  const second = { state: 'REFUSED', code: 'payment.payout.error.wallet_frozen' } as const;
  const full: CreatorWallet = {
    opened: true,
    frozen: true,
    balance: 1_500,
    payouts: { first, second },
    reversed: ['message-1'],
  };
  const settled = { messageId: 'message-2', gross: '10.00', commission: '2.50', net: '7.50', before: '15.00' };
  eachEventChangesOnly(creatorWallet, full, {
    WalletOpened: [{ type: 'CREATOR', currency: 'USD' }, { opened: true }, { opened: false }],
    EarningsCredited: [{ ...settled, after: '22.50' }, { balance: 2_250 }],
    EarningsReversed: [
      { ...settled, after: '7.50' },
      { balance: 750, reversed: ['message-1', 'message-2'] },
    ],
    PayoutDebited: [
      { payoutId: 'third', ...moved },
      { balance: 750, payouts: { first, second, third: { state: 'DEBITED', amount: 1_000 } } },
    ],
    PayoutReturned: [
      { payoutId: 'first', amount: '10.00', before: '15.00', after: '25.00' },
      { balance: 2_500, payouts: { first: { state: 'RETURNED', amount: 1_000 }, second } },
    ],
    PayoutDebitRefused: [
      { payoutId: 'third', amount: '90.00', code: 'payment.payout.error.insufficient_balance' },
      {
        payouts: {
          first,
          second,
          third: { state: 'REFUSED', code: 'payment.payout.error.insufficient_balance' },
        },
      },
    ],
    WalletAdjusted: [{ direction: 'DEBIT', ...moved }, { balance: 750 }],
    WalletFrozen: [{}, { frozen: true }, { frozen: false }],
    WalletUnfrozen: [{}, { frozen: false }],
    WalletForfeited: [{ amount: '15.00', before: '15.00', after: '0.00' }, { balance: 0 }],
    WalletWrittenOff: [{ amount: '15.00', before: '-15.00', after: '0.00' }, { balance: 0 }],
  });
});

describe('The state of a checkout', () => {
  const sealed = (ciphertext: string): Sealed<string> => sealedValue('user-1', ciphertext);
  const full = { userId: 'user-1', amount: 1_050, checkoutUrl: sealed('url'), completed: true, chargedBack: true };
  eachEventChangesOnly(checkout, full, {
    CheckoutStarted: [
      { sessionId: 'session', userId: 'user-2', amount: '20.00', checkoutUrl: sealed('other url') },
      { userId: 'user-2', amount: 2_000, checkoutUrl: sealed('other url') },
    ],
    CheckoutCompleted: [
      { sessionId: 'session', userId: 'user-1', amount: '10.50' },
      { completed: true },
      { completed: false },
    ],
    CheckoutMismatch: [{ sessionId: 'session', amount: '10.49', expected: '10.50' }, {}],
    CheckoutChargedBack: [
      { sessionId: 'session', userId: 'user-1', amount: '10.50' },
      { chargedBack: true },
      { chargedBack: false },
    ],
  });
});

describe('The state of a payout book', () => {
  const first: OpenPayout = {
    ...{ amount: 4_000, method: 'BANK_TRANSFER', status: 'PENDING', requestedAt: later },
    ...{ approvedBy: 'admin-1', digest: 'd1' },
  };
  const second: OpenPayout = { ...first, amount: 1_250, method: 'STRIPE_CONNECT', status: 'PROCESSING' };
  const old = { payoutId: 'old', status: 'PROCESSED' as const };
  const full: PayoutBookState = {
    ...{ open: { first, second }, closed: [old], requested: [at], lastCounted: at },
    ...{ isClosed: true, unnamed: { unnamed: 700 }, conflicts: ['first', 'old'] },
  };
  const of = { payoutId: 'first', amount: '40.00' };
  const destination = sealedValue('user-1', { accountId: 'acct' });
  const closed = (status: PayoutStatus) => ({ open: { second }, closed: [old, { payoutId: 'first', status }] });
  const fresh = { approvedBy: null, digest: null, status: 'PENDING' as const };
  eachEventChangesOnly(payoutBook, full, {
    PayoutRequested: [
      { payoutId: 'third', amount: '17.05', method: 'STRIPE_CONNECT', requestedAt: later },
      {
        open: { first, second, third: { amount: 1_705, method: 'STRIPE_CONNECT', requestedAt: later, ...fresh } },
        requested: [at, later],
      },
    ],
    PayoutApproved: [
      { ...of, by: 'admin-2', from: 'PENDING', destination, digest: 'd2' },
      { open: { first: { ...first, status: 'APPROVED', approvedBy: 'admin-2', digest: 'd2' }, second } },
    ],
    PayoutRejected: [{ ...of, from: 'PENDING', by: null }, closed('REJECTED')],
    PayoutCancelled: [{ ...of, from: 'PENDING', by: null }, closed('CANCELLED')],
    PayoutProcessingStarted: [
      { ...of, method: 'BANK_TRANSFER', destination },
      { open: { first: { ...first, status: 'PROCESSING' }, second } },
    ],
    PayoutProcessed: [
      { ...of, at },
      { ...closed('PROCESSED'), lastCounted: later },
    ],
    PayoutFailed: [
      { ...of, debited: true, at, error: null },
      { ...closed('FAILED'), lastCounted: later },
    ],
    PayoutBookClosed: [
      { reason: 'ERASED' },
      { ...closed('CANCELLED'), isClosed: true, unnamed: { first: 4_000 } },
      { isClosed: false, unnamed: {} },
    ],
    PayoutResultConflict: [
      { payoutId: 'first', from: 'PENDING', result: 'paid' },
      { conflicts: ['old', 'first'] }, // the newest last
    ],
    PayoutConflictAcknowledged: [{ payoutId: 'old', by: null }, { conflicts: ['first'] }],
  });
});
