/** The pages of the built-in identity check and of the built-in Stripe, for demonstrations only: one click passes. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { page } from '@creator-dashboards/shared/http/page';
import { route, type Route, type RouteRequest, type RouteResponse } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { creator, creatorStream, type CreatorState } from '../domain/creator/creator.js';
import { idText } from '@creator-dashboards/shared/http/fields';
import { webhookContext } from '../http/webhook.js';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';
import {
  ownerOfKycSession,
  ownerOfStripeAccount,
  recordKycReport,
  recordStripeReport,
} from './verification-webhooks.js';

const sessionParams = z.strictObject({ sessionId: idText });
const accountParams = z.strictObject({ accountId: z.string().min(1).max(200) });

/** Anybody with the id of a session or an account may pass it. */
export function demoOnboardingRoutes(service: CommandService): Route[] {
  const contextFor = ({ correlationId }: RouteRequest, provider: 'kyc' | 'stripe', target: string): CommandContext =>
    webhookContext(service, { actor: { userId: null, role: 'PROVIDER' }, correlationId }, provider, 'demo', target);

  const kycPage = async (sessionId: string) => {
    const { kycSessionId, kycStatus } = await stateOf(service, await ownerOfKycSession(service, sessionId));
    return onboardingPage('Identity check', 'Pass', kycSessionId === sessionId && kycStatus === 'PENDING');
  };
  const stripePage = async (accountId: string) => {
    const { stripe } = await stateOf(service, await ownerOfStripeAccount(service, accountId));
    const present = await service.sealer.open(kinds.stripeAccountId, stripe?.accountId ?? null);
    return onboardingPage('Stripe account', 'Open it', present === accountId && stripe?.status === 'PENDING');
  };
  const row = { who: 'public', limit: 'usual', errors: ['error.creator.not_found'] } as const;
  return [
    route({
      ...row,
      method: 'GET',
      path: '/demo/kyc/:sessionId',
      summary: "The demonstration's identity check",
      params: sessionParams,
      handle: ({ params: { sessionId } }) => kycPage(sessionId),
    }),
    route({
      ...row,
      method: 'POST',
      path: '/demo/kyc/:sessionId',
      summary: 'Pass it: what the webhook of identity checks does',
      keyless: true,
      params: sessionParams,
      async handle(request) {
        const { sessionId } = request.params;
        const context = contextFor(request, 'kyc', sessionId);
        const passed = await recordKycReport(service, { sessionId, status: 'APPROVED' }, context);
        await service.runFollowUps(passed.events);
        return kycPage(sessionId);
      },
    }),
    route({
      ...row,
      method: 'GET',
      path: '/demo/stripe/:accountId',
      summary: "The demonstration's onboarding of a Stripe account",
      params: accountParams,
      handle: ({ params: { accountId } }) => stripePage(accountId),
    }),
    route({
      ...row,
      method: 'POST',
      path: '/demo/stripe/:accountId',
      summary: "Pass it: what Stripe's webhook does",
      keyless: true,
      params: accountParams,
      async handle(request) {
        const { accountId } = request.params;
        const report = { accountId, status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true } as const;
        const passed = await recordStripeReport(service, report, contextFor(request, 'stripe', accountId));
        await service.runFollowUps(passed.events);
        return stripePage(accountId);
      },
    }),
  ];
}

async function stateOf(service: CommandService, creatorId: CreatorState['creatorId'] & string): Promise<CreatorState> {
  return (await service.commands.load(creator, creatorStream(creatorId))).state;
}

/** The form posts to the page's own address. */
function onboardingPage(title: string, pass: string, isOpen: boolean): RouteResponse {
  const action = isOpen
    ? `<form method="post" class="text"><button>${pass}</button></form>`
    : '<p role="status" class="text">There is nothing left to do here; this page can be closed.</p>';
  return page(title, `<h1>${title}</h1>\n<p class="text">In a demonstration: nobody is asked anything.</p>\n${action}`);
}
