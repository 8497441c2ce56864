/** What provider webhooks have in common: each is a command whose id is derived from an HMAC of the webhook's id. */
import { canonical } from '@creator-dashboards/shared/canonical';
import { derivedId } from '@creator-dashboards/shared/ids';
import type { RouteRequest } from '@creator-dashboards/shared/http/route';
import { toInstant } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';

/** The provider's id for the webhook. */
export const webhookId = z.string().min(1).max(200);

/**
 * The same webhook id for the same target (a payout, a checkout, a message, a KYC session, an account) is the same command: a repeat
 * gets 200 and changes nothing, whatever it says. For another target it is another command (G45b).
 */
export function webhookContext(
  service: CommandService,
  request: Pick<RouteRequest, 'actor' | 'correlationId'>,
  provider: 'payments' | 'payouts' | 'kyc' | 'stripe',
  id: string,
  target: string,
): CommandContext {
  const commandId = derivedId('webhook', provider, service.digest('webhook', canonical([id, target])));
  return {
    commandId,
    since: null,
    correlationId: request.correlationId,
    causationId: commandId,
    actor: request.actor,
    reason: null,
    at: toInstant(service.clock.now()),
  };
}
