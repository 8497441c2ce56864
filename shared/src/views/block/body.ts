import { z } from 'zod';
import { id, instant } from '../../events/define.js';
import { text } from '../body-fields.js';

export const blockBody = z.strictObject({
  userId: id,
  username: text.describe('at present; null for who has none, or whose account is gone'),
  blockedAt: instant,
});
