import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import { toCents } from '@creator-dashboards/shared/money';
import { creatorWallet, creatorWalletStream, type CreatorWalletCommand } from '../domain/creator-wallet.js';
import { fanWallet, fanWalletStream } from '../domain/fan-wallet.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { routingKeys } from './routing-keys.js';

const NAME = 'chargeback-money';

/**
 * The money side of a chargeback (domain 9.5): earned money is taken back from the creator, held money leaves the escrow. Both go
 * back to the card without touching the fan's balance.
 */
export const chargebackMoney = policy({
  name: NAME,
  on: ['MessageChargedBack'],
  keyOf: ({ metadata }) => metadata.keys.messageId,
  react: (event, service) => (event.data.from === 'COMPLETED' ? reverse(event, service) : closeEscrow(event, service)),
});

type ChargedBack = Recorded<EventNamed<'MessageChargedBack'>>;

async function reverse(event: ChargedBack, service: CommandService) {
  const { messageId, creatorUserId: userId, creatorId } = routingKeys(event, 'messageId', 'creatorUserId', 'creatorId');
  const { gross, commission, net } = event.data;
  const settled = { gross: toCents(gross), commission: toCents(commission), net: toCents(net) };
  const command: CreatorWalletCommand = { type: 'ReverseEarnings', userId, creatorId, messageId, ...settled };
  const context = followUp(service, event, NAME, creatorWalletStream(userId));
  return eventsOf(await service.commands.handle(creatorWallet, command, context));
}

async function closeEscrow(event: ChargedBack, service: CommandService) {
  const { messageId, fanId: userId } = routingKeys(event, 'messageId', 'fanId');
  const context = followUp(service, event, NAME, fanWalletStream(userId));
  return eventsOf(await service.commands.handle(fanWallet, { type: 'ChargeBackEscrow', userId, messageId }, context));
}
