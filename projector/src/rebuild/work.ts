/** What a rebuild has done so far, over all its workers, and how far that is. */
import type { JsonObject, Position } from '@creator-dashboards/shared/ports';
import {
  eachOf,
  estimateOf,
  lateOf,
  NO_COST,
  plus,
  sumOf,
  withSample,
  type Cost,
  type Estimate,
  type Phases,
} from './estimate.js';

export interface Work {
  /** Events read by its workers. Those of a batch whose worker died are counted when they are read again. */
  readonly events: number;
  /** How many workers folded its documents when last reported, and at most at once. */
  readonly workers: number;
  readonly mostWorkers: number;
  /** Events from there to the head of the log when last reported, perhaps an estimate; null before the first report. */
  readonly left: number | null;
  /** Documents that will be written, and compared at the gate, when last reported: estimates. */
  readonly toStore: number;
  readonly toCompare: number;
  /** Documents of the candidate when last counted, every few seconds. */
  readonly documents: number;
  /** How long workers were at it: without pauses, and without the time in which nobody was. */
  readonly ms: number;
  /** What it took the worker that has the plan to write documents, and to compare them. */
  readonly store: Cost;
  readonly compare: Cost;
  /** What it took to fold, as sums since the beginning, thinned out. */
  readonly folded: readonly Cost[];
  readonly before: Before;
}

/** Milliseconds that a unit of each phase took; null where nothing tells. */
export type Costs = Phases<number | null>;

/** What was known when it was planned: the costs of the rebuild before, and the documents of what was served, 0 where nothing was. */
export interface Before extends Costs {
  readonly documents: number;
}

export const NO_COSTS: Costs = { fold: null, store: null, compare: null };

export const NO_WORK: Work = {
  events: 0,
  workers: 0,
  mostWorkers: 0,
  left: null,
  toStore: 0,
  toCompare: 0,
  documents: 0,
  ms: 0,
  store: NO_COST,
  compare: NO_COST,
  folded: [NO_COST],
  before: { ...NO_COSTS, documents: 0 },
};

/** What was done since the last report: time, of which `storing` and `comparing` took theirs, and events. */
export interface Done extends Partial<Pick<Work, 'left' | 'toStore' | 'toCompare' | 'documents' | 'workers'>> {
  readonly seen: number;
  readonly ms: number;
  readonly storing?: Cost;
  readonly comparing?: Cost;
}

/** The work after that. */
export function withWork(
  before: Work,
  { seen, ms: more, storing = NO_COST, comparing = NO_COST, ...reported }: Done,
): Work {
  const { events, folded, ...work } = { ...NO_WORK, ...before }; // A rebuild under way may have been begun by older code.
  const store = plus(work.store, storing);
  const compare = plus(work.compare, comparing);
  const ms = work.ms + more;
  const sample = { units: events + seen, ms: ms - store.ms - compare.ms };
  return {
    ...work,
    ...reported,
    ...{ ms, store, compare },
    events: sample.units,
    mostWorkers: Math.max(work.mostWorkers, reported.workers ?? 0),
    folded: seen > 0 ? withSample(folded, sample) : folded,
  };
}

/** What a unit of each phase took, to foretell the next rebuild by. */
export function costsOf(work: Work): Costs {
  const { folded, store, compare } = { ...NO_WORK, ...work };
  const fold = sumOf(lateOf(folded));
  return { fold: fold && eachOf(fold), store: eachOf(store), compare: eachOf(compare) };
}

/** What each phase took; what is written and compared is told by the worker that has the plan. */
export function phasesTaken(work: Work): Phases<Cost> {
  const { folded, store, compare } = { ...NO_WORK, ...work };
  return { fold: folded.at(-1) ?? NO_COST, store, compare };
}

/** Documents of what was served when it was planned; 0 where nothing was, or where the plan is of older code. */
export function documentsBefore(work: Work): number {
  return { ...NO_WORK.before, ...work.before }.documents;
}

/** States of a plan whose time is foretold. */
const GOES_ON = ['RUNNING', 'CAUGHT_UP', 'PAUSED'];

/** What a plan's progress is told by: to operators, as job progress, in metrics. */
export interface Progress extends Readonly<Record<keyof Estimate, number | null>> {
  readonly eventsDone: number;
  /** Null before the first report of a worker. */
  readonly eventsTotal: number | null;
  /** 0 to 1: of its whole time, as estimated; where there is no estimate by events, or before the first report by position in the log. */
  readonly part: number;
  readonly documents: number;
  /** How many work on it; 0 before the first report. */
  readonly workers: number;
  readonly eventsPerSecond: number | null;
}

interface Worked {
  readonly state: string;
  readonly work: Work;
  readonly position: Position;
  readonly head: string;
}

export function progressOf({ state, work: reported, position, head }: Worked): Progress {
  const work = { ...NO_WORK, ...reported };
  const { events, left, documents, workers, ms, folded } = work;
  const estimate = left === null || !GOES_ON.includes(state) ? null : estimateOf(phasesOf(work, left));
  const late = sumOf(lateOf(folded, left ?? undefined));
  const total = left === null ? null : events + left;
  const [done, end] = estimate
    ? [ms, ms + estimate.secondsLeft * 1_000]
    : total === null
      ? [Number(position), Number(head)]
      : [events, total];
  return {
    eventsDone: events,
    eventsTotal: total,
    // A rollback to a generation that is fed is done without any work.
    part: state === 'DONE' || end <= 0 ? 1 : Math.min(1, done / end),
    documents,
    workers,
    eventsPerSecond: rounded(late && (late.units / late.ms) * 1_000),
    secondsLeft: rounded(estimate?.secondsLeft),
    secondsLeftFrom: rounded(estimate?.secondsLeftFrom),
    secondsLeftTo: rounded(estimate?.secondsLeftTo),
  };
}

/** Workers write documents at once, each those of its own windows. */
function phasesOf({ events, folded, store, toStore, compare, toCompare, workers, before }: Work, left: number) {
  const once = { late: [store], done: store.units, left: toStore / Math.max(1, workers), before: before.store };
  return {
    fold: { late: lateOf(folded, left), done: events, left, before: before.fold },
    store: once,
    compare: { late: [compare], done: compare.units, left: toCompare, before: before.compare },
  };
}

/** The same for a job, its worker and a program. */
export function reportOf(plan: Worked): JsonObject {
  const { state, position, head } = plan;
  return { state, position: position.toString(), head, ...progressOf(plan) };
}

/** To a hundredth. */
function rounded(value: number | null | undefined): number | null {
  return value === undefined || value === null ? null : Math.round(value * 100) / 100;
}
