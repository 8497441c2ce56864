/** What the audit costs: answers from a log of 200,000 events unless told otherwise, its verification, the index beside the dashboards. */
import { benchExplain } from './audit-explain.js';
import { benchIndex } from './audit-index.js';
import { benchVisibleWithIndex } from './audit-visible.js';

/** False where a figure is beyond its bound. */
export async function benchAudit(events = 200_000): Promise<boolean> {
  const results = [await benchExplain(), await benchVisibleWithIndex(), await benchIndex(events)];
  return results.every(Boolean);
}
