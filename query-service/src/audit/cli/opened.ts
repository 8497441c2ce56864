/** What the auditor's commands work on. */
import { withStores, type Opened, type Surroundings } from '@creator-dashboards/shared/command-line/frame';
import type { EventStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { isDeadProcess, processName } from '@creator-dashboards/shared/process/process-name';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';
import { systemClock } from '@creator-dashboards/shared/time';
import type { Heads } from '../heads.js';
import { openAudit } from '../open.js';

/** Where a command runs, with what only the writers of the log know. */
export interface AuditIo extends Surroundings {
  readonly views: Readonly<Record<ViewName, View>>;
  /** What is wrong with the snapshot that an event carries, or null. */
  readonly snapshotFault: (events: Pick<EventStore, 'readStream'>, event: RecordedEvent) => Promise<string | null>;
}

export interface OpenedAudit extends Opened {
  readonly heads: Heads;
  /** Indexes what no running service has indexed yet. */
  catchUp(): Promise<void>;
}

/** Opens the stores; see the frame's `withStores`. `trusted`: public keys of before, in hex. */
export function withAudit(
  surroundings: Surroundings,
  options: { json?: boolean; trusted?: readonly string[] },
  work: (opened: OpenedAudit) => Promise<boolean>,
): Promise<boolean> {
  return withStores(surroundings, options, async (opened) => {
    const process = { clock: systemClock, owner: processName(), isDead: isDeadProcess };
    const { heads, indexer } = openAudit({ ...opened, ...process }, options.trusted);
    try {
      return await work({ ...opened, heads, catchUp: indexer.catchUp });
    } finally {
      await indexer.stop();
    }
  });
}
