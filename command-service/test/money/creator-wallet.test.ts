import type { CreatorWalletEvent } from '@creator-dashboards/shared/events/wallet';
import { CreatorId, CreatorUserId, newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { creatorWallet, type CreatorWalletCommand } from '../../src/domain/creator-wallet.js';
import { given } from '../support/decider.js';

const owner = { userId: CreatorUserId(newId()), creatorId: CreatorId(newId()) };
const messageId = newId();
const payoutId = newId();

const opened: CreatorWalletEvent = { type: 'WalletOpened', data: { type: 'CREATOR', currency: 'USD' } };
const settled = { messageId, gross: '25.00', commission: '5.00', net: '20.00' };
const credited: CreatorWalletEvent = { type: 'EarningsCredited', data: { ...settled, before: '0.00', after: '20.00' } };
const frozen: CreatorWalletEvent = { type: 'WalletFrozen', data: {} };
const debited: CreatorWalletEvent = {
  type: 'PayoutDebited',
  data: { payoutId, amount: '15.00', before: '20.00', after: '5.00' },
};
const returned: CreatorWalletEvent = {
  type: 'PayoutReturned',
  data: { payoutId, amount: '15.00', before: '5.00', after: '20.00' },
};

const wallet = (...more: CreatorWalletEvent[]) => given(creatorWallet, opened, credited, ...more);
const earnings = { messageId, gross: 2_500, commission: 500, net: 2_000 };
const credit: CreatorWalletCommand = { type: 'CreditEarnings', ...owner, ...earnings };
const reverse: CreatorWalletCommand = { type: 'ReverseEarnings', ...owner, ...earnings };
const debit = (amount = 1_500): CreatorWalletCommand => ({ type: 'DebitPayout', ...owner, payoutId, amount });
const giveBack: CreatorWalletCommand = { type: 'ReturnPayout', ...owner, payoutId };
const refusedDebit = (code: string): CreatorWalletEvent => ({
  type: 'PayoutDebitRefused',
  data: { payoutId, amount: '15.00', code: `payment.payout.error.${code}` },
});

describe("The wallet of a creator's earnings", () => {
  it('has a stream of its own for each user and names user and creator in its keys', () => {
    expect(creatorWallet.streamOf(credit)).to.equal(`creatorWallet-${owner.userId}`);
    expect(creatorWallet.keysOf(creatorWallet.initial, credit)).to.deep.equal(owner);
  });

  describe('earnings', () => {
    it('open it with the first credit, of the net', () => given(creatorWallet).when(credit).then(opened, credited));
    it('come to a frozen wallet too (G17)', () =>
      wallet(frozen)
        .when(credit)
        .then({ type: 'EarningsCredited', data: { ...settled, before: '20.00', after: '40.00' } }));
    it('are reversed by a chargeback (G39)', () =>
      wallet()
        .when(reverse)
        .then({ type: 'EarningsReversed', data: { ...settled, before: '20.00', after: '0.00' } }));
    it('are reversed on a wallet that does not exist, opening it below zero', () =>
      given(creatorWallet)
        .when(reverse)
        .then(opened, { type: 'EarningsReversed', data: { ...settled, before: '0.00', after: '-20.00' } }));
    it('are reversed once', () =>
      wallet({ type: 'EarningsReversed', data: { ...settled, before: '20.00', after: '0.00' } })
        .when(reverse)
        .nothing());
    it('may be reversed below zero, and later ones fill it first (9.5)', () => {
      const below: CreatorWalletEvent = {
        type: 'EarningsReversed',
        data: { ...settled, before: '5.00', after: '-15.00' },
      };
      wallet(debited).when(reverse).then(below);
      wallet(debited, below)
        .when(credit)
        .then({ type: 'EarningsCredited', data: { ...settled, before: '-15.00', after: '5.00' } });
    });
    it('are reversed on a frozen wallet too', () =>
      wallet(frozen)
        .when(reverse)
        .then({ type: 'EarningsReversed', data: { ...settled, before: '20.00', after: '0.00' } }));
  });

  describe('payouts', () => {
    it('are debited', () => wallet().when(debit()).then(debited));
    it('are debited once', () => wallet(debited).when(debit()).nothing());
    it('can take the last cent', () =>
      wallet()
        .when(debit(2_000))
        .then({ type: 'PayoutDebited', data: { payoutId, amount: '20.00', before: '20.00', after: '0.00' } }));
    it('are refused, as an event, when the balance is too small', () =>
      wallet(debited)
        .when({ ...debit(), payoutId: messageId } as CreatorWalletCommand)
        .then({
          type: 'PayoutDebitRefused',
          data: { payoutId: messageId, amount: '15.00', code: 'payment.payout.error.insufficient_balance' },
        }));
    it('are refused, as an event, by a frozen wallet (G17)', () =>
      wallet(frozen).when(debit()).then(refusedDebit('wallet_frozen')));
    it('are refused, as an event, where there is no wallet', () =>
      given(creatorWallet).when(debit()).then(refusedDebit('wallet_not_found')));
    it('stay refused, even after more was earned', () =>
      wallet(refusedDebit('insufficient_balance')).when(debit()).nothing());
    it('come back, once (G16)', () => {
      wallet(debited).when(giveBack).then(returned);
      wallet(debited, returned).when(giveBack).nothing();
    });
    it('are not debited again after they came back', () => wallet(debited, returned).when(debit()).nothing());
    it('come back to a frozen wallet (G17)', () => wallet(debited, frozen).when(giveBack).then(returned));
    it('do not come back when they were never debited', () => {
      wallet().when(giveBack).nothing();
      wallet(refusedDebit('wallet_frozen')).when(giveBack).nothing();
    });
  });

  describe('administration', () => {
    const adjust = (direction: 'CREDIT' | 'DEBIT', amount: number): CreatorWalletCommand => ({
      type: 'Adjust',
      ...owner,
      direction,
      amount,
    });

    it('credits, opening an absent wallet', () =>
      given(creatorWallet)
        .when(adjust('CREDIT', 100))
        .then(opened, {
          type: 'WalletAdjusted',
          data: { direction: 'CREDIT', amount: '1.00', before: '0.00', after: '1.00' },
        }));
    it('debits within the balance only', () => {
      wallet()
        .when(adjust('DEBIT', 2_000))
        .then({
          type: 'WalletAdjusted',
          data: { direction: 'DEBIT', amount: '20.00', before: '20.00', after: '0.00' },
        });
      wallet().when(adjust('DEBIT', 2_001)).refused('wallet.error.insufficient_balance');
    });
    it('refuses an amount of zero', () => wallet().when(adjust('DEBIT', 0)).refused('wallet.error.invalid_amount'));
    it('refuses a debit of a frozen wallet (G17)', () =>
      wallet(frozen).when(adjust('DEBIT', 1)).refused('wallet.error.frozen'));
    it('freezes once, opening an absent wallet', () => {
      given(creatorWallet)
        .when({ type: 'Freeze', ...owner })
        .then(opened, frozen);
      wallet(frozen)
        .when({ type: 'Freeze', ...owner })
        .refused('wallet.error.already_frozen');
    });
    it('unfreezes what is frozen', () => {
      wallet(frozen)
        .when({ type: 'Unfreeze', ...owner })
        .then({ type: 'WalletUnfrozen', data: {} });
      wallet()
        .when({ type: 'Unfreeze', ...owner })
        .refused('wallet.error.not_frozen');
    });
  });
});
