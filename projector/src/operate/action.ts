/** What an operator decides is recorded in the log before it is done. */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import type { Accessor } from '@creator-dashboards/shared/access/record';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import type { EventStore, JobQueue, JsonObject, Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import type { Clock } from '@creator-dashboards/shared/time';
import { whoIs, type Who } from '../rebuild/acts.js';

export interface OperatePorts extends Pick<AccessLog, 'record'> {
  readonly events: Pick<EventStore, 'head' | 'readAt' | 'readAll'>;
  readonly reads: ReadStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  /** For the reasons that plans keep. */
  readonly sealer: Pick<Sealer, 'seal' | 'open'>;
  /** How many processes build a view anew together; 1 unless given. */
  readonly rebuildWorkers?: number | undefined;
}

type Action = EventNamed<'ProjectionActionTaken'>['data'];

/** Its place in the log, and who decided it as plans keep it. Throws where it cannot be recorded: then nothing is done. */
export async function recordAction(
  { record, sealer }: OperatePorts,
  operator: Accessor,
  action: Pick<Action, 'action' | 'target'> & { readonly generation?: string; readonly details?: JsonObject },
): Promise<{ readonly position: Position; readonly who: Who }> {
  const data = { generation: null, details: {}, ...action } as Action;
  const who = await whoIs(sealer, operator);
  return { position: await record(operator, { type: 'ProjectionActionTaken', data }), who };
}
