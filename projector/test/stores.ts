/** The stores of one test: a log that the test writes, and a real read store in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openKeyStore } from '@creator-dashboards/shared/adapters/sqlite/key-store';
import { devSecrets } from '@creator-dashboards/shared/process/secrets';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { openJobQueue } from '@creator-dashboards/shared/adapters/sqlite/job-queue';
import { createFeed, type Feed } from '@creator-dashboards/shared/feed';
import type { Consumer } from '@creator-dashboards/shared/feed/consumer';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { newId } from '@creator-dashboards/shared/ids';
import type { JobQueue, ReadStore } from '@creator-dashboards/shared/ports';
import { systemClock } from '@creator-dashboards/shared/time';
import { logOf, type GrowingLog } from '@creator-dashboards/shared/testing/log';

export interface TestStores {
  readonly folder: string;
  readonly events: GrowingLog;
  readonly reads: ReadStore;
  readonly queue: JobQueue;
  close(): Promise<void>;
}

export function openStores(): TestStores {
  const folder = mkdtempSync(join(tmpdir(), 'projector-'));
  const reads = openReadStore(join(folder, 'views.db'));
  const queue = openJobQueue(join(folder, 'views.db'), { pollMs: 5 });
  return {
    folder,
    events: logOf(),
    reads,
    queue,
    async close() {
      await queue.close();
      await reads.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Makes the stores that are missing in a folder, as a service does: the command line makes none. */
export async function completeStores(folder: string): Promise<void> {
  await openEventStore(join(folder, 'events.db')).close();
  await openReadStore(join(folder, 'views.db')).close();
  await openKeyStore(join(folder, 'keys.db'), [devSecrets.MASTER_KEY]).close();
}

/** A feed of a process that has just started, and takes every other process for dead. */
export function feedOf({ events, reads }: TestStores, consumer: Consumer): Feed {
  return createFeed({ consumer, events, reads, clock: systemClock, owner: newId(), isDead: () => true });
}

export function allIn(reads: ReadStore, collection: string): Promise<FoldedDocument[]> {
  return reads.find<FoldedDocument>(collection, { limit: 100_000 });
}

/** What a planner answered; throws where it planned nothing. */
export function planned<T>(plan: T | null): T {
  if (plan === null) throw new Error('nothing was planned');
  return plan;
}
