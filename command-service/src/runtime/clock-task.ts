/** Tasks of the clock, for what happens by the passing of time: expiries, ended vacations, erasures, unfinished commands. */
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Query, Range } from '@creator-dashboards/shared/ports';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { plus, SECOND, type Instant } from '@creator-dashboards/shared/time';
import { ownTurn } from '@creator-dashboards/shared/turns';
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
}

/** Run at every tick. Must be bounded, and safe to run again and in several processes at once. */
export interface TickerTask {
  readonly name: string;
  run(service: CommandService, now: Instant, stopping?: AbortSignal): Promise<ClockRun>;
}

const PAGE = 200;
/** Bounds of one run, in documents and in time. */
export const PER_RUN = 5 * PAGE;
export const RUN_MS = 10 * SECOND;

/**
 * The runner of one task. Each run continues after the last document of the run before, and starts over once all that is due was
 * done; `stopping` ends it after the current document. A document that fails delays no other and is tried again in the next round.
 * Throws StoreFailed at once, and what the look-up throws.
 */
export function createClockRunner(task: ClockTask): TickerTask['run'] {
  let after: Range['after'];

  return async (service, now, stopping) => {
    const { lookup, where, at: field } = task;
    const atMost = plus(now, -(task.afterMs ?? 0));
    const until = service.clock.monotonic() + RUN_MS;
    let [done, failed] = [0, 0];
    let fault: unknown;
    const isOver = () => done + failed >= PER_RUN || service.clock.monotonic() >= until || stopping?.aborted;
    for (;;) {
      const page = await service.lookups.find(lookup, { where, range: { field, atMost, after }, limit: PAGE });
      for (const document of page) {
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
        after = { value: document[field] as unknown as Instant, _id: document._id };
      }
      if (page.length === PAGE) continue;
      after = undefined;
      return { done, failed, fault };
    }
  };
}
