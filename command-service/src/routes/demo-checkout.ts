/** The built-in payment provider's checkout page, for demonstrations only: one click pays. */
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { toDecimal } from '@creator-dashboards/shared/money';
import { escaped, page } from '@creator-dashboards/shared/http/page';
import { route, type Route, type RouteResponse } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { checkout, checkoutStream, type Checkout } from '../domain/checkout.js';
import { recordPayment } from '../commands/payment-results.js';
import { idText } from '@creator-dashboards/shared/http/fields';
import type { CommandService } from '../runtime/service.js';
import { webhookContext } from '../http/webhook.js';

const params = z.strictObject({ sessionId: idText });

/** Anybody with a session's id may pay it, with money that does not exist. */
export function demoCheckoutRoutes(service: CommandService): Route[] {
  const load = async (sessionId: string) => {
    const { state } = await service.commands.load(checkout, checkoutStream(sessionId));
    if (state.userId === null) throw new Refused('wallet.checkout.error.not_found');
    return state;
  };
  return [
    route({
      method: 'GET',
      path: '/checkout/:sessionId',
      summary: "The demonstration's checkout page",
      who: 'public',
      limit: 'usual',
      params,
      errors: ['wallet.checkout.error.not_found'],
      handle: async ({ params: { sessionId } }) => checkoutPage(sessionId, await load(sessionId)),
    }),
    route({
      method: 'POST',
      path: '/checkout/:sessionId/complete',
      summary: 'Pay in the demonstration: what the payment webhook does',
      who: 'public',
      limit: 'usual',
      keyless: true,
      params,
      errors: ['wallet.checkout.error.not_found'],
      async handle(request) {
        const { sessionId } = request.params;
        const { amount } = await load(sessionId);
        const provider = { actor: { userId: null, role: 'PROVIDER' }, correlationId: request.correlationId } as const;
        const context = webhookContext(service, provider, 'payments', 'demo checkout', sessionId);
        const paid = orThrow(await recordPayment(service, { type: 'checkout.completed', sessionId, amount }, context));
        await service.runFollowUps(paid.events);
        return checkoutPage(sessionId, await load(sessionId));
      },
    }),
  ];
}

function checkoutPage(sessionId: string, { amount, completed }: Checkout): RouteResponse {
  const action = completed
    ? '<p role="status" class="text">Paid. The money is in the wallet; this page can be closed.</p>'
    : `<form method="post" action="/api/v1/checkout/${escaped(sessionId)}/complete" class="text"><button>Pay $${toDecimal(amount)}</button></form>`;
  return page(
    'Checkout',
    `<h1>Load your wallet</h1>
<p class="text">$${toDecimal(amount)}, in a demonstration: no real money moves.</p>
${action}`,
  );
}
