import type { Content, Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';

/** By when a message must be answered, or its quarantine judged; key: messageId. */
export interface MessageDeadline extends FoldedDocument {
  readonly waiting: boolean;
  readonly dueAt: Instant;
}

const closed = (deadline: Content<MessageDeadline>) => ({ ...deadline, waiting: false });

export const messageDeadlines: Fold<MessageDeadline> = {
  name: 'messageDeadlines',
  version: 1,
  categories: ['message'],
  keyOf: ({ metadata }) => metadata.keys.messageId,
  initial: { waiting: false, dueAt: '' },
  handlers: {
    MessageDelivered: (_, { data }) => ({ waiting: true, dueAt: data.expiresAt }),
    MessageQuarantined: (_, { data }) => ({ waiting: true, dueAt: data.expiresAt }),
    MessageReplied: closed,
    MessageReplyReverted: (deadline) => ({ ...deadline, waiting: true }),
    MessageRejected: closed,
    MessageExpired: closed,
    QuarantineUpheld: closed,
    QuarantineExpired: closed,
    MessageRefunded: closed,
  },
  indexes: ['waiting', 'dueAt'],
};
