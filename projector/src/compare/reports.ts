/** Comparisons that are kept, the newest of each view. */
import type { Document, ReadStore } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Comparison } from './generations.js';

/** Key: "<view>-<serial>"; position: that of `b`. */
export type Report = Document &
  Comparison & {
    readonly serial: number;
    readonly at: Instant;
    /** Why `b` may not be served instead of `a`; empty if it may. */
    readonly refusals: readonly string[];
  };

/** A report without the fields that differ. */
export type ReportSummary = { readonly id: string } & Pick<
  Report,
  | ('at' | 'view' | 'a' | 'b' | 'sampled' | 'digests' | 'events' | 'refusals')
  | ('compared' | 'differing' | 'notCompared' | 'newlyParked')
>;

const KEPT = 20;

/** Stores a comparison under the next number of its view, and deletes the oldest beyond 20. */
export async function storeReport(
  reads: ReadStore,
  comparison: Comparison,
  rest: Pick<Report, 'at' | 'refusals'>,
): Promise<Report> {
  const { view, b } = comparison;
  const collection = collectionOf(view);
  await reads.declare(collection, ['serial']);
  for (;;) {
    const serial = ((await newestReport(reads, view))?.serial ?? 0) + 1;
    const report: Report = { ...comparison, ...rest, serial, _id: `${view}-${serial}`, position: BigInt(b.position) };
    if (!(await reads.write(collection, [{ document: report, expected: null }])).has(report._id)) continue;
    await reads.deleteUpTo(collection, { field: 'serial', atMost: serial - KEPT }, KEPT);
    return report;
  }
}

export function reportOf(reads: ReadStore, view: string, id: string): Promise<Report | null> {
  return reads.get<Report>(collectionOf(view), id);
}

export async function newestReport(reads: ReadStore, view: string): Promise<Report | null> {
  return (await reportsOf(reads, view))[0] ?? null;
}

/** Those that are kept, the newest first. */
export async function reportsOf(reads: ReadStore, view: string): Promise<Report[]> {
  const kept = await reads.find<Report>(collectionOf(view), { limit: 2 * KEPT });
  return kept.sort((one, other) => other.serial - one.serial);
}

export function summaryOf({ _id: id, at, view, a, b, sampled, refusals, ...found }: Report): ReportSummary {
  const { compared, differing, notCompared, newlyParked, digests, events } = found;
  return { id, at, view, a, b, sampled, compared, differing, notCompared, newlyParked, digests, events, refusals };
}

function collectionOf(view: string): string {
  return `reports.${view}`;
}
