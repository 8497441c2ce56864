import { z } from 'zod';
import { id, instant } from '../../events/define.js';
import { count, text } from '../body-fields.js';

export const conversationBody = z.strictObject({
  sessionId: id.describe('GET /messages takes it'),
  otherParty: z.strictObject({
    userId: id,
    creatorId: id.nullable().describe('what a message to her is sent to; null for a fan'),
    username: text.describe('at present; null for who has none, or whose account is gone'),
  }),
  lastMessage: z.literal('[encrypted]').describe('in place of the text'),
  lastMessageAt: instant,
  unreadCount: count.describe('messages that wait for the answer of the creator who asks; 0 for a fan'),
  isBlocked: z.boolean().describe('by the caller'),
  isBlockedBy: z.boolean(),
});
export type ConversationBody = z.output<typeof conversationBody>;
