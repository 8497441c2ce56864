import type { Recorded } from '@creator-dashboards/shared/events/index';
import { creatorIdOf, CreatorUserId, FanId } from '@creator-dashboards/shared/ids';
import { creatorWallet, creatorWalletStream } from '../domain/creator-wallet.js';
import { fanWallet, fanWalletStream } from '../domain/fan-wallet.js';
import { user, userStream } from '../domain/user.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { routingKeys } from './routing-keys.js';

const NAME = 'forfeits';

/**
 * Empties the wallets of an erased person, at her erasure and after whatever moves them later: a hold that is given back, earnings
 * of a reply under way, a returned payout, a late chargeback (G56). Each of both sees what came before it, so their order does
 * not matter. Before the erasure is done nothing is taken: a payout on its way is still to be debited.
 */
export const forfeits = policy({
  name: NAME,
  on: [
    'UserErased',
    ...(['FundsLoaded', 'EscrowVoided', 'EscrowRefunded', 'ChargebackDebited', 'WalletAdjusted'] as const),
    ...(['EarningsCredited', 'EarningsReversed', 'PayoutReturned'] as const),
  ],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { userId } = routingKeys(event, 'userId');
    if ((await service.commands.load(user, userStream(userId))).state.status !== 'ERASED') return [];
    return [
      ...(await fromFan(event, service, FanId(userId))),
      ...(await fromCreator(event, service, CreatorUserId(userId))),
    ];
  },
});

async function fromFan(event: Recorded, service: CommandService, userId: FanId) {
  const context = followUp(service, event, NAME, fanWalletStream(userId));
  return eventsOf(await service.commands.handle(fanWallet, { type: 'Forfeit', userId }, context));
}

async function fromCreator(event: Recorded, service: CommandService, userId: CreatorUserId) {
  const context = followUp(service, event, NAME, creatorWalletStream(userId));
  const command = { type: 'Forfeit', userId, creatorId: creatorIdOf(userId) } as const;
  return eventsOf(await service.commands.handle(creatorWallet, command, context));
}
