/**
 * SendMessage (domain 9.2): conversation -> fan wallet -> message; reserve first, record last. The message stream alone decides
 * whether the message exists. A send that stops in between is closed there first, then undone.
 */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { configValue, type ConfigKey } from '@creator-dashboards/shared/platform-config';
import { closing, isRefusal, refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { DmType } from '@creator-dashboards/shared/events/define';
import type { MessageEvent, Parties } from '@creator-dashboards/shared/events/message';
import { messageIdOf, type CreatorId, type FanId } from '@creator-dashboards/shared/ids';
import { toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { block, blockStream } from '../domain/block.js';
import {
  admissionOf,
  conversation,
  conversationStream,
  isPaid,
  type ConversationCommand,
} from '../domain/conversation.js';
import { creator, creatorStream, isOnVacation, type CreatorState } from '../domain/creator/creator.js';
import { fanWallet, fanWalletStream, holdRefusal, type FanWalletCommand } from '../domain/fan-wallet.js';
import { message, messageStream, type MessageState, type MessageCommand } from '../domain/message.js';
import { user, userStream, type UserState } from '../domain/user.js';
import { leaveFreePlace, takeFreePlace } from './free-messages.js';
import type { CommandOutcome } from '../runtime/command-loop.js';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';
import { moderateMessage } from './moderating.js';
import { undoSend } from './undo-send.js';

export interface SendRequest {
  readonly fanId: FanId;
  readonly creatorId: CreatorId;
  readonly dmType: DmType;
  readonly content: string;
  /** The price the fan was shown; null if the request does not say. */
  readonly expectedPrice: Cents | null;
}

type Sent = CommandOutcome<MessageState, MessageEvent>;

/** Another run of this command has finished or undone it since this run began. */
interface Superseded {
  readonly kind: 'superseded';
}
type Admitted = { readonly kind: 'paid' } | { readonly kind: 'free' } | Superseded;
type Held = { readonly kind: 'held'; readonly price: Cents } | Superseded;
const superseded: Superseded = { kind: 'superseded' };

/** One run of a send: everything its steps look at. */
interface Sending {
  readonly service: CommandService;
  readonly request: SendRequest;
  readonly context: CommandContext;
  readonly parties: Parties;
  readonly receiver: CreatorState;
  readonly config: ConfigDocument | null;
}

/** Sends, or refuses with `message.send.error.*`. A retry of the same command returns its first result. */
export async function sendMessage(
  service: CommandService,
  request: SendRequest,
  context: CommandContext,
): Promise<Sent> {
  const { commands } = service;
  const { state: receiver } = await commands.load(creator, creatorStream(request.creatorId));
  if (!receiver.exists) return refuse('message.send.error.creator_not_found');
  const parties: Parties = {
    messageId: messageIdOf(context.commandId, receiver.userId),
    fanId: request.fanId,
    creatorId: request.creatorId,
    creatorUserId: receiver.userId,
  };
  const sending: Sending = { service, request, context, parties, receiver, config: await service.lookups.config() };
  const before = await earlierResult(sending);
  if (before) return before;

  const { state: fan } = await commands.load(user, userStream(parties.fanId));
  const { state: owner } = await commands.load(user, userStream(parties.creatorUserId));
  const blocked = await isBlocked(service, parties);
  const refused = refusalBetween(sending, { fan, owner, blocked });
  if (refused) return refused;

  const admission = await admit(sending);
  if (isRefusal(admission)) return admission;
  const payment = await payFor(sending, admission);
  if (isRefusal(payment)) return undone(sending, payment);
  if (payment.kind === 'superseded') return (await earlierResult(sending)) ?? refuse('message.send.error.interrupted');
  const sent = await record(sending, payment.kind === 'held' ? payment.price : null);
  return isRefusal(sent) ? undone(sending, sent) : sent;
}

async function earlierResult({ service, parties, context }: Sending): Promise<Sent | null> {
  const { state, earlier } = await service.commands.begin(message, messageStream(parties.messageId), context);
  if (earlier) return earlier;
  return state.status === 'ABANDONED' ? closing(refuse(state.code)) : null;
}

/** The checks of a send that need nothing but the two parties, in their documented order (domain 2.1). */
function refusalBetween(
  { parties, receiver, request, context }: Sending,
  { fan, owner, blocked }: { fan: UserState; owner: UserState; blocked: boolean },
): Refusal | null {
  const sender: string = parties.fanId; // a creator may write as a fan too
  if (sender === parties.creatorUserId) return refuse('message.send.error.self');
  if (!fan.emailVerified) return refuse('message.send.error.email_not_verified');
  const reachable = receiver.status === 'ACTIVE' || receiver.status === 'VACATION';
  if (!reachable || receiver.deletedAt !== null || owner.status !== 'ACTIVE')
    return refuse('message.send.error.receiver_inactive');
  if (blocked) return refuse('message.send.error.blocked');
  if (!receiver.dmActive || receiver.dmType === null) return refuse('message.send.error.dm_disabled');
  if (isOnVacation(receiver, context.at)) return refuse('message.send.error.on_vacation');
  if (receiver.dmType !== request.dmType) return refuse('message.send.error.type_mismatch');
  return null;
}

/** Whether either of the two blocks the other now. */
async function isBlocked({ commands }: CommandService, { fanId, creatorUserId }: Parties): Promise<boolean> {
  return (await commands.load(block, blockStream(fanId, creatorUserId))).state.by.length > 0;
}

/** The refusal if this is not the price that the fan agreed to (G49), or null. */
function priceRefusal({ expectedPrice }: SendRequest, price: Cents | null): Refusal | null {
  const now = price ?? 0;
  if (expectedPrice === null || expectedPrice === now) return null;
  return refuse('message.send.error.price_changed', { price: toDecimal(now) });
}

/**
 * Admits the message to the conversation. Refusals are foreseen before anything is written; the streams decide again. Superseded
 * when an earlier run of this command was admitted, and is settled or withdrawn by now.
 */
async function admit(sending: Sending): Promise<Admitted | Refusal> {
  const { service, request, context, parties, receiver, config } = sending;
  const { fanId, creatorId, messageId } = parties;
  const command: ConversationCommand = {
    type: 'Admit',
    fanId,
    creatorId,
    parties,
    bodyDigest: service.digest('message', request.content),
    dmType: request.dmType,
    limits: limitsOf(config),
    at: context.at,
  };
  // Read before the conversation, so that a hold in it is never one that this same command took in another run.
  const { state: wallet } = await service.commands.load(fanWallet, fanWalletStream(fanId));
  const { state: talk } = await service.commands.load(conversation, conversationStream(fanId, creatorId));
  const isNew = admissionOf(talk, messageId) === undefined;
  if (isNew) {
    const foreseen = conversation.decide(command, talk);
    if (isRefusal(foreseen)) return foreseen;
    const price = isPaid(request.dmType, talk) ? receiver.dmPrice : null;
    const dear = priceRefusal(request, price) ?? (price === null ? null : holdRefusal(wallet, price));
    if (dear) return dear;
    const full = request.dmType === 'FREE' ? await takeFreePlace(service, parties, config, context.at) : null;
    if (full) return full;
  }
  const admitted = await service.commands.handle(conversation, command, context);
  if (!isRefusal(admitted)) {
    const admission = admissionOf(admitted.state, messageId);
    if (!admission) return superseded;
    return { kind: admission.paid ? 'paid' : 'free' };
  }
  if (isNew && request.dmType === 'FREE') await leaveFreePlace(service, parties, context.at);
  return admitted;
}

/** Pays for an admitted message. The session in which it was free may have ended since the price was looked up. */
async function payFor(sending: Sending, admission: Admitted): Promise<Held | Admitted | Refusal> {
  if (admission.kind === 'superseded') return admission;
  const price = admission.kind === 'paid' ? sending.receiver.dmPrice : null;
  const changed = priceRefusal(sending.request, price);
  if (changed) return changed;
  return admission.kind === 'paid' ? hold(sending, price) : admission;
}

function limitsOf(config: ConfigDocument | null) {
  return {
    duplicateWindowSeconds: configValue(config, 'dm.duplicate_window_seconds'),
    maxPendingPaid: configValue(config, 'dm.max_pending_paid'),
    freePerDay: configValue(config, 'dm.free_per_creator_daily'),
  };
}

/**
 * Holds the price and returns what is held, which is this message's price for good: an earlier run of this command may have held
 * another. Superseded when its hold is closed by now.
 */
async function hold({ service, parties, context }: Sending, price: Cents | null): Promise<Held | Refusal> {
  if (price === null) throw new Error('a paid message to a creator without a price');
  const { messageId, fanId } = parties;
  const command: FanWalletCommand = { type: 'HoldEscrow', userId: fanId, messageId, amount: price };
  const held = await service.commands.handle(fanWallet, command, context);
  if (isRefusal(held)) return held;
  const amount = held.state.holds[messageId];
  return amount === undefined ? superseded : { kind: 'held', price: amount };
}

/** The last step, and the one that decides. */
async function record({ service, request, context, parties, receiver, config }: Sending, price: Cents | null) {
  const rate = `creator.commission_${receiver.level.toLowerCase()}` as CommissionKey;
  const send: MessageCommand = {
    type: 'Send',
    messageId: parties.messageId,
    parties,
    dmType: request.dmType,
    price,
    commissionRate: configValue(config, rate),
    timeoutHours: configValue(config, 'dm.timeout_hours'),
    ...(await moderateMessage(service, request.content)),
    content: await service.sealer.seal(kinds.messageContent, parties.fanId, request.content),
    at: context.at,
  };
  // A block that exists by now refuses the message; a later one takes effect with the next message (G44b).
  const unlessBlocked = async () => ((await isBlocked(service, parties)) ? refuse('message.send.error.blocked') : send);
  return service.commands.handleBy(message, messageStream(parties.messageId), unlessBlocked, context);
}

type CommissionKey = Extract<ConfigKey, `creator.commission_${string}`>;

/** Undoes the send and returns the refusal; or the result, if another run of this command succeeded after all. */
async function undone({ service, parties, context }: Sending, refusal: Refusal): Promise<Sent> {
  if (await undoSend(service, parties, refusal.refused, context)) return closing(refusal);
  const { earlier } = await service.commands.begin(message, messageStream(parties.messageId), context);
  return earlier ?? refusal;
}

/** The status shown to the fan, who does not see a quarantine (domain 2.1). */
export function statusForFan(events: readonly MessageEvent[]): 'PENDING' | 'ESCROWED' | 'DELIVERED' {
  const delivered = events.find((event) => event.type === 'MessageDelivered');
  return delivered ? delivered.data.statusAfter : 'PENDING';
}
