import type { Feature } from './feature.js';
import { messageDeadlines } from '../lookups/message-deadlines.js';
import { openAdmissions } from '../lookups/open-admissions.js';
import { expireMessages, undoUnfinishedSends } from '../clock/messages.js';
import { completeReplied, giveBackAbandoned, refundUnanswered, settleAdmission } from '../policies/settle-messages.js';
import { adminMessageRoutes } from '../routes/admin-messages.js';
import { messageRoutes } from '../routes/messages.js';

/** Messages between fans and creators, from sending to settlement. */
export const messages: Feature = {
  routes: (service) => [...messageRoutes(service), ...adminMessageRoutes(service)],
  policies: [completeReplied, refundUnanswered, settleAdmission, giveBackAbandoned],
  clockTasks: [expireMessages, undoUnfinishedSends],
  lookups: [openAdmissions, messageDeadlines],
};
