/** GET /wallet/balance. Every movement states the balance after it, so the balance is copied, not added up. */
import type { Content } from '../../fold.js';
import { toCents } from '../../money.js';
import type { FanWalletDocument } from './document.js';
import type { View } from '../view.js';

type Wallet = Content<FanWalletDocument>;

const moved = (wallet: Wallet, { data }: { data: { after: string } }): Wallet => ({
  ...wallet,
  balance: toCents(data.after),
});

export const fanWallet: View<FanWalletDocument> = {
  name: 'fanWallet',
  version: 1,
  partition: 'streamSuffix',
  categories: ['fanWallet'],
  keyOf: ({ metadata: { keys } }) => keys.userId,
  initial: { balance: 0, frozen: false },
  handlers: {
    WalletOpened: (wallet) => wallet,
    FundsLoaded: moved,
    EscrowHeld: moved,
    EscrowVoided: moved,
    EscrowRefunded: moved,
    EscrowReleased: moved,
    EscrowChargedBack: moved,
    ChargebackDebited: moved,
    WalletAdjusted: moved,
    WalletForfeited: moved,
    WalletWrittenOff: moved,
    WalletFrozen: (wallet) => ({ ...wallet, frozen: true }),
    WalletUnfrozen: (wallet) => ({ ...wallet, frozen: false }),
  },
};
