import { z } from 'zod';
import { money } from '../body-fields.js';

export const walletBody = z.strictObject({ balance: money, frozen: z.boolean() });
export type WalletBody = z.output<typeof walletBody>;
