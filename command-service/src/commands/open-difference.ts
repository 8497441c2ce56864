import { Refused } from '@creator-dashboards/shared/errors';
import { moneyDifferences } from '@creator-dashboards/shared/ledger/differences';
import type { CommandService } from '../runtime/service.js';

/** A difference of the money that nobody has acknowledged yet, of those in the log by now; null if there is none. Throws Refused `common.busy` where the look-ups are behind. */
export async function openDifference(service: CommandService): Promise<string | null> {
  if (!(await service.lookups.reached(await service.events.head()))) throw new Refused('common.busy');
  const [open] = await service.lookups.find(moneyDifferences, { where: { open: true }, limit: 1 });
  return open?._id ?? null;
}
