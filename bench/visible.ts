/** From an acknowledged append to a dashboard that shows it, in one process with every view's feed running. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consumerOf } from '@creator-dashboards/projector/generations';
import { views } from '@creator-dashboards/shared/views/registry';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { encode } from '@creator-dashboards/shared/events/index';
import { createFeed } from '@creator-dashboards/shared/feed';
import { creatorIdOf, newId } from '@creator-dashboards/shared/ids';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { fillLog } from './made-log.js';

const ROUNDS = 500;
const TARGET_MS = 5;

export async function benchVisible(): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'bench-visible-'));
  const log = openEventStore(join(place, 'events.db'));
  const reads = openReadStore(join(place, 'views.db'));
  const stop = new AbortController();
  try {
    const [userId = ''] = await fillLog(log, 1_000, 100);
    const feeds = Object.values(views).map((view) =>
      createFeed({ consumer: consumerOf(view, 'v1'), events: log, reads, clock: systemClock, owner: 'bench' }),
    );
    for (const feed of feeds) await feed.catchUp();
    const running = feeds.map((feed) => feed.run(stop.signal));
    const collection = collectionOf('creatorDashboard', 'v1');
    const stream = `creatorWallet-${userId}`;
    let revision = (await log.readStream(stream)).length - 1;
    const waits: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { schemaVersion: _, ...rest } = metadata({ keys: { userId, creatorId: creatorIdOf(userId) } });
      const event = { type: round % 2 ? ('WalletUnfrozen' as const) : ('WalletFrozen' as const), data: {} };
      const result = await log.append(stream, BigInt(revision), [encode(event, newId(), rest)]);
      if (!result.ok) throw new Error('the append met a conflict');
      revision += 1;
      const acknowledged = performance.now();
      while (((await reads.get(collection, userId))?.position ?? 0n) < result.position)
        await new Promise((resolve) => setImmediate(resolve));
      waits.push(performance.now() - acknowledged);
    }
    stop.abort();
    await Promise.all(running);
    waits.sort((a, b) => a - b);
    const at = (share: number) => (waits[Math.floor(waits.length * share)] ?? NaN).toFixed(2);
    console.log(
      `visible  append acknowledged -> dashboard   p50 ${at(0.5)} ms (target ${TARGET_MS})   p99 ${at(0.99)} ms`,
    );
  } finally {
    stop.abort();
    await log.close();
    await reads.close();
    rmSync(place, { recursive: true });
  }
}
