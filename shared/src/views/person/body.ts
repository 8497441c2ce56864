import { z } from 'zod';
import { id, instant } from '../../events/define.js';
import { staffRole } from '../../events/user.js';
import { text } from '../body-fields.js';

export const personBody = z.strictObject({
  id,
  username: text,
  displayName: text,
  status: z.enum(['ACTIVE', 'DEACTIVATED', 'SUSPENDED', 'DELETED', 'ERASED']),
  email: text,
  emailVerified: z.boolean(),
  avatarUrl: text,
  roles: z.array(staffRole).describe('what the caller may log in as, besides USER'),
  creatorId: id.nullable().describe('null for who is no creator'),
  createdAt: instant,
});
export type PersonBody = z.output<typeof personBody>;
