/** The caller's FAN wallet (domain 2.3). Reading creates nothing. */
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { walletBody } from '@creator-dashboards/shared/views/fan-wallet/body';
import type { ViewReader } from '../reads/read.js';
import { shown } from '../reads/shown.js';

export function walletRoutes(reader: ViewReader): Route[] {
  return [
    route({
      method: 'GET',
      path: '/wallet/balance',
      summary: 'Balance of the wallet the caller pays from',
      who: 'user',
      limit: 'usual',
      killSwitch: 'PAYMENT',
      reads: true,
      data: walletBody,
      errors: ['common.view_degraded'],
      handle: (request) =>
        reader.answer(request, {
          view: 'fanWallet',
          key: callerOf(request),
          ...shown.fanWallet,
        }),
    }),
  ];
}
