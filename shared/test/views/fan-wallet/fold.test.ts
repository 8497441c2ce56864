import { expect } from 'chai';
import { documentAfter, documentsAfter, type GivenEvent } from '../../../testing/given.js';
import { fanWallet as fanWalletView } from '../../../src/views/fan-wallet/fold.js';
import { creatorWallet, fanId, fanWallet, idOf, messageId, movement } from '../../../testing/fixtures/people.js';

describe('fanWallet: fold', () => {
  const wallet = fanWallet();
  const opened = wallet('WalletOpened', { type: 'FAN', currency: 'USD' });
  const after = (...given: GivenEvent[]) => documentAfter(fanWalletView, fanId, [opened, ...given]);

  it('a fan wallet opens empty', () => expect(after()).to.include({ balance: 0, frozen: false }));

  for (const type of ['EscrowHeld', 'EscrowVoided', 'EscrowRefunded', 'EscrowReleased', 'EscrowChargedBack'] as const)
    it(`a fan wallet takes its balance from ${type}`, () =>
      expect(after(wallet(type, { messageId, ...movement('4.20') }))).to.include({ balance: 420, frozen: false }));
  it('a fan wallet takes its balance from FundsLoaded', () =>
    expect(after(wallet('FundsLoaded', { sessionId: idOf(1), ...movement('25.00') }))).to.include({ balance: 2500 }));
  it('a fan wallet takes its balance from WalletAdjusted', () =>
    expect(after(wallet('WalletAdjusted', { ...movement('0.50'), direction: 'DEBIT' }))).to.include({ balance: 50 }));
  it('a fan wallet is frozen until it is unfrozen', () => {
    expect(after(wallet('WalletFrozen', {}))).to.include({ frozen: true });
    expect(after(wallet('WalletFrozen', {}), wallet('WalletUnfrozen', {}))).to.include({ frozen: false });
  });
  it('a fan wallet takes nothing from a creator wallet', () => {
    expect(documentsAfter(fanWalletView, [creatorWallet('WalletFrozen', {})]).size).to.equal(0);
  });
});
