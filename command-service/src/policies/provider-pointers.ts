import { kinds } from '@creator-dashboards/shared/events/sealed';
import { kycSessionStream, pointer, stripeAccountStream, type PointerCommand } from '../domain/pointer.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import { routingKeys } from './routing-keys.js';

/** Records whose a provider's session or account is, so that its webhooks find the creator. */
export const providerPointers = policy({
  name: 'provider-pointers',
  on: ['KycStarted', 'StripeAccountLinked'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    let stream: string;
    if (event.type === 'KycStarted') stream = kycSessionStream(event.data.sessionId);
    else {
      const accountId = await service.sealer.open(kinds.stripeAccountId, event.data.accountId);
      if (accountId === null) return []; // erased: no webhook may find her any more
      stream = stripeAccountStream(service.digest('stripeAccount', accountId));
    }
    const context = followUp(service, event, 'provider-pointers', stream);
    const point: PointerCommand = { type: 'Point', stream, ...routingKeys(event, 'userId', 'creatorId') };
    return eventsOf(await service.commands.handle(pointer, point, context));
  },
});
