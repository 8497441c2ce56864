/** GET /wallet/balance. Every movement says the balance after it, so it is taken over, not added up. */
import type { Content, Fold } from '@creator-dashboards/shared/fold';
import { toCents } from '@creator-dashboards/shared/money';
import type { FanWalletDocument } from '@creator-dashboards/shared/views';

type Wallet = Content<FanWalletDocument>;

const moved = (wallet: Wallet, { data }: { data: { after: string } }): Wallet => ({
  ...wallet,
  balance: toCents(data.after),
});

export const fanWallet: Fold<FanWalletDocument> = {
  name: 'fanWallet',
  version: 1,
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
    WalletAdjusted: moved,
    WalletFrozen: (wallet) => ({ ...wallet, frozen: true }),
    WalletUnfrozen: (wallet) => ({ ...wallet, frozen: false }),
  },
};
