/** Workers of a rebuild on EventStoreDB: each is sent its share of the log, and together they make what one makes. */
import { openEventStoreDb } from '@creator-dashboards/shared/adapters/eventstoredb/event-store';
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import { PATIENT_MS } from '@creator-dashboards/shared/testing/contract';
import { startEventStoreServer, type EventStoreServer } from '@creator-dashboards/shared/testing/eventstoredb-wire';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { openHelp } from '../../src/rebuild/help.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { openRebuild, type RebuildRun } from '../../src/rebuild/run.js';
import { messagesInTurn } from '../messages-in-turn.js';
import { allIn, openStores, planned } from '../stores.js';
import { mailbox, toyViews } from '../toy-views.js';

const CREATORS = 32;
const EACH = 6;
const BATCH = 20;
const { story } = messagesInTurn(CREATORS, EACH);

describe('The workers of a rebuild on EventStoreDB', () => {
  let server: EventStoreServer;
  let log: EventStore;
  beforeEach(async () => {
    server = await startEventStoreServer();
    server.preload(story.map(({ id, metadata, ...event }) => ({ ...event, metadata: { ...metadata, eventId: id } })));
    log = await openEventStoreDb(server.url, { answerMs: PATIENT_MS });
  });
  afterEach(async () => {
    await log.close();
    await server.close();
  });

  /** Rebuilt by so many: the documents as text, and how many events were sent to each worker. */
  async function rebuiltBy(workers: number): Promise<{ texts: string[]; sent: number[] }> {
    const stores = openStores();
    const opened = await Promise.all(
      Array.from({ length: workers }, () => openEventStoreDb(server.url, { answerMs: PATIENT_MS })),
    );
    const sent = opened.map(() => 0);
    const ports = opened.map((events, n) => ({
      ...{ ...stores, clock: systemClock, views: toyViews, owner: `worker ${n}`, batch: BATCH },
      events: {
        ...events,
        async readAll(options: Parameters<EventStore['readAll']>[0]) {
          const page = await events.readAll(options);
          sent[n] = (sent[n] ?? 0) + page.length;
          return page;
        },
      },
    }));
    try {
      const what = { ...stores, events: log, clock: systemClock, rebuildWorkers: workers };
      const { _id, generation } = planned(await planRebuild(what, mailbox));
      const runs = ports.map((port, n) => (n === 0 ? openRebuild(port, _id) : openHelp(port, _id, n)));
      await toTheEnd((await Promise.all(runs)).map(planned));
      return { texts: await textsIn(stores.reads, collectionOf(mailbox.name, generation)), sent };
    } finally {
      await Promise.all(opened.map((events) => events.close()));
      await stores.close();
    }
  }

  it('give the same documents byte for byte, one, 4 or 16 of them', async () => {
    const [one, four, sixteen] = [await rebuiltBy(1), await rebuiltBy(4), await rebuiltBy(16)];
    expect(one.texts).to.have.length(CREATORS);
    expect(four.texts).to.deep.equal(one.texts);
    expect(sixteen.texts).to.deep.equal(one.texts);
  });

  it('are each sent their share, and beyond its last event a page of the others', async () => {
    const { sent } = await rebuiltBy(4);
    const tail = CREATORS + BATCH;
    sent.forEach((events, share) => {
      const isMine = ({ stream }: { readonly stream: string }) => parseInt(stream.slice(-2), 16) >> 6 === share;
      const mine = story.filter(isMine).length;
      expect(mine, `events of share ${share}`).to.be.above(EACH);
      expect(events, `sent to worker ${share}`).to.be.within(mine, mine + tail);
    });
  });
});

/** Steps them in turn until all have ended. */
async function toTheEnd(workers: readonly RebuildRun[]): Promise<void> {
  const open = new Set(workers);
  while (open.size > 0)
    for (const worker of open) {
      if ((await worker.step()).next !== 'ended') continue;
      open.delete(worker);
      await worker.release();
    }
}

/** Every document as text, with the order of its fields. */
async function textsIn(reads: ReadStore, collection: string): Promise<string[]> {
  return (await allIn(reads, collection)).map((document) =>
    JSON.stringify(document, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );
}
