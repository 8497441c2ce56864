/** How fast the views are built from the log, and whether memory stays flat as the log grows. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { consumerOf } from '@creator-dashboards/projector/generations';
import { views } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { createFeed } from '@creator-dashboards/shared/feed';
import { systemClock } from '@creator-dashboards/shared/time';
import { fillLog } from './made-log.js';

const CREATORS = 1_000;
const BATCH = 10_000;
const TARGET = 40_000;
const MEMORY_TARGET = 1.5;

/** Events per second of the creator dashboard and of all views one after the other, over 1,000 creators. */
export async function benchCatchUp(events = 200_000): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'bench-catch-up-'));
  const log = openEventStore(join(place, 'events.db'));
  const reads = openReadStore(join(place, 'views.db'));
  try {
    await fillLog(log, events, CREATORS);
    const rates: string[] = [];
    for (const view of Object.values(views)) {
      const [seen, seconds] = await build(view, log, reads);
      rates.push(`${view.name} ${(seen / seconds).toFixed(0)}/s`);
    }
    console.log(`catch-up (target ${TARGET}/s for creatorDashboard)   ${rates.join('   ')}`);
  } finally {
    await log.close();
    await reads.close();
    rmSync(place, { recursive: true });
  }
}

async function build(view: View, log: ReturnType<typeof openEventStore>, reads: ReturnType<typeof openReadStore>) {
  const feed = createFeed({
    consumer: consumerOf(view, 'v1'),
    events: log,
    reads,
    clock: systemClock,
    owner: 'bench',
    batch: BATCH,
  });
  const began = performance.now();
  let seen = 0;
  for (let step = await feed.step(); step > 0; step = await feed.step()) seen += step;
  return [seen, (performance.now() - began) / 1_000] as const;
}

/** Peak memory of a process that builds the creator dashboards from 1 M events, compared with 100 k. Other processes write the logs. */
export function benchMemory(): void {
  const place = mkdtempSync(join(tmpdir(), 'bench-memory-'));
  try {
    const peaks = [100_000, 1_000_000].map((events) => {
      const folder = join(place, String(events));
      child('fill', folder, events);
      return child('build', folder, events);
    });
    const [small = 0, large = 0] = peaks;
    console.log(
      `memory   peak at 100 k events ${small} MB   at 1 M ${large} MB   ratio ${(large / small).toFixed(2)} (target ${MEMORY_TARGET})`,
    );
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
  const { mkdirSync } = await import('node:fs');
  mkdirSync(folder, { recursive: true });
  const log = openEventStore(join(folder, 'events.db'));
  const reads = openReadStore(join(folder, 'views.db'));
  if (role === 'fill') await fillLog(log, events, CREATORS);
  else {
    await build(views.creatorDashboard, log, reads);
    console.log(Math.round(process.resourceUsage().maxRSS / 1_024));
  }
  await log.close();
  await reads.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , role = '', folder = '', events = '0'] = process.argv;
  await main(role, folder, Number(events));
}
