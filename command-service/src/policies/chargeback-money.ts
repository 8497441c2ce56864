import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import { FanId } from '@creator-dashboards/shared/ids';
import { toCents } from '@creator-dashboards/shared/money';
import { creatorWallet, creatorWalletStream, type CreatorWalletCommand } from '../domain/creator-wallet.js';
import { fanWallet, fanWalletStream, type FanWalletCommand } from '../domain/fan-wallet.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { routingKeys } from './routing-keys.js';

const NAME = 'chargeback-money';
const FREEZE = `${NAME}.freeze`;

type ChargedBack = Recorded<EventNamed<'MessageChargedBack' | 'CheckoutChargedBack'>>;
type MessageChargedBack = Recorded<EventNamed<'MessageChargedBack'>>;

/**
 * The money side of a chargeback (domain 9.5, G48). The card holder has the money back, so it is taken from whoever has it here: from
 * the creator what she earned, out of the escrow what is held, from the fan a refund or a load, below zero if need be. Then the
 * fan's wallet is frozen until somebody has looked into it.
 */
export const chargebackMoney = policy({
  name: NAME,
  steps: [FREEZE],
  on: ['MessageChargedBack', 'CheckoutChargedBack'],
  keyOf: ({ metadata: { keys } }) => keys.messageId ?? keys.userId,
  async react(event, service) {
    const taken = await takeBack(event, service);
    const userId = fanOf(event);
    // Refused where it is frozen already, which is as good.
    const freezing = contextOn(service, event, fanWalletStream(userId), FREEZE);
    const frozen = await service.commands.handle(fanWallet, { type: 'Freeze', userId }, freezing);
    return [...taken, ...eventsOf(frozen)];
  },
});

function fanOf(event: ChargedBack): FanId {
  return event.type === 'CheckoutChargedBack' ? FanId(event.data.userId) : routingKeys(event, 'fanId').fanId;
}

function takeBack(event: ChargedBack, service: CommandService) {
  const userId = fanOf(event);
  if (event.type === 'CheckoutChargedBack') {
    const { sessionId, amount } = event.data;
    const debit = { type: 'DebitChargeback' as const, messageId: null, sessionId, amount: toCents(amount) };
    return fromFan(event, service, { ...debit, userId });
  }
  const { messageId } = routingKeys(event, 'messageId');
  const { from, gross } = event.data;
  if (from === 'COMPLETED') return fromCreator(event, service);
  if (from !== 'REFUNDED') return fromFan(event, service, { type: 'ChargeBackEscrow', userId, messageId });
  const debit = { type: 'DebitChargeback' as const, messageId, sessionId: null, amount: toCents(gross) };
  return fromFan(event, service, { ...debit, userId });
}

async function fromCreator(event: MessageChargedBack, service: CommandService) {
  const { messageId, creatorUserId: userId, creatorId } = routingKeys(event, 'messageId', 'creatorUserId', 'creatorId');
  const { gross, commission, net } = event.data;
  const settled = { gross: toCents(gross), commission: toCents(commission), net: toCents(net) };
  const command: CreatorWalletCommand = { type: 'ReverseEarnings', userId, creatorId, messageId, ...settled };
  const context = contextOn(service, event, creatorWalletStream(userId));
  return eventsOf(await service.commands.handle(creatorWallet, command, context));
}

async function fromFan(event: ChargedBack, service: CommandService, command: FanWalletCommand) {
  const context = contextOn(service, event, fanWalletStream(command.userId));
  return eventsOf(await service.commands.handle(fanWallet, command, context));
}

/** The wallet may have forgotten the chargeback: what this did to it is searched for, back to its cause. */
function contextOn(service: CommandService, event: ChargedBack, stream: string, name = NAME) {
  return { ...followUp(service, event, name, stream), since: event.position };
}
