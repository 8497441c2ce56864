import { fanWallet as fanWalletView } from '../../../src/views/fan-wallet/fold.js';
import { fanWallet, idOf, messageId } from '../../../testing/fixtures/people.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('fanWallet: what each event changes', () => {
  const wallet = fanWallet();
  const moved = { amount: '4.00', before: '12.50', after: '8.50' };
  const full = { balance: 1_250, frozen: true };
  const after = { balance: 850 };
  eachEventChangesOnly(fanWalletView, full, [
    [wallet('WalletOpened', { type: 'FAN', currency: 'USD' }), {}],
    [wallet('FundsLoaded', { sessionId: idOf(1), ...moved }), after],
    [wallet('EscrowHeld', { messageId, ...moved }), after],
    [wallet('EscrowVoided', { messageId, ...moved }), after],
    [wallet('EscrowRefunded', { messageId, ...moved }), after],
    [wallet('EscrowReleased', { messageId, ...moved }), after],
    [wallet('EscrowChargedBack', { messageId, ...moved }), after],
    [wallet('ChargebackDebited', { messageId, sessionId: null, ...moved }), after],
    [wallet('WalletAdjusted', { direction: 'DEBIT', ...moved }), after],
    [wallet('WalletForfeited', moved), after],
    [wallet('WalletWrittenOff', moved), after],
    [wallet('WalletFrozen', {}), { frozen: true }, { frozen: false }],
    [wallet('WalletUnfrozen', {}), { frozen: false }],
  ]);
});
