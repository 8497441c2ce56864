/** What the payment provider reports: a checkout was paid, or a card holder took money back. */
import type { MessageId } from '@creator-dashboards/shared/ids';
import { message } from '../domain/message.js';
import { checkout } from '../domain/checkout.js';
import type { Cents } from '@creator-dashboards/shared/money';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';

export type PaymentResult =
  | { readonly type: 'checkout.completed'; readonly sessionId: string; readonly amount: Cents }
  | { readonly type: 'chargeback'; readonly messageId: MessageId; readonly amount: Cents };

export function recordPayment(
  { commands }: Pick<CommandService, 'commands'>,
  result: PaymentResult,
  context: CommandContext,
) {
  const { amount } = result;
  if (result.type === 'checkout.completed')
    return commands.handle(checkout, { type: 'CompleteCheckout', sessionId: result.sessionId, amount }, context);
  return commands.handle(message, { type: 'ChargeBack', messageId: result.messageId, amount, at: context.at }, context);
}
