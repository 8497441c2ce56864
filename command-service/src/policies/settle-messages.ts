/** What follows when a message has its outcome: money moves once, the message closes, its place in the conversation is free. */
import type { Recorded } from '@creator-dashboards/shared/events/index';
import { toCents } from '@creator-dashboards/shared/money';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { conversation, conversationStream, type ConversationCommand } from '../domain/conversation.js';
import { creatorWallet, creatorWalletStream } from '../domain/creator-wallet.js';
import { fanWallet, fanWalletStream } from '../domain/fan-wallet.js';
import { isRefundable, message, messageStream, type Parties } from '../domain/message.js';
import { eventsOf, followUp, mustSucceed, policy } from '../policy.js';
import { giveBack } from '../undo-send.js';
import type { CommandService } from '../service.js';

const byMessage = ({ metadata }: RecordedEvent) => metadata.keys.messageId;

/** Who a message event is about, from its routing keys. */
function partiesOf({ metadata: { keys } }: Recorded): Parties {
  const { messageId, fanId, creatorId, creatorUserId } = keys;
  if (!messageId || !fanId || !creatorId || !creatorUserId) throw new Error('a message event without its parties');
  return { messageId, fanId, creatorId, creatorUserId };
}

async function stateOf(service: CommandService, { messageId }: Parties) {
  return (await service.commands.load(message, messageStream(messageId))).state;
}

/** A reply earns: the escrow leaves the fan, the net comes to the creator, the message is complete. */
export const completeReplied = policy({
  name: 'complete-replied',
  on: ['MessageReplied'],
  keyOf: byMessage,
  async react(event, service) {
    const parties = partiesOf(event);
    const { messageId, fanId, creatorId, creatorUserId } = parties;
    if ((await stateOf(service, parties)).status === 'REPLIED') {
      const { settlement } = event.data;
      if (settlement) {
        const release = { type: 'ReleaseEscrow' as const, userId: fanId, messageId };
        const toFan = followUp(service, event, this.name, fanWalletStream(fanId));
        mustSucceed(await service.commands.handle(fanWallet, release, toFan));
        const credit = {
          type: 'CreditEarnings' as const,
          userId: creatorUserId,
          creatorId,
          messageId,
          gross: toCents(settlement.gross),
          commission: toCents(settlement.commission),
          net: toCents(settlement.net),
        };
        const toCreator = followUp(service, event, this.name, creatorWalletStream(creatorUserId));
        mustSucceed(await service.commands.handle(creatorWallet, credit, toCreator));
      }
    }
    const context = followUp(service, event, this.name, messageStream(messageId));
    return eventsOf(await service.commands.handle(message, { type: 'Complete', messageId, at: context.at }, context));
  },
});

/** No answer, or a refused one: the fan gets the whole price back (domain 2.1). */
export const refundUnanswered = policy({
  name: 'refund-unanswered',
  on: ['MessageRejected', 'MessageExpired', 'QuarantineUpheld', 'QuarantineExpired'],
  keyOf: byMessage,
  async react(event, service) {
    const parties = partiesOf(event);
    const { messageId, fanId } = parties;
    if (event.data.amount !== null && isRefundable(await stateOf(service, parties))) {
      const refund = { type: 'RefundEscrow' as const, userId: fanId, messageId };
      mustSucceed(
        await service.commands.handle(fanWallet, refund, followUp(service, event, this.name, fanWalletStream(fanId))),
      );
    }
    const context = followUp(service, event, this.name, messageStream(messageId));
    return eventsOf(await service.commands.handle(message, { type: 'Refund', messageId }, context));
  },
});

/** Frees the message's place between the two, and opens or closes their session (G24). */
export const settleAdmission = policy({
  name: 'settle-admission',
  on: ['MessageCompleted', 'MessageRefunded', 'MessageChargedBack'],
  keyOf: byMessage,
  async react(event, service) {
    const { messageId, fanId, creatorId } = partiesOf(event);
    const context = followUp(service, event, this.name, conversationStream(fanId, creatorId));
    const settle: ConversationCommand = { type: 'Settle', fanId, creatorId, messageId, outcome: outcomeOf(event) };
    return eventsOf(await service.commands.handle(conversation, settle, context));
  },
});

type Settling = Extract<Recorded, { type: 'MessageCompleted' | 'MessageRefunded' | 'MessageChargedBack' }>;

function outcomeOf(event: Settling): 'COMPLETED' | 'REFUNDED' | 'CHARGED_BACK' {
  if (event.type === 'MessageCompleted') return 'COMPLETED';
  if (event.type === 'MessageChargedBack') return 'CHARGED_BACK';
  return event.data.cause === 'CHARGED_BACK' ? 'CHARGED_BACK' : 'REFUNDED';
}

/** Finishes an undo that stopped after the send was closed (domain 9.2). */
export const giveBackAbandoned = policy({
  name: 'give-back-abandoned',
  on: ['MessageAbandoned'],
  keyOf: byMessage,
  async react(event, service) {
    const parties = partiesOf(event);
    await giveBack(service, parties, event.data.code, followUp(service, event, this.name, parties.messageId));
    return [];
  },
});
