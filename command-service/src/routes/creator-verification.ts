/** Identity check and Stripe account, as their creator starts them (domain 3.5). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow, refuse, Refused } from '@creator-dashboards/shared/errors';
import { creatorIdOf, derivedId } from '@creator-dashboards/shared/ids';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { creator, creatorStream, isLive, kycRefusal, stripeRefusal } from '../domain/creator/creator.js';
import { liveCreator } from '../http/creator-access.js';
import { fromProvider } from '../commands/asking-providers.js';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';
import type { CreatorCommand } from '../domain/creator/commands.js';

export function creatorVerificationRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/creators/kyc/start',
      summary: 'Start an identity check',
      who: 'user',
      killSwitch: 'KYC',
      limit: { max: 5, perMs: HOUR },
      status: 201,
      data: writtenData.extend({ redirectUrl: z.url().nullable(), sessionId: z.guid(), provider: z.string() }),
      errors: [
        'error.creator.not_found',
        'creator.kyc.already_approved',
        'creator.kyc.in_progress',
        'common.provider_unavailable',
      ],
      async handle(request) {
        const context = await contextOf(service, request);
        const started = orThrow(await startKyc(service, callerOf(request), context));
        const session = started.events.find((event) => event.type === 'KycStarted')?.data;
        const redirectUrl = await service.sealer.open(kinds.kycRedirectUrl, session?.redirectUrl ?? null);
        const { sessionId, provider } = session ?? {};
        return writeResponse(service, started, { redirectUrl, sessionId, provider });
      },
    }),
    route({
      method: 'POST',
      path: '/creators/kyc/refresh-link',
      summary: 'A new address for the identity check that is in progress',
      who: 'user',
      killSwitch: 'KYC',
      limit: { max: 10, perMs: HOUR },
      keyless: true, // it writes nothing
      data: z.object({ redirectUrl: z.url(), sessionId: z.guid() }),
      errors: ['error.creator.not_found', 'creator.kyc.not_in_progress', 'common.provider_unavailable'],
      async handle(request) {
        const { kycStatus, kycSessionId, kycProviderId } = await liveCreator(service, creatorIdOf(callerOf(request)));
        const providerId = await service.sealer.open(kinds.kycProviderId, kycProviderId);
        if (kycStatus !== 'PENDING' || kycSessionId === null || providerId === null)
          throw new Refused('creator.kyc.not_in_progress');
        const { redirectUrl } = await fromProvider(
          service,
          service.providers.kyc.resume({ sessionId: kycSessionId, providerId }),
        );
        return { data: { redirectUrl, sessionId: kycSessionId } };
      },
    }),
    route({
      method: 'POST',
      path: '/creators/stripe-connect/initiate',
      summary: 'Open a Stripe account for payouts',
      who: 'user',
      limit: { max: 10, perMs: HOUR },
      status: 201,
      data: writtenData.extend({ accountId: z.string().nullable(), onboardingUrl: z.url().nullable() }),
      errors: [
        'creator.stripe.not_creator',
        'creator.stripe.kyc_required',
        'creator.stripe.connect_in_progress',
        'common.provider_unavailable',
      ],
      async handle(request) {
        const context = await contextOf(service, request);
        const linked = orThrow(await linkStripe(service, callerOf(request), context));
        const account = linked.events.find((event) => event.type === 'StripeAccountLinked')?.data;
        const accountId = await service.sealer.open(kinds.stripeAccountId, account?.accountId ?? null);
        const onboardingUrl = await service.sealer.open(kinds.stripeOnboardingUrl, account?.onboardingUrl ?? null);
        return writeResponse(service, linked, { accountId, onboardingUrl });
      },
    }),
    route({
      method: 'POST',
      path: '/creators/stripe-connect/refresh-link',
      summary: "A new address for the onboarding of one's Stripe account",
      who: 'user',
      limit: { max: 10, perMs: HOUR },
      keyless: true, // it writes nothing
      data: z.object({ onboardingUrl: z.url() }),
      errors: ['creator.stripe.not_creator', 'creator.stripe.account_not_found', 'common.provider_unavailable'],
      async handle(request) {
        const { stripe } = await liveCreator(service, creatorIdOf(callerOf(request)), 'creator.stripe.not_creator');
        const accountId = await service.sealer.open(kinds.stripeAccountId, stripe?.accountId ?? null);
        if (accountId === null || stripe?.status === 'DISABLED') throw new Refused('creator.stripe.account_not_found');
        const { onboardingUrl } = await fromProvider(service, service.providers.stripe.resume({ accountId }));
        return { data: { onboardingUrl } };
      },
    }),
  ];
}

async function startKyc(service: CommandService, userId: string, context: CommandContext) {
  const creatorId = creatorIdOf(userId);
  const { state, earlier } = await service.commands.begin(creator, creatorStream(creatorId), context);
  if (earlier) return earlier;
  const refusal = isLive(state) ? kycRefusal(state) : refuse('error.creator.not_found');
  if (refusal) return refusal;
  const { kyc } = service.providers;
  const sessionId = derivedId(context.commandId, 'kycSession');
  const { providerId, redirectUrl } = await fromProvider(service, kyc.start({ sessionId, userId }));
  const command: CreatorCommand = {
    type: 'StartKyc',
    creatorId,
    provider: kyc.name,
    providerId: await service.sealer.seal(kinds.kycProviderId, userId, providerId),
    sessionId,
    redirectUrl: await service.sealer.seal(kinds.kycRedirectUrl, userId, redirectUrl),
  };
  return service.commands.handle(creator, command, context);
}

async function linkStripe(service: CommandService, userId: string, context: CommandContext) {
  const creatorId = creatorIdOf(userId);
  const { state, earlier } = await service.commands.begin(creator, creatorStream(creatorId), context);
  if (earlier) return earlier;
  const refusal = isLive(state) ? stripeRefusal(state) : refuse('creator.stripe.not_creator');
  if (refusal) return refusal;
  // Derived from the creator and the account that was disabled, so that two concurrent requests open one account.
  const before = await service.sealer.open(kinds.stripeAccountId, state.stripe?.accountId ?? null);
  const request = { creatorId, idempotencyKey: derivedId(creatorId, 'stripeAccount', ...(before ? [before] : [])) };
  const { accountId, onboardingUrl } = await fromProvider(service, service.providers.stripe.createAccount(request));
  const command: CreatorCommand = {
    type: 'LinkStripeAccount',
    creatorId,
    accountId: await service.sealer.seal(kinds.stripeAccountId, userId, accountId),
    onboardingUrl: await service.sealer.seal(kinds.stripeOnboardingUrl, userId, onboardingUrl),
  };
  return service.commands.handle(creator, command, context);
}
