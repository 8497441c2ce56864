/** What the audit's index costs the dashboards: from an acknowledged append to a dashboard that shows it, with and without it beside. */
import { consumerOf } from '@creator-dashboards/projector/generations';
import { createHeads } from '@creator-dashboards/query-service/audit/heads';
import { createIndexer } from '@creator-dashboards/query-service/audit/indexer';
import { headKeys } from '@creator-dashboards/query-service/audit/signing';
import { encode } from '@creator-dashboards/shared/events/index';
import { createFeed } from '@creator-dashboards/shared/feed';
import { creatorIdOf, newId } from '@creator-dashboards/shared/ids';
import { connect, type Stores } from '@creator-dashboards/shared/process/connect';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { views } from '@creator-dashboards/shared/views/registry';
import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillLog } from './made-log.js';
import { compare, withCpu, type Measured } from './pairs.js';

const ROUNDS = 300;
/** An append may be visible 1.2 times as late. */
const FLOOR = 1 / 1.2;

export async function benchVisibleWithIndex(): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-audit-visible-'));
  const stores = await connect(readEnvironment({ DATA_DIR: place }));
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every feed listens
  const { events, reads } = stores;
  try {
    const [userId = ''] = await fillLog(events, 1_000, 100);
    const feeds = Object.values(views).map((view) =>
      createFeed({ consumer: consumerOf(view, 'v1'), events, reads, clock: systemClock, owner: 'bench' }),
    );
    for (const feed of feeds) await feed.catchUp();
    const running = feeds.map((feed) => feed.run(stop.signal));
    const base = () => measured(stores, userId);
    await base(); // warm
    const holds = await compare({
      ...{ name: 'Audit: append to visible with the index beside, against without', floor: FLOOR, goal: 1, base },
      ours: () => indexing(stores, base),
    });
    stop.abort();
    await Promise.all(running);
    return holds;
  } finally {
    stop.abort();
    await stores.close();
    rmSync(place, { recursive: true });
  }
}

/** Does this while an indexer is at the head of the log, and goes on with it. */
async function indexing(stores: Stores, work: () => Promise<Measured>): Promise<Measured> {
  const ports = { ...stores, index: stores.audit, clock: systemClock };
  const heads = createHeads({ ...ports, keys: headKeys([]) });
  const indexer = createIndexer({ ...ports, owner: newId(), heads });
  await indexer.catchUp();
  indexer.start((error) => console.error(error));
  const result = await work();
  await indexer.stop();
  return result;
}

async function measured({ events, reads }: Stores, userId: string): Promise<Measured> {
  const collection = collectionOf('creatorDashboard', 'v1');
  const stream = `creatorWallet-${userId}`;
  let revision = (await events.readStream(stream, { direction: 'backwards', limit: 1 }))[0]?.revision ?? 0n;
  let waited = 0;
  const { cpuUs } = await withCpu(async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { schemaVersion: _, ...rest } = metadata({ keys: { userId, creatorId: creatorIdOf(userId) } });
      const event = { type: round % 2 ? ('WalletUnfrozen' as const) : ('WalletFrozen' as const), data: {} };
      const result = await events.append(stream, revision, [encode(event, newId(), rest)]);
      if (!result.ok) throw new Error('the append met a conflict');
      revision += 1n;
      const acknowledged = performance.now();
      while (((await reads.get(collection, userId))?.position ?? 0n) < result.position)
        await new Promise((resolve) => setImmediate(resolve));
      waited += performance.now() - acknowledged;
    }
  });
  return { perSecond: (ROUNDS * 1_000) / waited, cpuUs: cpuUs / ROUNDS, digest: '' };
}
