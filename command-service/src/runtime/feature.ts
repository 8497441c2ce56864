import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Route } from '@creator-dashboards/shared/http/route';
import type { ClockTask } from './clock-task.js';
import type { Policy } from './policy.js';
import type { CommandService } from './service.js';

/** What one feature of commands adds to the service. */
export interface Feature {
  readonly routes: (service: CommandService) => readonly Route[];
  readonly policies: readonly Policy[];
  readonly clockTasks: readonly ClockTask[];
  readonly lookups: readonly AnyFold[];
}

/** A fold of any document: a list of folds only runs them, it never reads what they hold. */
export type AnyFold = Fold<FoldedDocument>;

export function anyFold<D extends FoldedDocument>(fold: Fold<D>): AnyFold {
  return fold as unknown as AnyFold; // safe: a fold is only ever given documents that it made itself
}
