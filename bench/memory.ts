/** Whether memory stays flat as the log grows: the peak of a process that builds the creator dashboards. Other processes write the logs. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { consumerOf } from '@creator-dashboards/projector/generations';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { createFeed } from '@creator-dashboards/shared/feed';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { holds } from './figures.js';
import { fillLog } from './made-log.js';

const CREATORS = 1_000;
const BATCH = 10_000;
const SMALLER = 10;

/** `events` of the log; compared with a tenth of it. False where memory grows with the log. */
export function benchMemory(events = 500_000): boolean {
  const place = mkdtempSync(join(tmpdir(), 'bench-memory-'));
  try {
    const [small = 0, large = 0] = [events / SMALLER, events].map((count) => {
      const folder = join(place, String(count));
      child('fill', folder, count);
      return child('build', folder, count);
    });
    return holds({
      name: `Peak memory of a catch-up, ${events} events against a tenth`,
      ...{ value: large / small, most: 1.5, goal: 1.2, unit: 'x', beside: `${large} MB of ${small} MB` },
    });
  } finally {
    rmSync(place, { recursive: true });
  }
}

function child(role: 'fill' | 'build', folder: string, events: number): number {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), role, folder, String(events)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the ${role} process failed: ${stderr}`);
  return Number(stdout.trim() || 0);
}

async function main(role: string, folder: string, events: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const log = openEventStore(join(folder, 'events.db'));
  const reads = openReadStore(join(folder, 'views.db'));
  if (role === 'fill') await fillLog(log, events, CREATORS);
  else {
    const consumer = consumerOf(views.creatorDashboard, 'v1');
    const feed = createFeed({ consumer, events: log, reads, clock: systemClock, owner: 'bench', batch: BATCH });
    while ((await feed.step()) > 0);
    console.log(Math.round(process.resourceUsage().maxRSS / 1_024));
  }
  await log.close();
  await reads.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , role = '', folder = '', events = '0'] = process.argv;
  await main(role, folder, Number(events));
}
