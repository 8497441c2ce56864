/** Whether a receipt that was kept elsewhere still holds for the log that is indexed here. */
import type { AuditIndex } from '@creator-dashboards/shared/audit-index';
import { rootAt } from '@creator-dashboards/shared/merkle-proofs';
import type { Receipt } from './integrity.js';
import type { HeadKeys } from './signing.js';

/** What is wrong, or null. */
export async function receiptFault(
  index: AuditIndex,
  keys: Pick<HeadKeys, 'isGenuine'>,
  { head, ordinal, leaf, eventId }: Receipt,
): Promise<string | null> {
  if (keys.isGenuine(head) !== true) return 'its head was not signed with a key that is known here (--public-key)';
  const { size } = await index.state();
  if (size < head.size)
    return `the log had ${head.size} events at ${head.signedAt}, and has ${size} in its index now: the end was cut off`;
  const root = (await rootAt(index, head.size)).toString('hex');
  if (root !== head.root) return `the first ${head.size} events are not those that were signed at ${head.signedAt}`;
  const [place] = await index.get([ordinal]);
  return Buffer.from(place?.leaf ?? []).toString('hex') === leaf
    ? null
    : `event ${eventId} is not number ${ordinal} any more`;
}
