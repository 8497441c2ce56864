/** Payouts as requested (twelve checks, G12; cooldown, G14) and cancelled (G15) by their creator (domain 2.2). */
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { payoutBook, payoutBookStream, type PayoutCommand } from '../domain/payout-book.js';
import { creatorIdOf, CreatorUserId, payoutIdOf } from '@creator-dashboards/shared/ids';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { requireActiveUser } from '../http/accounts.js';
import { idText } from '@creator-dashboards/shared/http/fields';
import { amountOf, amountText } from '../http/fields.js';
import { requestFacts } from '../commands/payout-judging.js';
import { payoutOwners } from '../lookups/payout-owners.js';
import type { CommandService } from '../runtime/service.js';

export function payoutRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/payouts/request',
      summary: 'Ask for earnings to be paid out',
      who: 'user',
      killSwitch: 'PAYOUT',
      limit: { max: 30, perMs: HOUR },
      body: z.strictObject({ amount: amountText, method: z.string().max(50).optional() }),
      status: 201,
      data: writtenData.extend({ payoutId: z.guid() }),
      errors: [
        'payment.payout.error.creator_not_found',
        'payment.payout.error.creator_inactive',
        'payment.payout.error.invalid_amount',
        'payment.payout.error.invalid_method',
        'payment.payout.error.kyc_required',
        'payment.payout.error.tax_form_required',
        'payment.payout.error.method_not_ready',
        'payment.payout.error.wallet_not_found',
        'payment.payout.error.wallet_frozen',
        'payment.payout.error.below_minimum',
        'payment.payout.error.insufficient_balance',
        'payment.payout.error.open_limit',
        'payment.payout.error.frequency_limit',
      ],
      async handle(request) {
        const userId = CreatorUserId((await requireActiveUser(service, request)).userId);
        const { amount, method = null } = request.body;
        const context = await contextOf(service, request);
        const creatorId = creatorIdOf(userId);
        const payoutId = payoutIdOf(context.commandId, userId);
        const asked = { payoutId, amount: amountOf(amount), method, at: context.at };
        const ask = async (): Promise<PayoutCommand> => {
          const facts = await requestFacts(service, userId);
          return { type: 'RequestPayout', userId, creatorId, ...asked, ...facts };
        };
        const requested = await service.commands.handleBy(payoutBook, payoutBookStream(creatorId), ask, context);
        return writeResponse(service, orThrow(requested), { payoutId });
      },
    }),
    route({
      method: 'POST',
      path: '/payouts/:payoutId/cancel',
      summary: 'Cancel a payout that is still PENDING',
      who: 'user',
      killSwitch: 'PAYOUT',
      limit: { max: 30, perMs: HOUR },
      params: z.strictObject({ payoutId: idText }),
      data: writtenData,
      errors: ['creator.ownership.forbidden', 'payment.payout.error.not_found', 'payment.payout.error.invalid_status'],
      async handle(request) {
        const { userId } = await requireActiveUser(service, request);
        const { payoutId } = request.params;
        const owner = await service.lookups.get(payoutOwners, payoutId);
        if (owner && owner.userId !== userId) throw new Refused('creator.ownership.forbidden');
        if (!owner) throw new Refused('payment.payout.error.not_found');
        const { creatorId } = owner;
        const command: PayoutCommand = { type: 'CancelPayout', userId: owner.userId, creatorId, payoutId, by: userId };
        const outcome = await service.commands.handle(payoutBook, command, await contextOf(service, request));
        return writeResponse(service, orThrow(outcome));
      },
    }),
  ];
}
