/** What the payment provider reports: a checkout was paid, or a card holder took money back. */
import type { MessageId } from '@creator-dashboards/shared/ids';
import { message, type MessageCommand } from '../domain/message.js';
import { checkout } from '../domain/checkout.js';
import type { Cents } from '@creator-dashboards/shared/money';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';

export type PaymentResult =
  | { readonly type: 'checkout.completed'; readonly sessionId: string; readonly amount: Cents }
  | { readonly type: 'chargeback'; readonly messageId: MessageId; readonly amount: Cents }
  | { readonly type: 'load.chargeback'; readonly sessionId: string; readonly amount: Cents };

export function recordPayment(
  { commands }: Pick<CommandService, 'commands'>,
  result: PaymentResult,
  context: CommandContext,
) {
  const { amount } = result;
  if (result.type === 'chargeback') {
    const chargeBack: MessageCommand = { type: 'ChargeBack', messageId: result.messageId, amount, at: context.at };
    return commands.handle(message, chargeBack, context);
  }
  const type = result.type === 'checkout.completed' ? 'CompleteCheckout' : 'ChargeBackCheckout';
  return commands.handle(checkout, { type, sessionId: result.sessionId, amount }, context);
}
