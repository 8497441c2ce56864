import { eraseUser } from '../commands/erase-user.js';
import { followUp, policy } from '../runtime/policy.js';
import { routingKeys } from './routing-keys.js';

const NAME = 'erase-user';

/**
 * Erases whoever asked for it, and goes on with an erasure that waited for a payout when its result is there (G56). A profile or a
 * link that a command under way made meanwhile is closed, too: the later of both events sees the other (G62).
 */
export const erasure = policy({
  name: NAME,
  on: [
    'UserErasureRequested',
    ...(['PayoutProcessed', 'PayoutFailed', 'PayoutReturned'] as const),
    ...(['CreatorUpgraded', 'ReferralLinkCreated'] as const),
  ],
  keyOf: ({ metadata }) => metadata.keys.userId,
  react: (event, service) =>
    eraseUser(service, routingKeys(event, 'userId').userId, (stream) => followUp(service, event, NAME, stream)),
});
