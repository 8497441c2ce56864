/** The ledger, event by event: amounts worked out by hand. */
import { decode, definitions, type EventType } from '@creator-dashboards/shared/events/index';
import { balancesAfter, movesMoney, postingsOf } from '@creator-dashboards/shared/ledger/postings';
import { notMoney } from '@creator-dashboards/shared/ledger/not-money';
import { toDecimal } from '@creator-dashboards/shared/money';
import {
  at,
  creatorUserId,
  creatorWallet,
  fanId,
  fanWallet,
  message,
  messageId,
  payoutBook,
  payoutId,
} from '@creator-dashboards/shared/testing/fixtures/people';
import { history, onStream, type GivenEvent } from '@creator-dashboards/shared/testing/given';
import { expect } from 'chai';

const sessionId = '99999999-9999-4999-8999-999999999901';
const checkout = onStream(`checkout-${sessionId}`, { userId: fanId });
const onFan = fanWallet();
const fan = `fanWallet-${fanId}`;
const creator = `creatorWallet-${creatorUserId}`;

const recorded = (given: readonly GivenEvent[]) => history(given).map(decode);

/** "account change" of each posting of one event. */
function postings(given: GivenEvent): string[] {
  return recorded([given]).flatMap((event) =>
    postingsOf(event).map(({ account, change }) => `${account} ${toDecimal(change)}`),
  );
}

const balances = (given: readonly GivenEvent[]) =>
  Object.fromEntries([...balancesAfter(recorded(given))].map(([account, cents]) => [account, toDecimal(cents)]));

const moved = (amount: string, before: string, after: string) => ({ amount, before, after });
const settled = { gross: '10.00', commission: '2.00', net: '8.00' };

const completed = checkout('CheckoutCompleted', { sessionId, userId: fanId, amount: '25.00' });
const loaded = onFan('FundsLoaded', { sessionId, ...moved('25.00', '0.00', '25.00') });
const held = onFan('EscrowHeld', { messageId, ...moved('10.00', '25.00', '15.00') });
const released = onFan('EscrowReleased', { messageId, ...moved('10.00', '15.00', '15.00') });
const refunded = onFan('EscrowRefunded', { messageId, ...moved('10.00', '15.00', '25.00') });
const credited = creatorWallet('EarningsCredited', { messageId, ...settled, before: '0.00', after: '8.00' });
const chargedBack = (from: 'COMPLETED' | 'ESCROWED' | 'REFUNDED') =>
  message()('MessageChargedBack', { ...settled, from, at });
const debited = creatorWallet('PayoutDebited', { payoutId, ...moved('8.00', '8.00', '0.00') });

