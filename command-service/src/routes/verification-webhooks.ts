/** What providers report of identity checks and Stripe accounts (domain 3.5). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import type { CreatorId } from '@creator-dashboards/shared/ids';
import { z } from 'zod';
import { creator, creatorStream, type CreatorState } from '../domain/creator/creator.js';
import type { CreatorCommand } from '../domain/creator/commands.js';
import { kycSessionStream, pointer, stripeAccountStream } from '../domain/pointer.js';
import { idText } from '@creator-dashboards/shared/http/fields';
import { writeResponse, writtenData } from '../http/request.js';
import { webhookContext, webhookId } from '../http/webhook.js';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';

const kycReport = z.strictObject({
  id: webhookId,
  sessionId: idText,
  status: z.enum(['APPROVED', 'REJECTED', 'EXPIRED', 'IN_REVIEW']),
});
const stripeReport = z.strictObject({
  id: webhookId,
  accountId: z.string().min(1).max(200),
  status: z.enum(['PENDING', 'ACTIVE', 'RESTRICTED', 'DISABLED']),
  chargesEnabled: z.boolean(),
  payoutsEnabled: z.boolean(),
});

export function verificationWebhookRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/webhooks/kyc',
      summary: 'The identity provider reports a check',
      who: 'provider',
      limit: 'none',
      body: kycReport,
      data: writtenData,
      errors: ['error.creator.not_found'],
      async handle(request) {
        const { id, ...report } = request.body;
        const context = webhookContext(service, request, 'kyc', id, report.sessionId);
        return writeResponse(service, await recordKycReport(service, report, context));
      },
    }),
    route({
      method: 'POST',
      path: '/webhooks/stripe',
      summary: 'Stripe reports what an account may do',
      who: 'provider',
      limit: 'none',
      body: stripeReport,
      data: writtenData,
      errors: ['error.creator.not_found', 'creator.stripe.account_not_found'],
      async handle(request) {
        const { id, ...report } = request.body;
        const context = webhookContext(service, request, 'stripe', id, report.accountId);
        return writeResponse(service, await recordStripeReport(service, report, context));
      },
    }),
  ];
}

/** Throws Refused for a session of nobody. */
export async function recordKycReport(
  service: CommandService,
  { sessionId, status: result }: Omit<z.output<typeof kycReport>, 'id'>,
  context: CommandContext,
) {
  const creatorId = await ownerOfKycSession(service, sessionId);
  const command: CreatorCommand = { type: 'RecordKycResult', creatorId, sessionId, result, at: context.at };
  return orThrow(await service.commands.handle(creator, command, context));
}

/** Throws Refused for an account of nobody. */
export async function recordStripeReport(
  service: CommandService,
  { accountId, ...report }: Omit<z.output<typeof stripeReport>, 'id'>,
  context: CommandContext,
) {
  const creatorId = await ownerOfStripeAccount(service, accountId);
  const record = async ({ stripe }: CreatorState): Promise<CreatorCommand> => {
    const present = await service.sealer.open(kinds.stripeAccountId, stripe?.accountId ?? null);
    return { type: 'RecordStripeStatus', creatorId, ...report, isPresent: present === accountId };
  };
  return orThrow(await service.commands.handleBy(creator, creatorStream(creatorId), record, context));
}

export const ownerOfKycSession = (service: CommandService, sessionId: string) =>
  pointedTo(service, kycSessionStream(sessionId));
export const ownerOfStripeAccount = (service: CommandService, accountId: string) =>
  pointedTo(service, stripeAccountStream(service.digest('stripeAccount', accountId)));

/** The creator that a webhook is about; the 404 makes the provider try again. */
async function pointedTo(service: CommandService, stream: string): Promise<CreatorId> {
  const { state } = await service.commands.load(pointer, stream);
  if (state.creatorId === null) throw new Refused('error.creator.not_found');
  return state.creatorId;
}
