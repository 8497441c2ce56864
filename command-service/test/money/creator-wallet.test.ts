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
const giveBack: CreatorWalletCommand = { type: 'ReturnPayout', ...owner, payoutId, amount: 1_500 };
const refusedDebit = (code: string): CreatorWalletEvent => ({
  type: 'PayoutDebitRefused',
  data: { payoutId, amount: '15.00', code: `payment.payout.error.${code}` },
});

describe('The creator wallet aggregate', () => {
  it('has its own stream per user, and user and creator in its routing keys', () => {
    expect(creatorWallet.streamOf(credit)).to.equal(`creatorWallet-${owner.userId}`);
    expect(creatorWallet.keysOf(creatorWallet.initial, credit)).to.deep.equal(owner);
  });

  describe('earnings', () => {
    it('open the wallet with the first credit, of the net amount', () =>
      given(creatorWallet).when(credit).then(opened, credited));
    it('are credited to a frozen wallet too (G17)', () =>
      wallet(frozen)
        .when(credit)
        .then({ type: 'EarningsCredited', data: { ...settled, before: '20.00', after: '40.00' } }));
    it('are reversed by a chargeback (G39)', () =>
      wallet()
        .when(reverse)
        .then({ type: 'EarningsReversed', data: { ...settled, before: '20.00', after: '0.00' } }));
    it('are reversed on a missing wallet too, opening it with a negative balance', () =>
      given(creatorWallet)
        .when(reverse)
        .then(opened, { type: 'EarningsReversed', data: { ...settled, before: '0.00', after: '-20.00' } }));
    it('are reversed once', () =>
      wallet({ type: 'EarningsReversed', data: { ...settled, before: '20.00', after: '0.00' } })
        .when(reverse)
        .nothing());
    it('can be reversed below zero, and later earnings fill that debt first (9.5)', () => {
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
    it('can take the whole balance', () =>
      wallet()
        .when(debit(2_000))
        .then({ type: 'PayoutDebited', data: { payoutId, amount: '20.00', before: '20.00', after: '0.00' } }));
    it('are refused, as an event, when the balance is too low', () =>
      wallet(debited)
        .when({ ...debit(), payoutId: messageId } as CreatorWalletCommand)
        .then({
          type: 'PayoutDebitRefused',
          data: { payoutId: messageId, amount: '15.00', code: 'payment.payout.error.insufficient_balance' },
        }));
    it('are refused, as an event, by a frozen wallet (G17)', () =>
      wallet(frozen).when(debit()).then(refusedDebit('wallet_frozen')));
    it('are refused, as an event, when there is no wallet', () =>
      given(creatorWallet).when(debit()).then(refusedDebit('wallet_not_found')));
    it('stay refused after more was earned', () =>
      wallet(refusedDebit('insufficient_balance')).when(debit()).nothing());
    it('are returned once (G16)', () => {
      wallet(debited).when(giveBack).then(returned);
      wallet(debited, returned).when(giveBack).nothing();
    });
    it('are not debited again after their return', () => wallet(debited, returned).when(debit()).nothing());
    it('are returned to a frozen wallet (G17)', () => wallet(debited, frozen).when(giveBack).then(returned));
    it('are not returned when they were never debited', () => {
      wallet().when(giveBack).nothing();
      wallet(refusedDebit('wallet_frozen')).when(giveBack).nothing();
    });
  });

  describe('admin actions', () => {
    const adjust = (direction: 'CREDIT' | 'DEBIT', amount: number): CreatorWalletCommand => ({
      type: 'Adjust',
      ...owner,
      direction,
      amount,
    });

    it('credit the wallet, opening an absent one', () =>
      given(creatorWallet)
        .when(adjust('CREDIT', 100))
        .then(opened, {
          type: 'WalletAdjusted',
          data: { direction: 'CREDIT', amount: '1.00', before: '0.00', after: '1.00' },
        }));
    it('debit no more than the balance', () => {
      wallet()
        .when(adjust('DEBIT', 2_000))
        .then({
          type: 'WalletAdjusted',
          data: { direction: 'DEBIT', amount: '20.00', before: '20.00', after: '0.00' },
        });
      wallet().when(adjust('DEBIT', 2_001)).refused('wallet.error.insufficient_balance');
    });
    it('refuse an amount of zero', () => wallet().when(adjust('DEBIT', 0)).refused('wallet.error.invalid_amount'));
    it('refuse a debit of a frozen wallet (G17)', () =>
      wallet(frozen).when(adjust('DEBIT', 1)).refused('wallet.error.frozen'));
    it('freeze the wallet once, opening an absent one', () => {
      given(creatorWallet)
        .when({ type: 'Freeze', ...owner })
        .then(opened, frozen);
      wallet(frozen)
        .when({ type: 'Freeze', ...owner })
        .refused('wallet.error.already_frozen');
    });
    it('unfreeze a frozen wallet', () => {
      wallet(frozen)
        .when({ type: 'Unfreeze', ...owner })
        .then({ type: 'WalletUnfrozen', data: {} });
      wallet()
        .when({ type: 'Unfreeze', ...owner })
        .refused('wallet.error.not_frozen');
    });
  });
});
