import { toCents } from '@creator-dashboards/shared/money';
import { creatorWallet, creatorWalletStream, type CreatorWalletCommand } from '../domain/creator-wallet.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import { creatorOf } from './routing-keys.js';

/** Returns the money of a payout that failed after its debit (G16), once, even to a frozen wallet (G17). */
export const payoutReturn = policy({
  name: 'payout-return',
  on: ['PayoutFailed'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    if (!event.data.debited) return [];
    const owner = creatorOf(event);
    // The wallet may have forgotten the payout: what this did to it is searched for, back to its cause.
    const since = event.position;
    const context = { ...followUp(service, event, 'payout-return', creatorWalletStream(owner.userId)), since };
    const command: CreatorWalletCommand = {
      type: 'ReturnPayout',
      ...owner,
      payoutId: event.data.payoutId,
      amount: toCents(event.data.amount),
    };
    return eventsOf(await service.commands.handle(creatorWallet, command, context));
  },
});
