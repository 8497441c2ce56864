/** The caller's wallets, and what one may be loaded with (domain 2.3). Reading creates nothing. */
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { CONFIG_KEY } from '@creator-dashboards/shared/views/config/document';
import { walletBody } from '@creator-dashboards/shared/views/fan-wallet/body';
import { movementBody, packagesBody } from '@creator-dashboards/shared/views/wallet-movement/body';
import { listOfWallet } from '@creator-dashboards/shared/views/wallet-movement/fold';
import { presentMovement, presentPackages } from '@creator-dashboards/shared/views/wallet-movement/present';
import { z } from 'zod';
import { listOf } from '../reads/list.js';
import { pageBody, pageQuery } from '../reads/page.js';
import type { ViewReader } from '../reads/read.js';
import { shown } from '../reads/shown.js';

const MAX_ACTIVITY = 20;
const movementType = movementBody.shape.type;

export function walletRoutes(reader: ViewReader): Route[] {
  const asked = { method: 'GET', limit: 'usual', killSwitch: 'PAYMENT', reads: true } as const;
  return [
    route({
      ...asked,
      path: '/wallet/balance',
      summary: 'Balance of the wallet the caller pays from',
      who: 'user',
      data: walletBody,
      errors: ['common.view_degraded'],
      handle: (request) =>
        reader.answer(request, {
          view: 'fanWallet',
          key: callerOf(request),
          ...shown.fanWallet,
        }),
    }),
    route({
      ...asked,
      path: '/wallet/activity',
      summary: 'Movements of a wallet of the caller, newest first: all of them, or those of a type',
      who: 'user',
      query: z.strictObject({
        wallet: z
          .enum(['FAN', 'CREATOR'])
          .default('FAN')
          .describe('the wallet that the caller pays from, or the one that she earns into'),
        type: z
          .string()
          .optional()
          .transform((type) => movementType.safeParse(type).data)
          .describe(`one of ${movementType.options.join(', ')}; anything else is passed over`),
        ...pageQuery(MAX_ACTIVITY),
      }),
      data: pageBody(movementBody),
      errors: ['common.invalid_cursor'],
      handle: (request) => {
        const { wallet, type, ...page } = request.query;
        const field = type === undefined ? 'moved' : 'movedByType';
        const list = listOfWallet(callerOf(request), wallet, type);
        return reader.rows(
          request,
          listOf({
            ...{ view: 'walletMovement', page, list: () => Promise.resolve({ field, list }) },
            show: (document) => Promise.resolve(presentMovement(document)),
          }),
        );
      },
    }),
    route({
      ...asked,
      path: '/wallet/packages',
      summary: 'Amounts offered for loading a wallet, and the limits of a load',
      who: 'public',
      data: packagesBody,
      errors: ['common.view_degraded'],
      handle: (request) =>
        reader.answer(request, {
          ...{ view: 'config', key: CONFIG_KEY },
          show:
            ({ document }) =>
            () =>
              presentPackages(document),
        }),
    }),
  ];
}
