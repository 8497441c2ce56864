/** What the clock does to messages: expires unanswered and unjudged ones, and undoes sends that stopped half-way. */
import { isRefusal } from '@creator-dashboards/shared/errors';
import { MessageId } from '@creator-dashboards/shared/ids';
import { clockTask, UNFINISHED_AFTER_MS } from '../runtime/clock-task.js';
import { message, messageStream } from '../domain/message.js';
import { messageDeadlines } from '../lookups/message-deadlines.js';
import { openAdmissions } from '../lookups/open-admissions.js';
import { clockContext } from '../runtime/policy.js';
import { undoSend } from '../commands/undo-send.js';

/** Expires a message or its quarantine, whichever its stream is waiting for. */
export const expireMessages = clockTask({
  name: 'expire-messages',
  lookup: messageDeadlines,
  where: { waiting: true },
  at: 'dueAt',
  async act(service, { _id }, now) {
    const messageId = MessageId(_id);
    const { state } = await service.commands.load(message, messageStream(messageId));
    const type = state.status === 'QUARANTINED' ? 'ExpireQuarantine' : 'Expire';
    const context = clockContext(service, messageId, type);
    const expired = await service.commands.handle(message, { type, messageId, at: now }, context);
    if (!isRefusal(expired)) await service.runFollowUps(expired.events);
  },
});

export const undoUnfinishedSends = clockTask({
  name: 'undo-unfinished-sends',
  lookup: openAdmissions,
  where: { open: true },
  at: 'since',
  afterMs: UNFINISHED_AFTER_MS,
  async act(service, { _id: messageId, parties }) {
    if (!parties) throw new Error(`the admission of message ${messageId} names no parties`);
    await undoSend(service, parties, 'message.send.error.interrupted', clockContext(service, messageId, 'undo'));
  },
});
