/** Every family of commands the service has. */
import { configuration } from './families/config.js';
import { creators } from './families/creator.js';
import { messages } from './families/messages.js';
import { money } from './families/money.js';
import { referral } from './families/referral.js';
import { users } from './families/users.js';
import type { Family } from './family.js';

export const families: readonly Family[] = [users, creators, messages, money, referral, configuration];
