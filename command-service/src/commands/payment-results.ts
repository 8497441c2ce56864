/** What the payment provider reports: money that came for a checkout, money that a card holder took back. */
import { isRefusal, type Refusal } from '@creator-dashboards/shared/errors';
import type { Cents } from '@creator-dashboards/shared/money';
import type { Position } from '@creator-dashboards/shared/ports';
import { checkout } from '../domain/checkout.js';
import { message } from '../domain/message.js';
import type { CommandContext } from '../runtime/command-loop.js';
import type { CommandService } from '../runtime/service.js';

export type PaymentResult =
  | { readonly type: 'checkout.completed'; readonly sessionId: string; readonly amount: Cents }
  | { readonly type: 'chargeback'; readonly messageId: string; readonly amount: Cents };

/** Records the result and everything that follows from it; answers the position of the last event. */
export async function recordPayment(
  service: CommandService,
  result: PaymentResult,
  context: CommandContext,
): Promise<Position | Refusal> {
  const outcome = await handle(service, result, context);
  if (isRefusal(outcome)) return outcome;
  return (await service.settle(outcome.events)) || outcome.position;
}

function handle({ commands }: CommandService, result: PaymentResult, context: CommandContext) {
  const { amount } = result;
  if (result.type === 'checkout.completed')
    return commands.handle(checkout, { type: 'CompleteCheckout', sessionId: result.sessionId, amount }, context);
  return commands.handle(message, { type: 'ChargeBack', messageId: result.messageId, amount, at: context.at }, context);
}
