/** Views for these tests alone, over a few real events: no change of a real view can break a test of the projector. */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { fanId, idOf, later, strangerId } from '@creator-dashboards/shared/testing/fixtures/people';
import { onStream, sealedValue } from '@creator-dashboards/shared/testing/given';
import type { View } from '@creator-dashboards/shared/views/view';

/** Counts messages received and answered; key: the receiving creator. */
export interface MailboxDocument extends FoldedDocument {
  readonly delivered: number;
  readonly answered: number;
}

export const mailbox: View<MailboxDocument> = {
  name: 'mailbox',
  version: 1,
  partition: 'streamSuffix',
  categories: ['message'],
  keyOf: ({ metadata: { keys } }) => keys.creatorUserId,
  initial: { delivered: 0, answered: 0 },
  handlers: {
    MessageDelivered: (box) => ({ ...box, delivered: box.delivered + 1 }),
    MessageReplied: (box) => ({ ...box, answered: box.answered + 1 }),
  },
};

/** Whether one message was delivered; key: messageId. */
export interface LetterDocument extends FoldedDocument {
  readonly arrived: boolean;
}

export const letter: View<LetterDocument> = {
  name: 'letter',
  version: 1,
  partition: 'streamSuffix',
  categories: ['message'],
  keyOf: ({ metadata: { keys } }) => keys.messageId,
  initial: { arrived: false },
  handlers: {
    MessageSent: (sent) => sent,
    MessageDelivered: (sent) => ({ ...sent, arrived: true }),
  },
};

export const toyViews = { mailbox, letter };

/** A reply by another creator: a second mailbox in the log. */
export const answeredElsewhere = onStream(`message-${idOf(9)}`, {
  messageId: idOf(9),
  fanId,
  creatorId: idOf(8),
  creatorUserId: strangerId,
})('MessageReplied', {
  replyMessageId: idOf(1),
  repliedAt: later,
  settlement: null,
  content: sealedValue(strangerId, 'hi'),
});

/** The same log with delivery events that cannot be read: each parks the key of its mailbox. */
export function withBrokenArrivals(log: readonly RecordedEvent[]): RecordedEvent[] {
  return log.map((event) =>
    event.type === 'MessageDelivered' ? { ...event, data: { ...event.data, paid: 'perhaps' } } : event,
  );
}
