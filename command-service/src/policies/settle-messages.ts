/** What follows the outcome of a message: the money moves once, the message closes, and its admission is settled. */
import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import type { Parties } from '@creator-dashboards/shared/events/message';
import { toCents } from '@creator-dashboards/shared/money';
import type { Position, RecordedEvent, Revision } from '@creator-dashboards/shared/ports';
import { conversation, conversationStream, type ConversationCommand } from '../domain/conversation.js';
import { creatorWallet, creatorWalletStream, type CreatorWalletCommand } from '../domain/creator-wallet.js';
import { fanWallet, fanWalletStream, type FanWalletCommand } from '../domain/fan-wallet.js';
import { isRefundable, message, messageStream } from '../domain/message.js';
import { eventsOf, followUp, mustSucceed, policy } from '../runtime/policy.js';
import { giveBack } from '../commands/undo-send.js';
import type { CommandService } from '../runtime/service.js';
import { routingKeys } from './routing-keys.js';

const byMessage = ({ metadata }: RecordedEvent) => metadata.keys.messageId;

/** Who a message event is about. */
const partiesOf = (event: Recorded): Parties => routingKeys(event, 'messageId', 'fanId', 'creatorId', 'creatorUserId');

async function stateOf(service: CommandService, { messageId }: Parties) {
  return (await service.commands.load(message, messageStream(messageId))).state;
}

const COMPLETE = 'complete-replied';

/** A reply earns the price: the fan's escrow is released, the net is credited to the creator, the message is completed. */
export const completeReplied = policy({
  name: COMPLETE,
  on: ['MessageReplied'],
  keyOf: byMessage,
  async react(event, service) {
    const parties = partiesOf(event);
    const { messageId } = parties;
    const pending = event.data.settlement !== null && (await stateOf(service, parties)).status === 'REPLIED';
    if (pending && !(await wasCredited(service, parties, event.position))) await payCreator(service, event, parties);
    const context = followUp(service, event, COMPLETE, messageStream(messageId));
    return eventsOf(await service.commands.handle(message, { type: 'Complete', messageId, at: context.at }, context));
  },
});

type Replied = Recorded<EventNamed<'MessageReplied'>>;

async function payCreator(service: CommandService, event: Replied, parties: Parties): Promise<void> {
  const { messageId, fanId, creatorId, creatorUserId } = parties;
  const { settlement } = event.data;
  if (settlement === null) return;
  const toFan = followUp(service, event, COMPLETE, fanWalletStream(fanId));
  mustSucceed(await service.commands.handle(fanWallet, { type: 'ReleaseEscrow', userId: fanId, messageId }, toFan));
  const credit: CreatorWalletCommand = {
    type: 'CreditEarnings',
    userId: creatorUserId,
    creatorId,
    messageId,
    gross: toCents(settlement.gross),
    commission: toCents(settlement.commission),
    net: toCents(settlement.net),
  };
  const toCreator = followUp(service, event, COMPLETE, creatorWalletStream(creatorUserId));
  mustSucceed(await service.commands.handle(creatorWallet, credit, toCreator));
}

/** Page size when reading a creator's wallet backwards; usually the newest event is already older than the reply. */
const LOOKED_AT = 20;

/**
 * Whether a message's earnings were credited after this position. This matters when a settlement stopped just before its end and
 * resumes so late that the wallet no longer remembers the command (idempotency, domain 9.7); its stream still shows it.
 */
async function wasCredited({ events }: CommandService, { creatorUserId, messageId }: Parties, since: Position) {
  const stream = creatorWalletStream(creatorUserId);
  let from: Revision | undefined;
  do {
    const start = from === undefined ? {} : { from };
    const page = await events.readStream(stream, { direction: 'backwards', limit: LOOKED_AT, ...start });
    for (const { position, type, data } of page) {
      if (position < since) return false;
      if (type === 'EarningsCredited' && data.messageId === messageId) return true;
    }
    from = (page.at(-1)?.revision ?? 0n) - 1n;
  } while (from >= 0n);
  return false;
}

/** A message that was not answered, or was rejected: the fan gets the whole price back (domain 2.1). */
export const refundUnanswered = policy({
  name: 'refund-unanswered',
  on: ['MessageRejected', 'MessageExpired', 'QuarantineUpheld', 'QuarantineExpired'],
  keyOf: byMessage,
  async react(event, service) {
    const parties = partiesOf(event);
    const { messageId, fanId } = parties;
    if (event.data.amount !== null && isRefundable(await stateOf(service, parties))) {
      const refund: FanWalletCommand = { type: 'RefundEscrow', userId: fanId, messageId };
      mustSucceed(
        await service.commands.handle(fanWallet, refund, followUp(service, event, this.name, fanWalletStream(fanId))),
      );
    }
    const context = followUp(service, event, this.name, messageStream(messageId));
    return eventsOf(await service.commands.handle(message, { type: 'Refund', messageId }, context));
  },
});

/** Settles the message's admission, and opens or closes the SINGLE_PAY session (G24). */
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
