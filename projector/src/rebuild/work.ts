/** What a rebuild has done so far, over all its workers, and how far that is. */
import type { JsonObject, Position } from '@creator-dashboards/shared/ports';
import { estimateOf, withSample, type Estimate, type Sample } from './estimate.js';

export interface Work {
  /** Events read by its workers. Those of a batch whose worker died are counted when they are read again. */
  readonly events: number;
  /** How many workers folded its documents when last reported, and at most at once. */
  readonly workers: number;
  readonly mostWorkers: number;
  /** Events from there to the head of the log when last reported, perhaps an estimate; null before the first report. */
  readonly left: number | null;
  /** Documents of the candidate when last counted, every few seconds. */
  readonly documents: number;
  /** How long it takes, about, to store what is in memory, after the last event. */
  readonly msToStore: number;
  /** How long workers were at it: without pauses, and without the time in which nobody was. */
  readonly ms: number;
  readonly samples: readonly Sample[];
}

export const NO_WORK: Work = {
  events: 0,
  workers: 0,
  mostWorkers: 0,
  left: null,
  documents: 0,
  msToStore: 0,
  ms: 0,
  samples: [{ events: 0, ms: 0 }],
};

/** The work after so many more events and so much more time. */
export function withWork(
  { events, ms, samples, ...rest }: Work,
  more: { readonly seen: number; readonly ms: number } & Partial<
    Pick<Work, 'left' | 'documents' | 'msToStore' | 'workers'>
  >,
): Work {
  const { seen, ms: moreMs, ...reported } = more;
  const sample = { events: events + seen, ms: ms + moreMs };
  const mostWorkers = Math.max(rest.mostWorkers, more.workers ?? 0);
  return { ...rest, ...reported, ...sample, mostWorkers, samples: seen > 0 ? withSample(samples, sample) : samples };
}

/** What a plan's progress is told by: to operators, as job progress, in metrics. */
export interface Progress extends Readonly<Record<keyof Estimate, number | null>> {
  readonly eventsDone: number;
  /** Null before the first report of a worker. */
  readonly eventsTotal: number | null;
  /** 0 to 1, by events, or before the first report by position in the log. */
  readonly part: number;
  readonly documents: number;
  /** How many work on it; 0 before the first report. */
  readonly workers: number;
}

interface Worked {
  readonly state: string;
  readonly work: Work;
  readonly position: Position;
  readonly head: string;
}

export function progressOf({ state, work, position, head }: Worked): Progress {
  const { events, left, documents, workers, msToStore, samples } = work;
  const estimate = left === null ? null : estimateOf(samples, left, msToStore);
  const total = left === null ? null : events + left;
  const [done, end] = total === null ? [Number(position), Number(head)] : [events, total];
  return {
    eventsDone: events,
    eventsTotal: total,
    // A rollback to a generation that is fed is done without any work.
    part: state === 'DONE' || end <= 0 ? 1 : Math.min(1, done / end),
    documents,
    workers,
    eventsPerSecond: rounded(estimate?.eventsPerSecond),
    secondsLeft: rounded(estimate?.secondsLeft),
    secondsLeftFrom: rounded(estimate?.secondsLeftFrom),
    secondsLeftTo: rounded(estimate?.secondsLeftTo),
  };
}

/** The same for a job, its worker and a program. */
export function reportOf(plan: Worked): JsonObject {
  const { state, position, head } = plan;
  return { state, position: position.toString(), head, ...progressOf(plan) };
}

/** To a hundredth. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 100) / 100;
}
