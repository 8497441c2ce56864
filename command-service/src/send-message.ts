/**
 * SendMessage (domain 9.2): conversation -> fan wallet -> message; reserve first, record last. The message stream alone judges
 * whether the message exists; whatever stops in between is closed there first, then undone.
 */
import { configValue, type ConfigKey } from '@creator-dashboards/shared/config-keys';
import { isRefusal, refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { DmType } from '@creator-dashboards/shared/events/define';
import type { MessageEvent } from '@creator-dashboards/shared/events/message';
import { derivedId, messageIdOf } from '@creator-dashboards/shared/ids';
import { DAY, utcDay } from '@creator-dashboards/shared/time';
import type { ConfigDocument } from '@creator-dashboards/shared/views';
import { currentConfig } from './current-config.js';
import { conversation, conversationStream, isPaid } from './domain/conversation.js';
import { creator, creatorStream, type CreatorState } from './domain/creator.js';
import { fanWallet, fanWalletStream, holdRefusal } from './domain/fan-wallet.js';
import { message, messageStream, type MessageState, type Parties } from './domain/message.js';
import { user, userStream, type UserState } from './domain/user.js';
import type { CommandContext, Outcome } from './handle-command.js';
import { step } from './request.js';
import type { CommandService } from './service.js';

export interface SendRequest {
  readonly fanId: string;
  readonly creatorId: string;
  readonly dmType: DmType;
  readonly content: string;
}

type Sent = Outcome<MessageState, MessageEvent>;

/** Sends, or refuses with `message.send.error.*`. A retry of the same command answers its first result. */
export async function sendMessage(
  service: CommandService,
  request: SendRequest,
  context: CommandContext,
): Promise<Sent> {
  const { commands } = service;
  const { state: receiver } = await commands.load(creator, creatorStream(request.creatorId));
  if (!receiver.exists || !receiver.userId) return refuse('message.send.error.creator_not_found');
  const parties: Parties = {
    messageId: messageIdOf(context.commandId, receiver.userId),
    fanId: request.fanId,
    creatorId: request.creatorId,
    creatorUserId: receiver.userId,
  };
  const before = await earlierResult(service, parties, context);
  if (before) return before;

  const config = await currentConfig(service);
  const { state: fan } = await commands.load(user, userStream(parties.fanId));
  const { state: owner } = await commands.load(user, userStream(parties.creatorUserId));
  const refused = refusalBetween(parties, request.dmType, fan, receiver, owner);
  if (refused) return refused;

  const admit = {
    type: 'Admit' as const,
    fanId: parties.fanId,
    creatorId: parties.creatorId,
    parties,
    bodyDigest: service.digest('message', request.content),
    dmType: request.dmType,
    limits: limitsOf(config),
    at: context.at,
  };
  const talk = await commands.load(conversation, conversationStream(parties.fanId, parties.creatorId));
  const foreseen = conversation.decide(admit, talk.state);
  if (isRefusal(foreseen)) return foreseen;
  const price = isPaid(request.dmType, talk.state) ? receiver.dmPrice : null;
  if (price !== null) {
    const poor = await walletRefusal(service, parties.fanId, price);
    if (poor) return poor;
  }
  const uncounted = request.dmType === 'FREE' ? await countFree(service, parties, config, context) : null;
  if (uncounted) return uncounted;

  const admitted = await commands.handle(conversation, admit, context);
  if (isRefusal(admitted)) {
    await uncountFree(service, parties, context);
    return admitted;
  }
  // Another message may have opened or closed the session since: what was admitted decides whether this one is paid.
  const admission = admitted.state.open.find(({ messageId }) => messageId === parties.messageId);
  const paid = admission?.paid ? receiver.dmPrice : null;
  if (paid !== null) {
    const hold = { type: 'HoldEscrow' as const, userId: parties.fanId, messageId: parties.messageId, amount: paid };
    const held = await commands.handle(fanWallet, hold, context);
    if (isRefusal(held)) return undone(service, parties, held, context);
  }
  const verdict = await moderate(service, request.content);
  const send = {
    type: 'Send' as const,
    messageId: parties.messageId,
    parties,
    dmType: request.dmType,
    price: paid,
    commissionRate: configValue(config, `creator.commission_${receiver.level.toLowerCase()}` as CommissionKey),
    timeoutHours: configValue(config, 'dm.timeout_hours'),
    content: await service.sealer.seal(parties.fanId, request.content),
    ...verdict,
    at: context.at,
  };
  const sent = await commands.handle(message, send, context);
  return isRefusal(sent) ? undone(service, parties, sent, context) : sent;
}

type CommissionKey = Extract<ConfigKey, `creator.commission_${string}`>;

async function earlierResult(service: CommandService, parties: Parties, context: CommandContext): Promise<Sent | null> {
  const stream = messageStream(parties.messageId);
  const replayed = await service.commands.replay(message, stream, context);
  if (replayed) return replayed;
  const { state } = await service.commands.load(message, stream);
  return state.status === 'ABANDONED' ? refuse(state.abandonedCode ?? 'message.send.error.interrupted') : null;
}

/** The checks of domain 2.1 that need nothing but the two parties, in its order. */
function refusalBetween(
  parties: Parties,
  dmType: DmType,
  fan: UserState,
  receiver: CreatorState,
  owner: UserState,
): Refusal | null {
  if (parties.fanId === parties.creatorUserId) return refuse('message.send.error.self');
  if (!fan.emailVerified) return refuse('message.send.error.email_not_verified');
  const reachable = receiver.status === 'ACTIVE' || receiver.status === 'VACATION';
  if (!reachable || receiver.deletedAt !== null || owner.status !== 'ACTIVE')
    return refuse('message.send.error.receiver_inactive');
  if (fan.blocked.includes(parties.creatorUserId) || owner.blocked.includes(parties.fanId))
    return refuse('message.send.error.blocked');
  if (!receiver.dmActive || receiver.dmType === null) return refuse('message.send.error.dm_disabled');
  if (receiver.vacationMode) return refuse('message.send.error.on_vacation');
  if (receiver.dmType !== dmType) return refuse('message.send.error.type_mismatch');
  return null;
}

function limitsOf(config: ConfigDocument | null) {
  return {
    duplicateWindowSeconds: configValue(config, 'dm.duplicate_window_seconds'),
    maxPendingPaid: configValue(config, 'dm.max_pending_paid'),
    freePerDay: configValue(config, 'dm.free_per_creator_daily'),
  };
}

/** A wallet that cannot pay is told before anything is written; the hold itself decides again. */
async function walletRefusal(service: CommandService, fanId: string, price: number): Promise<Refusal | null> {
  const { state } = await service.commands.load(fanWallet, fanWalletStream(fanId));
  return holdRefusal(state, price);
}

const freeSet = (fanId: string, context: CommandContext) => `free-dm:${fanId}:${utcDay(context.at)}`;

/** Counts a free message of the day (domain 9.11); when the counters are down free messages are refused. */
async function countFree(
  service: CommandService,
  parties: Parties,
  config: ConfigDocument | null,
  context: CommandContext,
): Promise<Refusal | null> {
  let today: number;
  try {
    today = await service.counters.addMember(freeSet(parties.fanId, context), parties.messageId, 2 * DAY);
  } catch {
    return refuse('message.send.error.free_unavailable');
  }
  if (today <= configValue(config, 'dm.free_daily_limit')) return null;
  await uncountFree(service, parties, context);
  return refuse('message.send.error.free_daily_limit');
}

/** Gives the place of the day back. A lost place is only a message less today, so a fault here fails nothing. */
async function uncountFree(service: CommandService, parties: Parties, context: CommandContext): Promise<void> {
  await service.counters.removeMember(freeSet(parties.fanId, context), parties.messageId).catch(() => undefined);
}

/** A moderation that fails counts as flagged: a person decides (domain 9.2). */
async function moderate(service: CommandService, content: string): Promise<{ flagged: boolean; rule: string | null }> {
  try {
    return await service.providers.moderation.review(content);
  } catch {
    return { flagged: true, rule: 'moderation-unavailable' };
  }
}

async function undone(
  service: CommandService,
  parties: Parties,
  refusal: Refusal,
  context: CommandContext,
): Promise<Sent> {
  if (await undoSend(service, parties, refusal.refused, context)) {
    await uncountFree(service, parties, context);
    return refusal;
  }
  return (await service.commands.replay(message, messageStream(parties.messageId), context)) ?? refusal;
}

/**
 * Closes the send in the message stream, then gives back the hold and the admission; true when it is closed, false when the
 * message exists and there is nothing to undo. Safe to run again and at the same time as the send itself.
 */
export async function undoSend(
  service: CommandService,
  parties: Parties,
  code: ErrorKey,
  context: CommandContext,
): Promise<boolean> {
  const { messageId } = parties;
  const close = { type: 'Abandon' as const, messageId, parties, code };
  const closed = await service.commands.handle(message, close, undoing(context, messageId, messageStream(messageId)));
  if (isRefusal(closed) || closed.state.status !== 'ABANDONED') return false;
  await giveBack(service, parties, code, context);
  return true;
}

/** The second half of an undo: what an abandoned message held is free again. */
export async function giveBack(
  service: CommandService,
  { messageId, fanId, creatorId }: Parties,
  code: string,
  context: CommandContext,
): Promise<void> {
  const talk = await service.commands.load(conversation, conversationStream(fanId, creatorId));
  const admission = talk.state.open.find((each) => each.messageId === messageId);
  if (!admission) return;
  if (admission.paid) {
    const voided = { type: 'VoidEscrow' as const, userId: fanId, messageId };
    await service.commands.handle(fanWallet, voided, undoing(context, messageId, fanWalletStream(fanId)));
  }
  const withdraw = { type: 'Withdraw' as const, fanId, creatorId, messageId, reason: code };
  await service.commands.handle(
    conversation,
    withdraw,
    undoing(context, messageId, conversationStream(fanId, creatorId)),
  );
}

/** One undo step per stream, the same whoever runs it. */
function undoing(context: CommandContext, messageId: string, stream: string): CommandContext {
  return step(context, derivedId(messageId, 'undo', stream));
}

/** Status as the fan is told it: quarantine is not shown (domain 2.1). */
export function statusForFan(events: readonly MessageEvent[]): 'PENDING' | 'ESCROWED' | 'DELIVERED' {
  const delivered = events.find((event) => event.type === 'MessageDelivered');
  return delivered ? delivered.data.statusAfter : 'PENDING';
}
