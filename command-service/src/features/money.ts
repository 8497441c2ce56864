import type { Feature } from './feature.js';
import { askAboutPayouts } from '../clock/payout-transfers.js';
import { nameCancellations } from '../clock/unnamed-cancellations.js';
import { payoutOwners } from '../lookups/payout-owners.js';
import { payoutTransfers } from '../lookups/payout-transfers.js';
import { unnamedCancellations } from '../lookups/unnamed-cancellations.js';
import { chargebackMoney } from '../policies/chargeback-money.js';
import { forfeits } from '../policies/forfeits.js';
import { funds } from '../policies/funds.js';
import { payoutProcessing } from '../policies/payout-processing.js';
import { payoutReturn } from '../policies/payout-return.js';
import { adminMoneyRoutes } from '../routes/admin-money.js';
import { moneyWebhookRoutes } from '../routes/money-webhooks.js';
import { payoutRoutes } from '../routes/payouts.js';
import { walletRoutes } from '../routes/wallet.js';

/** Wallets, checkouts, payouts, and the money side of chargebacks. */
export const money: Feature = {
  routes: (service) => [
    ...walletRoutes(service),
    ...moneyWebhookRoutes(service),
    ...payoutRoutes(service),
    ...adminMoneyRoutes(service),
  ],
  policies: [funds, payoutProcessing, payoutReturn, chargebackMoney, forfeits],
  clockTasks: [askAboutPayouts, nameCancellations],
  lookups: [payoutOwners, payoutTransfers, unnamedCancellations],
};
