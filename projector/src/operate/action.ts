/** What an operator decides is recorded in the log before it is done. */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import type { Accessor } from '@creator-dashboards/shared/access/record';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import type { EventStore, JobQueue, JsonObject, Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { Clock } from '@creator-dashboards/shared/time';

export interface OperatePorts extends Pick<AccessLog, 'record'> {
  readonly events: Pick<EventStore, 'head' | 'readAt' | 'readAll'>;
  readonly reads: ReadStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  /** How many processes build a view anew together; 1 unless given. */
  readonly rebuildWorkers?: number | undefined;
}

type Action = EventNamed<'ProjectionActionTaken'>['data'];

/** Throws where it cannot be recorded: then nothing is done. */
export function recordAction(
  { record }: OperatePorts,
  operator: Accessor,
  action: Pick<Action, 'action' | 'target'> & { readonly generation?: string; readonly details?: JsonObject },
): Promise<Position> {
  const data = { generation: null, details: {}, ...action } as Action;
  return record(operator, { type: 'ProjectionActionTaken', data });
}
