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
