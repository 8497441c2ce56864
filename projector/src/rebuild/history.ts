/** What became of rebuilds: who wanted them, why, when, what they cost, and how they ended. */
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { reportsOf, summaryOf, type ReportSummary } from '../compare/reports.js';
import type { Act, Who } from './acts.js';
import { isOpen, MAX_PLANS, REBUILDS, type Rebuild, type RebuildState } from './plan.js';

export interface PastRebuild extends Who {
  readonly view: string;
  readonly generation: string;
  readonly rollback: boolean;
  readonly state: RebuildState;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
  /** How long workers were at it: without pauses, and without the time in which nobody was. */
  readonly seconds: number;
  /** How many events they read. */
  readonly events: number;
  /** Id of the newest comparison with what was served. */
  readonly report: string | null;
  /** What that found; null where there was none, or it is no longer kept. */
  readonly comparison: ReportSummary | null;
  /** Why it did not end well. */
  readonly error: string | null;
  readonly acts: readonly Act[];
}

const PAST = 'rebuild-history';

/**
 * Keeps the record of a rebuild that has ended, before its key is used again: a rollback has the key of the generation that it goes
 * back to. May be called again.
 */
export async function keepEnded(reads: ReadStore, plan: Rebuild): Promise<void> {
  await reads.declare(PAST, ['view']);
  await reads.write<Rebuild>(PAST, [{ document: { ...plan, _id: keyOf(plan) }, expected: null }]);
}

/** The rebuilds and rollbacks of a view that have ended, the newest first. */
export async function historyOf(reads: ReadStore, view: string): Promise<PastRebuild[]> {
  const query = { where: { view }, limit: MAX_PLANS };
  const [past, present, reports] = await Promise.all([
    reads.find<Rebuild>(PAST, query),
    reads.find<Rebuild>(REBUILDS, query),
    reportsOf(reads, view),
  ]);
  const found = new Map(reports.map((report) => [report._id, summaryOf(report)]));
  const ended = new Map(past.map((plan) => [plan._id, plan]));
  for (const plan of present) if (!isOpen(plan)) ended.set(keyOf(plan), plan);
  return [...ended.values()]
    .map((plan) => toPast(plan, found))
    .sort((one, other) => (timeOf(one) < timeOf(other) ? 1 : -1));
}

/** No two runs of one plan end with the same token. */
function keyOf({ _id, token }: Rebuild): string {
  return `${_id}.${token}`;
}

function timeOf({ startedAt, finishedAt }: PastRebuild): Instant {
  return finishedAt ?? startedAt;
}

function toPast(plan: Rebuild, found: ReadonlyMap<string, ReportSummary>): PastRebuild {
  const { view, generation, rollback, state, startedAt, finishedAt, report, error, acts, work } = plan;
  const { actor = 'projector', by = null, reason = null } = acts[0] ?? {};
  const cost = { seconds: Math.round(work.ms / 100) / 10, events: work.events };
  const comparison = report === null ? null : (found.get(report) ?? null);
  const who = { actor, by, reason };
  return { view, generation, rollback, state, startedAt, finishedAt, ...who, ...cost, report, comparison, error, acts };
}
