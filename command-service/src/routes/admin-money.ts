/** What administrators do with wallets (domain 7); their payouts are in admin-payouts.ts. */
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { configCents } from '@creator-dashboards/shared/platform-config';
import { toDecimal } from '@creator-dashboards/shared/money';
import { creatorIdOf, CreatorUserId, FanId } from '@creator-dashboards/shared/ids';
import { route, type Route, type RouteRequest, type RouteResponse } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { idText, reasonText } from '@creator-dashboards/shared/http/fields';
import { amountOf, amountText } from '../http/fields.js';
import { creator, creatorStream } from '../domain/creator/creator.js';
import { creatorWallet, creatorWalletStream } from '../domain/creator-wallet.js';
import { fanWallet, fanWalletStream } from '../domain/fan-wallet.js';
import { user, userStream } from '../domain/user.js';
import { isGone } from '../domain/user-standing.js';
import type { AdminWalletCommand } from '../domain/wallet.js';
import { adminPayoutRoutes } from './admin-payouts.js';
import type { CommandService } from '../runtime/service.js';

const walletType = z.enum(['CREATOR', 'FAN']);

export function adminMoneyRoutes(service: CommandService): Route[] {
  return [
    ...adminPayoutRoutes(service),
    walletRoute(service, 'freeze', 'Freeze a wallet: credits land, nothing leaves it (G17)', 'Freeze'),
    walletRoute(service, 'unfreeze', 'Unfreeze a wallet', 'Unfreeze'),
    route({
      method: 'POST',
      path: '/admin/wallets/:userId/adjust',
      summary: 'Credit or debit a wallet by hand',
      who: 'admin',
      limit: 'usual',
      params: z.strictObject({ userId: idText }),
      body: z.strictObject({
        type: walletType,
        amount: amountText,
        direction: z.enum(['CREDIT', 'DEBIT']),
        reason: reasonText,
      }),
      data: writtenData,
      errors: [
        ...walletErrors,
        'wallet.error.invalid_amount',
        'wallet.error.above_max_adjustment',
        'admin.four_eyes.own_money',
        'wallet.error.insufficient_balance',
        'wallet.error.frozen',
      ],
      async handle(request) {
        const { type, amount: text, direction } = request.body;
        const amount = amountOf(text);
        if (amount === null) throw new Refused('wallet.error.invalid_amount');
        if (request.params.userId === request.actor.userId) throw new Refused('admin.four_eyes.own_money');
        return onWallet(service, request, type, { type: 'Adjust', amount, direction }, async () => {
          const max = configCents(await service.lookups.config(), 'wallet.max_adjustment');
          if (amount > max) throw new Refused('wallet.error.above_max_adjustment', { vars: { max: toDecimal(max) } });
        });
      },
    }),
  ];
}

const walletErrors = ['error.user.not_found', 'error.user.erased', 'wallet.error.not_found'] as const;

function walletRoute(
  service: CommandService,
  action: 'freeze' | 'unfreeze',
  summary: string,
  type: 'Freeze' | 'Unfreeze',
): Route {
  return route({
    method: 'POST',
    path: `/admin/wallets/:userId/${action}`,
    summary,
    who: 'admin',
    limit: 'usual',
    params: z.strictObject({ userId: idText }),
    body: z.strictObject({ type: walletType.default('CREATOR'), reason: reasonText }),
    data: writtenData,
    errors: [...walletErrors, action === 'freeze' ? 'wallet.error.already_frozen' : 'wallet.error.not_frozen'],
    handle: (request) => onWallet(service, request, request.body.type, { type }),
  });
}

/**
 * A wallet must have an owner: an account for FAN, a creator profile for CREATOR; nobody's wallet stays as it is (G62). Neither that nor
 * `allow` is asked of a command that has run already: a repeat gets its result, whatever has changed since (9.7).
 */
async function onWallet(
  service: CommandService,
  request: RouteRequest<{ userId: string }>,
  type: z.output<typeof walletType>,
  action: AdminWalletCommand,
  allow: () => Promise<void> = async () => undefined,
): Promise<RouteResponse> {
  const { userId } = request.params;
  const { commands } = service;
  const [fanId, creatorUserId, creatorId] = [FanId(userId), CreatorUserId(userId), creatorIdOf(userId)];
  async function allowed<C>(command: C): Promise<C> {
    await allow();
    const account = await commands.load(user, userStream(userId));
    if (!account.exists) throw new Refused('error.user.not_found');
    if (isGone(account.state)) throw new Refused('error.user.erased');
    if (type === 'CREATOR' && !(await commands.load(creator, creatorStream(creatorId))).state.exists)
      throw new Refused('wallet.error.not_found');
    return command;
  }
  const onFan = () => allowed({ ...action, userId: fanId });
  const onCreator = () => allowed({ ...action, userId: creatorUserId, creatorId });
  const context = await contextOf(service, request, { subject: userId });
  const outcome =
    type === 'FAN'
      ? await commands.handleBy(fanWallet, fanWalletStream(fanId), onFan, context)
      : await commands.handleBy(creatorWallet, creatorWalletStream(creatorUserId), onCreator, context);
  return writeResponse(service, orThrow(outcome));
}
