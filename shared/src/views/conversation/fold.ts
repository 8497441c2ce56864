/** Conversations, each at the place of its newest message. Replies are messages, too. */
import type { Content } from '../../fold.js';
import type { Instant } from '../../time.js';
import { placeIn } from '../list.js';
import type { ConversationDocument } from './document.js';
import type { View } from '../view.js';

type Conversation = Content<ConversationDocument>;

export const conversation: View<ConversationDocument> = {
  name: 'conversation',
  version: 1,
  partition: 'streamSuffix',
  categories: ['message'],
  keyOf: ({ metadata: { keys } }) =>
    keys.fanId && keys.creatorUserId ? `${keys.fanId}_${keys.creatorUserId}` : undefined,
  indexes: ['withCreators', 'withFans'],
  // MessageSent is the first event of every conversation and sets whatever is a placeholder here.
  initial: { fanId: '', creatorId: '', creatorUserId: '', open: 0, withCreators: null, withFans: null },
  handlers: {
    /** Until it is delivered, the creator does not know of it. */
    MessageSent: (conversation, { data: { fanId, creatorId, creatorUserId, sentAt } }) =>
      movedForFan({ ...conversation, fanId, creatorId, creatorUserId }, sentAt),
    MessageDelivered: (conversation, { data }) => movedForCreator(opened(conversation, 1), data.deliveredAt),
    MessageReplied: (conversation, { data: { repliedAt } }) =>
      movedForFan(movedForCreator(opened(conversation, -1), repliedAt), repliedAt),
    MessageReplyReverted: (conversation) => opened(conversation, 1),
    MessageRejected: (conversation) => opened(conversation, -1),
    MessageExpired: (conversation) => opened(conversation, -1),
    /** From quarantine it never reached her; any other is closed already. */
    MessageChargedBack: (conversation, { data }) =>
      data.from === 'ESCROWED' ? opened(conversation, -1) : conversation,
  },
};

function opened(conversation: Conversation, by: 1 | -1): Conversation {
  return { ...conversation, open: conversation.open + by };
}

function movedForFan(conversation: Conversation, at: Instant): Conversation {
  return { ...conversation, withCreators: later(conversation.withCreators, placeIn(conversation.fanId, at)) };
}

function movedForCreator(conversation: Conversation, at: Instant): Conversation {
  return { ...conversation, withFans: later(conversation.withFans, placeIn(conversation.creatorUserId, at)) };
}

/** Streams of several messages are in no order of time: a place never goes back. */
function later(place: string | null, other: string): string {
  return place !== null && place > other ? place : other;
}
