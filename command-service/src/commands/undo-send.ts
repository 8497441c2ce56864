/** The undo of a send that was refused half-way or never finished (domain 9.2): closed first, then what it took is free again. */
import { isRefusal, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { Parties } from '@creator-dashboards/shared/events/message';
import { derivedId } from '@creator-dashboards/shared/ids';
import { admissionOf, conversation, conversationStream, type ConversationCommand } from '../domain/conversation.js';
import { fanWallet, fanWalletStream } from '../domain/fan-wallet.js';
import { message, messageStream, type MessageCommand } from '../domain/message.js';
import { leaveFreePlace } from './free-messages.js';
import { type CommandContext, contextOfStep } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';

/**
 * Closes the send in the message stream, then gives back what it took; true when it is closed, false when the message exists
 * and there is nothing to undo. Safe to run again and at the same time as the send itself.
 */
export async function undoSend(
  service: CommandService,
  parties: Parties,
  code: ErrorKey,
  context: CommandContext,
): Promise<boolean> {
  const { messageId } = parties;
  const close: MessageCommand = { type: 'Abandon', messageId, parties, code };
  const closed = await service.commands.handle(message, close, undoing(context, messageStream(messageId)));
  if (isRefusal(closed) || closed.state.status !== 'ABANDONED') return false;
  await giveBack(service, parties, code, context);
  return true;
}

/**
 * The second half of an undo: the hold, the free place, the admission. A hold may stand without its admission: one that came
 * after everything was given back, so late that the wallet did not know its message any more.
 */
export async function giveBack(
  service: CommandService,
  parties: Parties,
  code: string,
  context: CommandContext,
): Promise<void> {
  const { messageId, fanId, creatorId } = parties;
  const { commands } = service;
  const [talkStream, walletStream] = [conversationStream(fanId, creatorId), fanWalletStream(fanId)];
  const admission = admissionOf((await commands.load(conversation, talkStream)).state, messageId);
  const wallet = await commands.load(fanWallet, walletStream);
  if (admission?.paid || Object.hasOwn(wallet.state.holds, messageId)) {
    await commands.handle(fanWallet, { type: 'VoidEscrow', userId: fanId, messageId }, undoing(context, walletStream));
  }
  if (!admission) return;
  if (admission.dmType === 'FREE') await leaveFreePlace(service, parties, admission.at);
  const withdraw: ConversationCommand = { type: 'Withdraw', fanId, creatorId, messageId, reason: code };
  await commands.handle(conversation, withdraw, undoing(context, talkStream));
}

/** One step per stream and whoever undoes: what another has given back already, the streams know by themselves. */
function undoing(context: CommandContext, stream: string): CommandContext {
  return contextOfStep(context, derivedId(context.commandId, 'undo', stream));
}
