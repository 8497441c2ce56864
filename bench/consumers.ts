/** How fast views are built from the whole log: all of them at once in one process, beside one of them alone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProjector } from '@creator-dashboards/projector/projector';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { connect } from '@creator-dashboards/shared/process/connect';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { fillLog } from './made-log.js';
import { compare, measured } from './pairs.js';

const CREATORS = 1_000;
/** Rarely enough that looking costs nothing: it asks each view. */
const LOOK_MS = 50;

/** False where all of them together are slower than they may be. */
export async function benchConsumers(events = 40_000): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-consumers-'));
  const log = openEventStore(join(place, 'events.db'));
  try {
    await fillLog(log, events, CREATORS);
    const { creatorDashboard } = views;
    const building = (some: ViewRegistry) => () =>
      measured(async () => ({ count: await buildFromNothing(some, log, events), digest: '' }));
    return await compare({
      name: `Catch-up of all ${Object.keys(views).length} views together, against the creator dashboard alone`,
      ...{ floor: 0.3, goal: 0.6, pairs: 7, base: building({ creatorDashboard }), ours: building(views) },
    });
  } finally {
    await log.close();
    rmSync(place, { recursive: true });
  }
}

/** Runs a projector on an empty read store until each of these views is at the head of the log. Returns `count`, the log's events. */
export async function buildFromNothing(some: ViewRegistry, events: EventStore, count: number): Promise<number> {
  const place = mkdtempSync(join(tmpdir(), 'bench-views-'));
  const stores = await connect(readEnvironment({ DATA_DIR: place }));
  const projector = createProjector({ ...stores, events, clock: systemClock, views: some, owner: 'bench' });
  try {
    await projector.start();
    while (!(await projector.ready()).ready) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    return count;
  } finally {
    await projector.stop();
    await stores.close();
    rmSync(place, { recursive: true });
  }
}
