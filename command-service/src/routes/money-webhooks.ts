/** Webhooks of the payment and the payout provider (domain 8). Each is answered after its follow-ups have run. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { writeResponse, writtenData } from '../http/request.js';
import { sealedFor } from '../runtime/sealing.js';
import { payoutBook, payoutBookStream, type PayoutCommand } from '../domain/payout-book.js';
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { idText } from '@creator-dashboards/shared/http/fields';
import { amountOf, amountText, messageIdText } from '../http/fields.js';
import { payoutMarkOf } from '../commands/payout-judging.js';
import type { PayoutBookState } from '../domain/payout-facts.js';
import { payoutOwners } from '../lookups/payout-owners.js';
import { recordPayment, type PaymentResult } from '../commands/payment-results.js';
import type { CommandService } from '../runtime/service.js';
import { webhookContext, webhookId } from '../http/webhook.js';

const paymentBody = z.discriminatedUnion('type', [
  z.strictObject({ id: webhookId, type: z.literal('checkout.completed'), sessionId: idText, amount: amountText }),
  z
    .strictObject({
      id: webhookId,
      type: z.literal('chargeback'),
      messageId: messageIdText.optional(),
      sessionId: idText.optional(),
      amount: amountText,
    })
    .refine(({ messageId, sessionId }) => !messageId !== !sessionId, 'Either messageId or sessionId is required.')
    .describe('names either messageId or sessionId'),
]);

const payoutBody = z.strictObject({
  id: webhookId,
  payoutId: idText,
  status: z.enum(['paid', 'failed']),
  error: z.string().max(1_000).nullish(),
});

export function moneyWebhookRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/webhooks/payments',
      summary: 'The payment provider reports a completed checkout, or a chargeback of a message or a load',
      who: 'provider',
      limit: 'none',
      body: paymentBody,
      data: writtenData,
      errors: [
        'wallet.error.invalid_amount',
        'wallet.checkout.error.not_found',
        'wallet.checkout.error.not_completed',
        'message.error.not_found',
        'message.chargeback.error.invalid_status',
      ],
      async handle(request) {
        const result = paymentOf(request.body);
        const target = result.type === 'chargeback' ? result.messageId : result.sessionId;
        const context = webhookContext(service, request, 'payments', request.body.id, target);
        return writeResponse(service, orThrow(await recordPayment(service, result, context)));
      },
    }),
    route({
      method: 'POST',
      path: '/webhooks/payouts',
      summary: 'The payout provider reports a transfer as paid or failed',
      who: 'provider',
      limit: 'none',
      body: payoutBody,
      data: writtenData,
      errors: ['payment.payout.error.not_found', 'payment.payout.error.invalid_status'],
      async handle(request) {
        const { id, payoutId, status, error } = request.body;
        const owner = await service.lookups.get(payoutOwners, payoutId);
        if (!owner) throw new Refused('payment.payout.error.not_found');
        const { userId, creatorId } = owner;
        const context = webhookContext(service, request, 'payouts', id, payoutId);
        // The provider's text is sealed for the creator; if she was erased, only the result is kept.
        const words = typeof error === 'string' ? await sealedFor(service, kinds.payoutError, [userId], error) : null;
        const report = { result: status, at: context.at, error: words };
        const record = async ({ open }: PayoutBookState): Promise<PayoutCommand> => {
          const payout = open[payoutId];
          const debited = payout ? (await payoutMarkOf(service, userId, payoutId, payout)) === 'DEBITED' : false;
          return { type: 'RecordResult', userId, creatorId, payoutId, debited, ...report };
        };
        const recorded = await service.commands.handleBy(payoutBook, payoutBookStream(creatorId), record, context);
        return writeResponse(service, orThrow(recorded));
      },
    }),
  ];
}

function paymentOf(body: z.output<typeof paymentBody>): PaymentResult {
  const amount = amountOf(body.amount);
  if (amount === null) throw new Refused('wallet.error.invalid_amount');
  if (body.type === 'checkout.completed') return { type: body.type, sessionId: body.sessionId, amount };
  const { messageId, sessionId = '' } = body;
  return messageId ? { type: 'chargeback', messageId, amount } : { type: 'load.chargeback', sessionId, amount };
}
