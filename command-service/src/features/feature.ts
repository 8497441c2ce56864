import type { Fold } from '@creator-dashboards/shared/fold';
import type { Route } from '@creator-dashboards/shared/http/route';
import type { ClockTask, TickerTask } from '../runtime/clock-task.js';
import type { Policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';

/** What one feature of commands adds to the service. */
export interface Feature {
  readonly routes: (service: CommandService) => readonly Route[];
  /** What people's browsers ask for, at the root of the site. */
  readonly pages?: (service: CommandService) => readonly Route[];
  readonly policies: readonly Policy[];
  readonly clockTasks: readonly ClockTask[];
  /** What looks again and again, beside the clock's tasks: it waits for none of them. */
  readonly watches?: readonly TickerTask[];
  readonly lookups: readonly Fold[];
}
