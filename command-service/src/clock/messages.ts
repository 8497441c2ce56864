/** What time does to messages: unanswered ones expire, unjudged ones too, sends that stopped half-way are undone. */
import { isRefusal } from '@creator-dashboards/shared/errors';
import { fromInstant, toInstant } from '@creator-dashboards/shared/time';
import { eachDue, UNFINISHED_AFTER_MS, type ClockTask } from '../runtime/clock-task.js';
import { message, messageStream } from '../domain/message.js';
import { messageDeadlines } from '../lookups/message-deadlines.js';
import { openAdmissions } from '../lookups/open-admissions.js';
import { clockContext } from '../runtime/policy.js';
import { undoSend } from '../commands/undo-send.js';

const PER_RUN = 200;

/** Both expiries of a due message; the stream knows which one it is waiting for, if any. */
export const expireMessages: ClockTask = {
  name: 'expire-messages',
  async run(service, now) {
    const due = await service.lookups.find(messageDeadlines, {
      where: { waiting: true },
      range: { field: 'dueAt', atMost: now },
      limit: PER_RUN,
    });
    return eachDue(due, async ({ _id: messageId }) => {
      const { state } = await service.commands.load(message, messageStream(messageId));
      const type = state.status === 'QUARANTINED' ? ('ExpireQuarantine' as const) : ('Expire' as const);
      const context = clockContext(service, messageId, type);
      const expired = await service.commands.handle(message, { type, messageId, at: now }, context);
      if (!isRefusal(expired)) await service.settle(expired.events);
    });
  },
};

export const undoUnfinishedSends: ClockTask = {
  name: 'undo-unfinished-sends',
  async run(service, now) {
    const since = toInstant(fromInstant(now) - UNFINISHED_AFTER_MS);
    const stuck = await service.lookups.find(openAdmissions, {
      where: { open: true },
      range: { field: 'since', atMost: since },
      limit: PER_RUN,
    });
    return eachDue(stuck, async ({ _id: messageId, parties }) => {
      if (!parties) throw new Error(`nobody knows whose message ${messageId} is`);
      await undoSend(service, parties, 'message.send.error.interrupted', clockContext(service, messageId, 'undo'));
    });
  },
};
