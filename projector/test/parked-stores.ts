/** Stores with one mailbox that is parked at the second event of the log, and the command line on them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { createFeed, type Feed } from '@creator-dashboards/shared/feed';
import { actingConsumer } from '@creator-dashboards/shared/feed/consumer';
import { newId } from '@creator-dashboards/shared/ids';
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import { delivered, replied, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { systemClock } from '@creator-dashboards/shared/time';
import { runOn, type Run } from './command-line.js';
import { consumerOf, moveAlias } from '../src/generations.js';
import { completeStores } from './stores.js';
import { answeredElsewhere, mailbox, toyViews, withBrokenArrivals } from './toy-views.js';

export interface ParkedStores {
  readonly folder: string;
  readonly events: EventStore;
  readonly reads: ReadStore;
  /** A feed of a process that has just started, by default of the served generation. */
  feedOf(consumer?: ReturnType<typeof consumerOf>): Feed;
  /** The feed of "policy.greet", which notes the types of the events that it acts on. */
  policyFeed(acted: string[]): Feed;
  run(...args: string[]): Promise<Run>;
  close(): Promise<void>;
}

/** Position 1 is a message sent, 2 its broken arrival, 3 an answer of another creator, 4 the answer that is held. */
export async function openParkedStores(): Promise<ParkedStores> {
  const folder = mkdtempSync(join(tmpdir(), 'projector-parked-'));
  await completeStores(folder);
  const events = openEventStore(join(folder, 'events.db'));
  const reads = openReadStore(join(folder, 'views.db'));
  const starting = { events, reads, clock: systemClock, isDead: () => true };
  const log = withBrokenArrivals(history([sent(), delivered(), answeredElsewhere, replied()]));
  for (const { stream, id, type, data, metadata, revision } of log)
    await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
  const stores: ParkedStores = {
    ...{ folder, events, reads },
    feedOf: (consumer = consumerOf(mailbox, 'v1')) => createFeed({ ...starting, consumer, owner: newId() }),
    policyFeed(acted) {
      const consumer = actingConsumer({
        name: 'policy.greet',
        types: ['MessageDelivered', 'MessageReplied'],
        keyOf: ({ metadata: { keys } }) => keys.creatorUserId,
        act: async ({ type }) => void acted.push(type),
      });
      return createFeed({ ...starting, consumer, owner: newId(), startAt: 0n });
    },
    run: (...args) => runOn({ folder, views: toyViews }, ...args),
    async close() {
      await events.close();
      await reads.close();
      rmSync(folder, { recursive: true });
    },
  };
  await stores.feedOf().catchUp();
  await moveAlias(reads, mailbox.name, null, { generation: 'v1', position: 0n });
  return stores;
}
