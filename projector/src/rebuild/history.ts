/** What became of rebuilds: who wanted them, why, when, what they cost, and how they ended. */
import { doneRepairs, type Repair, type RepairResult } from '@creator-dashboards/shared/feed/repairs';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { reportsOf, summaryOf, type ReportSummary } from '../compare/reports.js';
import { reasonIn, told, type Act, type Opener, type Told, type Who } from './acts.js';
import type { Phases } from './estimate.js';
import { isOpen, MAX_PLANS, REBUILDS, type Rebuild, type RebuildState } from './plan.js';
import { phasesTaken } from './work.js';

export interface PastRebuild extends Who {
  readonly view: string;
  readonly generation: string;
  readonly rollback: boolean;
  readonly state: RebuildState;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
  /** How long workers were at it: without pauses, and without the time in which nobody was. */
  readonly seconds: number;
  /** Of these seconds, those of each phase in the worker that had the plan; null for a repair. */
  readonly phases: Phases<number> | null;
  /** How many workers folded its documents, at most at once. */
  readonly workers: number;
  /** How many events they read: the same one is read by each window. */
  readonly events: number;
  /** Position, as a decimal string, up to which they folded; null for a rollback or repair. */
  readonly upTo: string | null;
  /** Id of the newest comparison with what was served. */
  readonly report: string | null;
  /** What that found; null where there was none, or it is no longer kept. */
  readonly comparison: ReportSummary | null;
  /** Why it did not end well. */
  readonly error: string | null;
  readonly acts: readonly Act[];
  /** How documents of what is served were chosen and what became of them; null for a rebuild or rollback. */
  readonly repair: PastRepair | null;
}

export type ToldPast = Told<PastRebuild> & { readonly reason: string | null };

export interface PastRepair {
  readonly kind: string;
  readonly documents: number;
  readonly repaired: number;
  readonly unchanged: number;
  /** Keys that no event has. */
  readonly withoutEvents: number;
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

/** The rebuilds, rollbacks and repairs of a view that have ended, the newest first. */
export async function historyOf(reads: ReadStore, view: string): Promise<PastRebuild[]> {
  const query = { where: { view }, limit: MAX_PLANS };
  const [past, present, reports, repairs] = await Promise.all([
    reads.find<Rebuild>(PAST, query),
    reads.find<Rebuild>(REBUILDS, query),
    reportsOf(reads, view),
    doneRepairs(reads, view, MAX_PLANS),
  ]);
  const found = new Map(reports.map((report) => [report._id, summaryOf(report)]));
  const ended = new Map(past.map((plan) => [plan._id, plan]));
  for (const plan of present) if (!isOpen(plan)) ended.set(keyOf(plan), plan);
  return [...[...ended.values()].map((plan) => toPast(plan, found)), ...toRepairs(repairs)].sort((one, other) =>
    timeOf(one) < timeOf(other) ? 1 : -1,
  );
}

/** As operators and auditors are told. */
export async function toldHistoryOf(reads: ReadStore, view: string, opener: Opener): Promise<ToldPast[]> {
  const past = await historyOf(reads, view);
  return Promise.all(past.map(async (one) => ({ ...(await told(opener, one)), reason: await reasonIn(opener, one) })));
}

/** No two runs of one plan end with the same token. */
function keyOf({ _id, token }: Rebuild): string {
  return `${_id}.${token}`;
}

function timeOf({ startedAt, finishedAt }: PastRebuild): Instant {
  return finishedAt ?? startedAt;
}

function toPast(plan: Rebuild, found: ReadonlyMap<string, ReportSummary>): PastRebuild {
  const { view, generation, rollback, state, startedAt, finishedAt, report, error, acts, work, upTo } = plan;
  const { actor = 'projector', by = null, reason = null } = acts[0] ?? {};
  const { fold, store, compare } = phasesTaken(work);
  const cost = {
    seconds: toSeconds(work.ms),
    phases: { fold: toSeconds(fold.ms), store: toSeconds(store.ms), compare: toSeconds(compare.ms) },
    workers: work.mostWorkers,
    events: work.events,
  };
  const comparison = report === null ? null : (found.get(report) ?? null);
  const who = { actor, by, reason };
  return {
    view,
    generation,
    rollback,
    state,
    startedAt,
    finishedAt,
    ...who,
    ...cost,
    upTo: rollback ? null : upTo,
    report,
    comparison,
    error,
    acts,
    repair: null,
  };
}

/** With one decimal. */
function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}

/** The parts of one repair are one; those that are not done yet are left out. */
function toRepairs(parts: readonly Repair[]): PastRebuild[] {
  const requests = new Map<string, Repair[]>();
  for (const part of parts) requests.set(part.asked.request, [...(requests.get(part.asked.request) ?? []), part]);
  return [...requests.values()].flatMap((all) => {
    const [first] = all;
    if (!first) return [];
    const { view, generation, kind, actor, by, reason } = first.asked;
    const sum = (count: (result: RepairResult) => number) =>
      all.reduce((total, { result }) => total + (result ? count(result) : 0), 0);
    const times = all.map(({ askedAt }) => askedAt).sort();
    const ends = all.map(({ doneAt }) => doneAt ?? '').sort();
    const [startedAt, finishedAt] = [times[0] ?? first.askedAt, ends.at(-1) ?? null];
    const cost = {
      seconds: toSeconds(sum(({ milliseconds }) => milliseconds)),
      phases: null,
      events: sum(({ events }) => events),
    };
    const repair = {
      kind,
      documents: all.reduce((total, { keys }) => total + keys.length, 0),
      repaired: sum(({ repaired }) => repaired),
      unchanged: sum(({ unchanged }) => unchanged),
      withoutEvents: sum(({ withoutEvents }) => withoutEvents.length),
    };
    const none = { rollback: false, workers: 1, upTo: null, report: null, comparison: null, error: null, acts: [] };
    const who = { actor, by, reason };
    return [{ view, generation, state: 'DONE', startedAt, finishedAt, ...who, ...cost, ...none, repair } as const];
  });
}
