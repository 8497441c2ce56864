/** What time alone brings about: expiries, ended vacations, erasures, unfinished commands. */
import type { Instant } from '@creator-dashboards/shared/time';
import type { CommandService } from './service.js';

export interface ClockTask {
  readonly name: string;
  /** Handles what was due at `now`, a bounded number; answers how many. Safe to run again and by several processes. */
  run(service: CommandService, now: Instant): Promise<number>;
}

/** A command between two streams that is still open after this was interrupted: it is closed, then undone (domain 9.2). */
export const UNFINISHED_AFTER_MS = 60_000;

/** Does what is due, one after the other. What fails is tried again at the next tick, keeps nothing else waiting, and is thrown at the end. */
export async function eachDue<T>(due: readonly T[], act: (item: T) => Promise<unknown>): Promise<number> {
  const faults: unknown[] = [];
  for (const item of due) await act(item).catch((fault: unknown) => faults.push(fault));
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} of ${due.length} failed`);
  return due.length;
}
