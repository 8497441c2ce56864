import type { Fold } from '@creator-dashboards/shared/fold';
import type { Route } from '@creator-dashboards/shared/http/route';
import type { ClockTask } from '../runtime/clock-task.js';
import type { Policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';

/** What one feature of commands adds to the service. */
export interface Feature {
  readonly routes: (service: CommandService) => readonly Route[];
  /** What people's browsers ask for, at the root of the site. */
  readonly pages?: (service: CommandService) => readonly Route[];
  readonly policies: readonly Policy[];
  readonly clockTasks: readonly ClockTask[];
  readonly lookups: readonly Fold[];
}
