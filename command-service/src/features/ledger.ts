import { moneyDifferences } from '@creator-dashboards/shared/ledger/differences';
import { moneyWatch } from '../clock/money-watch.js';
import { moneyFlows } from '../lookups/money-flows.js';
import { moneyWallets } from '../lookups/money-wallets.js';
import { stopPayouts } from '../policies/stop-payouts.js';
import { adminDifferenceRoutes } from '../routes/admin-differences.js';
import { adminIntegrityRoutes } from '../routes/admin-integrity.js';
import type { Feature } from './feature.js';

/** The ledger of the money, and the watch over it and over the log. */
export const ledger: Feature = {
  routes: (service) => [...adminDifferenceRoutes(service), ...adminIntegrityRoutes(service)],
  policies: [stopPayouts],
  clockTasks: [],
  watches: [moneyWatch],
  lookups: [moneyWallets, moneyFlows, moneyDifferences],
};
