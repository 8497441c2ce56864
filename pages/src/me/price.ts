/** What messages to a creator cost, in words. */
import { money } from '../app/format.js';
import type { DataOf } from '../vendor/client.js';

type DmType = NonNullable<DataOf<'/creators/dashboard', 'get'>['dmType']>;

/** "$5.00 for each message" */
export function priceText(dmType: DmType, dmPrice: string | null): string {
  if (dmType === 'FREE') return 'free';
  return `${money(dmPrice ?? '0')} ${dmType === 'SINGLE_PAY' ? 'for a conversation' : 'for each message'}`;
}
