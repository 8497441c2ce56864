/** Undoes a send that was refused half-way or never finished (domain 9.2): it is closed first, then gives back what it took. */
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
 * Closes the send in the message stream, then gives back what it took. Returns false when the message exists and there is nothing
 * to undo. Safe to run again, and while the send itself is running.
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
 * The second half of an undo: gives back the hold, the free message and the admission. A hold may be there without its admission:
 * taken after everything was given back, so late that the wallet had forgotten the message.
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

/** A step's id depends on the stream and on who undoes. Two undoing at once do no harm: the streams know what was given back. */
function undoing(context: CommandContext, stream: string): CommandContext {
  return contextOfStep(context, derivedId(context.commandId, 'undo', stream));
}
