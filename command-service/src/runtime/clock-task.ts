/** Tasks of the clock, for what happens by the passing of time: expiries, ended vacations, erasures, unfinished commands. */
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Query, Range } from '@creator-dashboards/shared/ports';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { fromInstant, MINUTE, plus, SECOND, type Instant } from '@creator-dashboards/shared/time';
import { ownTurn } from '@creator-dashboards/shared/turns';
import { lookupCollection } from './lookups.js';
import type { CommandService } from './service.js';

/** What is due, as documents of a look-up, and what is then done for each. */
export interface ClockTask<D extends FoldedDocument = FoldedDocument> {
  readonly name: string;
  readonly lookup: Fold<D>;
  /** Which documents wait for a time. */
  readonly where: NonNullable<Query['where']>;
  /** Their field with that time. */
  readonly at: Extract<keyof D, string>;
  /** How long after that time they are due; default 0. */
  readonly afterMs?: number;
  /** Does what is due for one document. Must be safe to run again and in several processes at once; a refusal is a valid outcome. */
  act(service: CommandService, document: D, now: Instant): Promise<unknown>;
}

/** Types a task by its look-up's document, then erases that type, so that all tasks fit one list. */
export function clockTask<D extends FoldedDocument>(task: ClockTask<D>): ClockTask {
  return task as unknown as ClockTask; // safe: `act` is only given documents of `lookup`
}

/** A command between two streams that is still open after this was interrupted: it is closed, then undone (domain 9.2). */
export const UNFINISHED_AFTER_MS = 60_000;

/** What became of the due documents in one run. */
export interface ClockRun {
  readonly done: number;
  readonly failed: number;
  /** The first error. */
  readonly fault?: unknown;
  /** Nothing is due for so long, as far as this process knows. */
  readonly restMs?: number;
}

/** How long a task may rest for which another process may write what is due. */
export const REST_MS = 10 * SECOND;

/** Run at a tick, unless it rests. Must be bounded, and safe to run again and in several processes at once. */
export interface TickerTask {
  readonly name: string;
  /** A write of this process to one of these collections ends its rest. */
  readonly wokenBy?: readonly string[];
  run(service: CommandService, now: Instant, stopping?: AbortSignal): Promise<ClockRun>;
}

const PAGE = 200;
/** Bounds of one run, in documents and in time. */
export const PER_RUN = 5 * PAGE;
export const RUN_MS = 10 * SECOND;

/** A task of the clock as the ticker runs it: it rests until its next document is due. */
export function tickerTask(task: ClockTask): TickerTask {
  return { name: task.name, wokenBy: [lookupCollection(task.lookup)], run: createClockRunner(task) };
}

/**
 * The runner of one task. Each run continues after the last document of the run before, and starts over once all that is due was
 * done; `stopping` ends it after the current document. A document that fails delays no other and is tried again in the next round.
 * Throws StoreFailed at once, and what the look-up throws.
 */
export function createClockRunner(task: ClockTask): TickerTask['run'] {
  let after: Range['after'];

  return async (service, now, stopping) => {
    const { lookup, where, at: field } = task;
    const dueAt = plus(now, -(task.afterMs ?? 0));
    const until = service.clock.monotonic() + RUN_MS;
    let [done, failed] = [0, 0];
    let fault: unknown;
    const isWhole = after === undefined;
    /** What was done, or was before `after`, may be due still. */
    const ended = (restMs: number): ClockRun => {
      after = undefined;
      return { done, failed, fault, ...(isWhole && done + failed === 0 && { restMs }) };
    };
    const isOver = () => done + failed >= PER_RUN || service.clock.monotonic() >= until || stopping?.aborted;
    for (;;) {
      const range = { field, atMost: plus(dueAt, REST_MS), after };
      const page = await service.lookups.find(lookup, { where, range, limit: PAGE });
      for (const document of page) {
        const at = document[field] as unknown as Instant;
        if (at > dueAt) return ended(fromInstant(at) - fromInstant(dueAt));
        if (isOver()) return { done, failed, fault };
        await ownTurn();
        try {
          await task.act(service, document, now);
          done += 1;
        } catch (error) {
          if (error instanceof StoreFailed) throw error;
          if (failed === 0) fault = error;
          failed += 1;
        }
        after = { value: at, _id: document._id };
      }
      if (page.length < PAGE) return ended(REST_MS);
    }
  };
}

/** Deletes what is over: documents of which this field, a time, is so long ago. A bounded number in each run. */
export function forgetting(name: string, collection: string, field: string, keptMs = 0): TickerTask {
  return {
    name,
    async run({ reads }, now) {
      const done = await reads.deleteUpTo(collection, { field, atMost: plus(now, -keptMs) }, PER_RUN);
      return { done, failed: 0, ...(done === 0 && { restMs: MINUTE }) };
    },
  };
}
