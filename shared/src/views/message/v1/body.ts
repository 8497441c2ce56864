import { z } from 'zod';
import { dmType, id, instant } from '../../../events/define.js';
import { money, text, time } from './body-fields.js';

export const messageBody = z.strictObject({
  id,
  content: text,
  status: z.enum(['PENDING', 'ESCROWED', 'DELIVERED', 'REPLIED', 'COMPLETED', 'EXPIRED', 'REFUNDED', 'REJECTED']),
  dmType,
  priceSnapshot: money.nullable(),
  senderId: id,
  receiverId: id,
  createdAt: instant,
  expiresAt: time,
  repliedAt: time,
  completedAt: time,
  timeoutHours: z.number(),
});
export type MessageBody = z.output<typeof messageBody>;
