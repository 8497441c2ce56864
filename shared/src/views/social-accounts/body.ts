import { z } from 'zod';
import { platform } from '../../events/creator.js';
import { instant } from '../../events/define.js';
import { count } from '../body-fields.js';

export const socialAccountsBody = z.strictObject({
  items: z.array(z.strictObject({ platform, followerCount: count, connectedAt: instant })),
});
export type SocialAccountsBody = z.output<typeof socialAccountsBody>;
