/** Which events are of a parked key: by what a consumer's keys are. */
import type { Filters } from './chips.js';

const BY_PERSON = /^(creatorDashboard|creatorProfile|referralDashboard|fanWallet|account)\b/;
const BY_CREATOR = /^(dmConfig|lookup\.(vacations|creatorTotals))\b/;

export function heldFilter(consumer: string, key: string): Filters {
  if (BY_PERSON.test(consumer)) return { userId: key };
  return BY_CREATOR.test(consumer) ? { creatorId: key } : { about: key };
}
