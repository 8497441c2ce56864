/** Starts loading of a fan's wallet (domain 2.3). Money is credited by the payment webhook, never here. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow, type Refusal, refuse } from '@creator-dashboards/shared/errors';
import { configCents } from '@creator-dashboards/shared/platform-config';
import { derivedId, FanId } from '@creator-dashboards/shared/ids';
import { toDecimal, type Cents } from '@creator-dashboards/shared/money';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { MINUTE } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { fromProvider } from '../commands/asking-providers.js';
import { requireActiveUser } from '../http/accounts.js';
import { amountOf, amountText } from '../http/fields.js';
import { checkout, checkoutStream, type CheckoutCommand } from '../domain/checkout.js';
import { fanWallet, fanWalletStream } from '../domain/fan-wallet.js';
import type { CommandService } from '../runtime/service.js';

export function walletRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/wallet/load',
      summary: 'Start a checkout that loads the wallet',
      who: 'user',
      killSwitch: 'PAYMENT',
      limit: { max: 10, perMs: MINUTE },
      keyTtl: 'wallet.idempotency_ttl_seconds',
      body: z.strictObject({ amount: amountText }),
      status: 201,
      data: writtenData.extend({ sessionId: z.guid(), checkoutUrl: z.url().nullable() }),
      errors: [
        'wallet.load.error.invalid_amount',
        'wallet.load.error.balance_limit',
        'auth.account.unknown',
        'common.provider_unavailable',
      ],
      async handle(request) {
        const { userId } = await requireActiveUser(service, request);
        const context = await contextOf(service, request);
        const sessionId = derivedId(context.commandId, 'session');
        const url = await urlOf(service, { sessionId, userId, amount: amountOf(request.body.amount) });
        const command: CheckoutCommand = { type: 'StartCheckout', sessionId, userId, ...url };
        const started = orThrow(await service.commands.handle(checkout, command, context));
        const checkoutUrl = await service.sealer.open(kinds.checkoutUrl, started.state.checkoutUrl);
        return writeResponse(service, started, { sessionId, checkoutUrl });
      },
    }),
  ];
}

/** Amount and address of a session: the stored ones if it exists, else checked and requested from the provider. */
async function urlOf(service: CommandService, asked: { sessionId: string; userId: string; amount: Cents | null }) {
  const { sessionId, userId } = asked;
  const { state } = await service.commands.load(checkout, checkoutStream(sessionId));
  if (state.checkoutUrl) return { amount: state.amount, checkoutUrl: state.checkoutUrl };
  const amount = orThrow(await loadable(service, userId, asked.amount));
  const { checkoutUrl } = await fromProvider(
    service,
    service.providers.payment.createCheckout({ sessionId, userId, amount: toDecimal(amount) }),
  );
  return { amount, checkoutUrl: await service.sealer.seal(kinds.checkoutUrl, userId, checkoutUrl) };
}

/** The amount if the wallet may be loaded with it, else a refusal. */
async function loadable(service: CommandService, userId: string, amount: Cents | null): Promise<Cents | Refusal> {
  const config = await service.lookups.config();
  const [min, max] = [configCents(config, 'wallet.min_load'), configCents(config, 'wallet.max_load')];
  if (amount === null || amount < min || amount > max)
    return refuse('wallet.load.error.invalid_amount', { min: toDecimal(min), max: toDecimal(max) });
  const { state } = await service.commands.load(fanWallet, fanWalletStream(FanId(userId)));
  const limit = configCents(config, 'wallet.max_balance');
  if (state.balance + amount > limit) return refuse('wallet.load.error.balance_limit', { max: toDecimal(limit) });
  return amount;
}
