/** Every feature of commands the service has. */
import { configuration } from './config.js';
import { creators } from './creator.js';
import { ledger } from './ledger.js';
import { messages } from './messages.js';
import { money } from './money.js';
import { referral } from './referral.js';
import { users } from './users.js';
import type { Feature } from './feature.js';

export const features: readonly Feature[] = [users, creators, messages, money, ledger, referral, configuration];