describe('The postings of', () => {
  const rows: readonly (readonly [what: string, given: GivenEvent, expected: readonly string[]])[] = [
    [
      'CheckoutCompleted: paid outside, not in the wallet yet',
      completed,
      ['provider -25.00', `load-${sessionId} 25.00`],
    ],
    ['FundsLoaded', loaded, [`load-${sessionId} -25.00`, `${fan} 25.00`]],
    [
      'CheckoutChargedBack: the card holder has it, nobody here has lost it yet',
      checkout('CheckoutChargedBack', { sessionId, userId: fanId, amount: '25.00' }),
      [`chargeback-${sessionId} -25.00`, 'provider 25.00'],
    ],
    ['EscrowHeld', held, [`${fan} -10.00`, `escrow-${messageId} 10.00`]],
    [
      'EscrowVoided of a hold',
      onFan('EscrowVoided', { messageId, ...moved('10.00', '15.00', '25.00') }),
      [`escrow-${messageId} -10.00`, `${fan} 10.00`],
    ],
    ['EscrowVoided of nothing', onFan('EscrowVoided', { messageId, ...moved('0.00', '25.00', '25.00') }), []],
    ['EscrowRefunded', refunded, [`escrow-${messageId} -10.00`, `${fan} 10.00`]],
    ['EscrowReleased', released, [`escrow-${messageId} -10.00`, `released-${messageId} 10.00`]],
    [
      'EscrowChargedBack',
      onFan('EscrowChargedBack', { messageId, ...moved('10.00', '15.00', '15.00') }),
      [`escrow-${messageId} -10.00`, `chargeback-${messageId} 10.00`],
    ],
    ['MessageChargedBack', chargedBack('COMPLETED'), [`chargeback-${messageId} -10.00`, 'provider 10.00']],
    [
      'ChargebackDebited for a message, below zero',
      onFan('ChargebackDebited', { messageId, sessionId: null, ...moved('10.00', '4.00', '-6.00') }),
      [`${fan} -10.00`, `chargeback-${messageId} 10.00`],
    ],
    [
      'ChargebackDebited for a load',
      onFan('ChargebackDebited', { messageId: null, sessionId, ...moved('25.00', '25.00', '0.00') }),
      [`${fan} -25.00`, `chargeback-${sessionId} 25.00`],
    ],
    ['EarningsCredited', credited, [`released-${messageId} -10.00`, `${creator} 8.00`, 'commission 2.00']],
    [
      'EarningsReversed',
      creatorWallet('EarningsReversed', { messageId, ...settled, before: '8.00', after: '0.00' }),
      [`${creator} -8.00`, 'commission -2.00', `chargeback-${messageId} 10.00`],
    ],
    ['PayoutDebited', debited, [`${creator} -8.00`, `payout-${payoutId} 8.00`]],
    [
      'PayoutReturned',
      creatorWallet('PayoutReturned', { payoutId, ...moved('8.00', '0.00', '8.00') }),
      [`payout-${payoutId} -8.00`, `${creator} 8.00`],
    ],
    [
      'PayoutProcessed',
      payoutBook('PayoutProcessed', { payoutId, amount: '8.00', at }),
      [`payout-${payoutId} -8.00`, 'provider 8.00'],
    ],
    [
      'PayoutFailed: what was debited comes back by another event',
      payoutBook('PayoutFailed', { payoutId, amount: '8.00', debited: true, at, error: null }),
      [],
    ],
    [
      'WalletAdjusted, a credit',
      creatorWallet('WalletAdjusted', { direction: 'CREDIT', ...moved('3.00', '8.00', '11.00') }),
      ['adjustments -3.00', `${creator} 3.00`],
    ],
    [
      'WalletAdjusted, a debit',
      onFan('WalletAdjusted', { direction: 'DEBIT', ...moved('3.00', '8.00', '5.00') }),
      [`${fan} -3.00`, 'adjustments 3.00'],
    ],
    ['WalletForfeited', onFan('WalletForfeited', moved('5.00', '5.00', '0.00')), [`${fan} -5.00`, 'forfeits 5.00']],
    ['WalletWrittenOff', onFan('WalletWrittenOff', moved('6.00', '-6.00', '0.00')), ['forfeits -6.00', `${fan} 6.00`]],
    ['WalletFrozen', onFan('WalletFrozen', {}), []],
  ];
  for (const [what, given, expected] of rows)
    it(what, () => {
      expect(postings(given)).to.deep.equal(expected);
    });

  it('a fraction of a cent are refused, not rounded', () => {
    const [event] = recorded([loaded]);
    const halfACent = { ...event, data: { ...event?.data, amount: '25.005' } } as Parameters<typeof postingsOf>[0];
    expect(() => postingsOf(halfACent)).to.throw(RangeError);
  });

  it('a settlement whose parts are not its gross do not add up to zero', () => {
    const wrong = creatorWallet('EarningsCredited', {
      ...{ messageId, gross: '10.00', commission: '2.00', net: '9.00' },
      ...{ before: '0.00', after: '9.00' },
    });
    const [event] = recorded([wrong]);
    const sum = event && postingsOf(event).reduce((total, { change }) => total + change, 0);
    expect(sum).to.equal(100);
  });
});

describe('The ledger after', () => {
  it('a paid message that was answered: the fan has 15, the creator 8, the platform 2', () => {
    expect(balances([completed, loaded, held, released, credited])).to.deep.equal({
      ...{ provider: '-25.00', [fan]: '15.00', [creator]: '8.00', commission: '2.00' },
    });
  });

  it('a payout of these earnings: they are outside again', () => {
    const paid = payoutBook('PayoutProcessed', { payoutId, amount: '8.00', at });
    expect(balances([completed, loaded, held, released, credited, debited])).to.include({
      [`payout-${payoutId}`]: '8.00',
    });
    expect(balances([completed, loaded, held, released, credited, debited, paid])).to.deep.equal({
      ...{ provider: '-17.00', [fan]: '15.00', commission: '2.00' },
    });
  });

  it('a message that was refunded and then charged back: the fan owes what she has spent elsewhere', () => {
    const debit = onFan('ChargebackDebited', { messageId, sessionId: null, ...moved('10.00', '25.00', '15.00') });
    expect(balances([completed, loaded, held, refunded, chargedBack('REFUNDED'), debit])).to.deep.equal({
      ...{ provider: '-15.00', [fan]: '15.00' },
    });
  });

  it('a chargeback that nobody has paid for yet: it is open', () => {
    expect(balances([completed, loaded, held, released, credited, chargedBack('COMPLETED')])).to.include({
      [`chargeback-${messageId}`]: '-10.00',
    });
  });
});

describe('The event types', () => {
  it('are each booked or listed as not money', () => {
    const types = Object.keys(definitions) as EventType[];
    expect(types.filter((type) => !movesMoney(type)).sort()).to.deep.equal([...notMoney].sort());
    expect(types.filter(movesMoney).sort()).to.deep.equal([
      ...['ChargebackDebited', 'CheckoutChargedBack', 'CheckoutCompleted', 'EarningsCredited', 'EarningsReversed'],
      ...['EscrowChargedBack', 'EscrowHeld', 'EscrowRefunded', 'EscrowReleased', 'EscrowVoided', 'FundsLoaded'],
      ...['MessageChargedBack', 'PayoutDebited', 'PayoutProcessed', 'PayoutReturned', 'WalletAdjusted'],
      ...['WalletForfeited', 'WalletWrittenOff'],
    ]);
  });
});
