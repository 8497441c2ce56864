import type { FanWalletEvent } from '@creator-dashboards/shared/events/wallet';
import { FanId, newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { fanWallet, REMEMBERED_VOIDS, type FanWalletCommand } from '../../src/domain/fan-wallet.js';
import { given } from '../support/decider.js';

const userId = FanId(newId());
const messageId = newId();
const sessionId = newId();

const opened: FanWalletEvent = { type: 'WalletOpened', data: { type: 'FAN', currency: 'USD' } };
const loaded: FanWalletEvent = {
  type: 'FundsLoaded',
  data: { sessionId, amount: '25.00', before: '0.00', after: '25.00' },
};
const held: FanWalletEvent = {
  type: 'EscrowHeld',
  data: { messageId, amount: '10.00', before: '25.00', after: '15.00' },
};
const frozen: FanWalletEvent = { type: 'WalletFrozen', data: {} };
const voided = (amount: string, before: string, after: string): FanWalletEvent => ({
  type: 'EscrowVoided',
  data: { messageId, amount, before, after },
});

const wallet = (...more: FanWalletEvent[]) => given(fanWallet, opened, loaded, ...more);
const hold = (amount = 1_000): Extract<FanWalletCommand, { type: 'HoldEscrow' }> => ({
  type: 'HoldEscrow',
  userId,
  messageId,
  amount,
});
const close = (type: 'VoidEscrow' | 'RefundEscrow' | 'ReleaseEscrow' | 'ChargeBackEscrow'): FanWalletCommand => ({
  type,
  userId,
  messageId,
});
const load: FanWalletCommand = { type: 'LoadFunds', userId, sessionId, amount: 2_500 };

describe('The fan wallet aggregate', () => {
  it('has its own stream per user, and the user in its routing keys', () => {
    expect(fanWallet.streamOf(load)).to.equal(`fanWallet-${userId}`);
    expect(fanWallet.keysOf(fanWallet.initial, load)).to.deep.equal({ userId });
  });

  describe('loading funds', () => {
    it('opens the wallet with the first load', () => given(fanWallet).when(load).then(opened, loaded));
    it('credits a session once', () => wallet().when(load).nothing());
    it('credits a frozen wallet too (G17)', () => {
      const again = newId();
      wallet(frozen)
        .when({ ...load, sessionId: again })
        .then({ type: 'FundsLoaded', data: { sessionId: again, amount: '25.00', before: '25.00', after: '50.00' } });
    });
  });

  describe('a chargeback of what the fan has or had here (G48)', () => {
    const debit = (amount: number): FanWalletCommand => ({
      ...{ type: 'DebitChargeback', userId, amount },
      ...{ messageId, sessionId: null },
    });
    const debited: FanWalletEvent = {
      type: 'ChargebackDebited',
      data: { messageId, sessionId: null, amount: '30.00', before: '25.00', after: '-5.00' },
    };

    it('is debited even below zero, and of a frozen wallet too', () => {
      wallet().when(debit(3_000)).then(debited);
      wallet(frozen).when(debit(3_000)).then(debited);
    });
    it('is debited once', () => wallet(debited).when(debit(3_000)).nothing());
    it('names the session of a load that was charged back', () =>
      wallet()
        .when({ type: 'DebitChargeback', userId, messageId: null, sessionId, amount: 2_500 })
        .then({
          type: 'ChargebackDebited',
          data: { messageId: null, sessionId, amount: '25.00', before: '25.00', after: '0.00' },
        }));
    it('is filled first by later credits', () => {
      const later = newId();
      const loadedLater = { sessionId: later, amount: '25.00', before: '-5.00', after: '20.00' };
      wallet(debited)
        .when({ ...load, sessionId: later })
        .then({ type: 'FundsLoaded', data: loadedLater });
    });
    it('leaves nothing to be held below zero', () =>
      wallet(debited).when(hold(1)).refused('message.send.error.insufficient_balance'));
  });

  describe('holding the price of a message', () => {
    it('moves it out of the balance', () => wallet().when(hold()).then(held));
    it('is refused at 1,000 open holds (G44b)', () => {
      const holds = Array.from({ length: 1_000 }, (): FanWalletEvent => ({
        type: 'EscrowHeld',
        data: { messageId: newId(), amount: '0.01', before: '25.00', after: '25.00' },
      }));
      wallet(...holds.slice(1))
        .when(hold())
        .then(held);
      wallet(...holds)
        .when(hold())
        .refused('message.send.error.pending_limit');
    });
    it('can take the whole balance', () =>
      wallet()
        .when(hold(2_500))
        .then({ type: 'EscrowHeld', data: { messageId, amount: '25.00', before: '25.00', after: '0.00' } }));
    it('refuses more than the balance', () =>
      wallet().when(hold(2_501)).refused('message.send.error.insufficient_balance'));
    it('is refused without a wallet', () =>
      given(fanWallet).when(hold()).refused('message.send.error.insufficient_balance'));
    it('does not count held money as balance', () =>
      wallet(held)
        .when({ ...hold(1_600), messageId: newId() })
        .refused('message.send.error.insufficient_balance'));
    it('happens once per message', () => wallet(held).when(hold()).nothing());
    it('is refused by a frozen wallet, whatever its balance (G18)', () =>
      wallet(frozen).when(hold()).refused('message.send.error.wallet_frozen'));
    it('works again once the wallet is unfrozen', () =>
      wallet(frozen, { type: 'WalletUnfrozen', data: {} }).when(hold()).then(held));
  });

  describe('voiding an unfinished send (9.2)', () => {
    it('returns the held money', () =>
      wallet(held)
        .when(close('VoidEscrow'))
        .then(voided('10.00', '15.00', '25.00')));
    it('is recorded where nothing was held', () =>
      wallet()
        .when(close('VoidEscrow'))
        .then(voided('0.00', '25.00', '25.00')));
    it('is recorded on a wallet that does not exist', () =>
      given(fanWallet)
        .when(close('VoidEscrow'))
        .then(voided('0.00', '0.00', '0.00')));
    it('happens once', () =>
      wallet(held, voided('10.00', '15.00', '25.00'))
        .when(close('VoidEscrow'))
        .nothing());
    it('returns a hold even if the message was voided before', () =>
      wallet(voided('0.00', '25.00', '25.00'), held)
        .when(close('VoidEscrow'))
        .then(voided('10.00', '15.00', '25.00')));
    it('refuses a later hold of the same message', () =>
      wallet(voided('0.00', '25.00', '25.00'))
        .when(hold())
        .refused('message.send.error.interrupted'));
    it('returns the hold to a frozen wallet (G18)', () =>
      wallet(held, frozen)
        .when(close('VoidEscrow'))
        .then(voided('10.00', '15.00', '25.00')));
    it('is remembered for a bounded number of messages, the latest ones', () => {
      const ids = Array.from({ length: REMEMBERED_VOIDS + 1 }, () => newId());
      const none = { amount: '0.00', before: '25.00', after: '25.00' };
      const { state } = wallet(
        ...ids.map((each): FanWalletEvent => ({ type: 'EscrowVoided', data: { messageId: each, ...none } })),
      );
      expect(state.voided).to.deep.equal(ids.slice(1));
    });
  });

  describe('closing a hold', () => {
    it('refunds to the balance', () =>
      wallet(held)
        .when(close('RefundEscrow'))
        .then({ type: 'EscrowRefunded', data: { messageId, amount: '10.00', before: '15.00', after: '25.00' } }));
    it('refunds to a frozen wallet (G18)', () =>
      wallet(held, frozen)
        .when(close('RefundEscrow'))
        .then({ type: 'EscrowRefunded', data: { messageId, amount: '10.00', before: '15.00', after: '25.00' } }));
    it('releases the money to the creator, without crediting the balance', () =>
      wallet(held)
        .when(close('ReleaseEscrow'))
        .then({ type: 'EscrowReleased', data: { messageId, amount: '10.00', before: '15.00', after: '15.00' } }));
    it('charges the money back to the card, without crediting the balance (G39)', () =>
      wallet(held)
        .when(close('ChargeBackEscrow'))
        .then({ type: 'EscrowChargedBack', data: { messageId, amount: '10.00', before: '15.00', after: '15.00' } }));

    for (const type of ['RefundEscrow', 'ReleaseEscrow', 'ChargeBackEscrow'] as const) {
      it(`${type} does nothing without a hold`, () => wallet().when(close(type)).nothing());
      it(`${type} does nothing after the hold was closed`, () => {
        const closed = { messageId, amount: '10.00', before: '15.00', after: '15.00' };
        wallet(held, { type: 'EscrowReleased', data: closed }).when(close(type)).nothing();
        wallet(held, { type: 'EscrowRefunded', data: { ...closed, after: '25.00' } })
          .when(close(type))
          .nothing();
        wallet(held, { type: 'EscrowChargedBack', data: closed }).when(close(type)).nothing();
        wallet(held, voided('10.00', '15.00', '25.00'))
          .when(close(type))
          .nothing();
      });
    }
    it('leaves nothing in the state', () => {
      const { state } = wallet(held, {
        type: 'EscrowReleased',
        data: { messageId, amount: '10.00', before: '15.00', after: '15.00' },
      });
      expect(state).to.deep.equal({
        opened: true,
        frozen: false,
        debited: [],
        balance: 1_500,
        holds: {},
        voided: [],
        sessions: [sessionId],
      });
    });
  });

  describe('admin actions', () => {
    const adjust = (direction: 'CREDIT' | 'DEBIT', amount: number): FanWalletCommand => ({
      type: 'Adjust',
      userId,
      direction,
      amount,
    });

    it('credit the wallet, opening an absent one', () =>
      given(fanWallet)
        .when(adjust('CREDIT', 5))
        .then(opened, {
          type: 'WalletAdjusted',
          data: { direction: 'CREDIT', amount: '0.05', before: '0.00', after: '0.05' },
        }));
    it('debit down to zero', () =>
      wallet()
        .when(adjust('DEBIT', 2_500))
        .then({
          type: 'WalletAdjusted',
          data: { direction: 'DEBIT', amount: '25.00', before: '25.00', after: '0.00' },
        }));
    it('refuse a debit of more than the balance', () =>
      wallet().when(adjust('DEBIT', 2_501)).refused('wallet.error.insufficient_balance'));
    it('refuse an amount of zero', () => wallet().when(adjust('CREDIT', 0)).refused('wallet.error.invalid_amount'));
    it('refuse a debit of a frozen wallet, but not a credit (G17)', () => {
      wallet(frozen).when(adjust('DEBIT', 1)).refused('wallet.error.frozen');
      wallet(frozen)
        .when(adjust('CREDIT', 100))
        .then({
          type: 'WalletAdjusted',
          data: { direction: 'CREDIT', amount: '1.00', before: '25.00', after: '26.00' },
        });
    });
    it('freeze the wallet, opening an absent one', () =>
      given(fanWallet).when({ type: 'Freeze', userId }).then(opened, frozen));
    it('freeze only once', () =>
      wallet(frozen).when({ type: 'Freeze', userId }).refused('wallet.error.already_frozen'));
    it('unfreeze a frozen wallet', () =>
      wallet(frozen).when({ type: 'Unfreeze', userId }).then({ type: 'WalletUnfrozen', data: {} }));
    it('refuse to unfreeze a wallet that is not frozen', () =>
      wallet().when({ type: 'Unfreeze', userId }).refused('wallet.error.not_frozen'));
  });
});
