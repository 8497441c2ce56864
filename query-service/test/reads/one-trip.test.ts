import { openMongoReadStore } from '@creator-dashboards/shared/adapters/mongodb/read-store';
import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import type { Document, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { PATIENT_MS } from '@creator-dashboards/shared/testing/contract';
import { startMongoServer, type MongoServer } from '@creator-dashboards/shared/testing/mongodb-wire';
import { ALIASES, collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { views, type ViewName } from '@creator-dashboards/shared/views/registry';
import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { expect } from 'chai';
import { createBus } from '../../src/changes/bus.js';
import { createViewReader } from '../../src/reads/read.js';
import { config, dashboard, userId } from '@creator-dashboards/shared/testing/fixtures/documents';

describe('A dashboard on MongoDB', () => {
  let server: MongoServer;
  let reads: ReadStore;
  beforeEach(async () => {
    server = await startMongoServer();
    reads = await openMongoReadStore(`${server.url}/views`, { answerMs: PATIENT_MS });
  });
  afterEach(async () => {
    await reads.close();
    await server.close();
  });

  const put = (collection: string, document: object) =>
    reads.write(collection, [{ document: document as Document, expected: null }]);
  async function serve(view: ViewName, document: object): Promise<void> {
    await put(ALIASES, { _id: view, position: 300n, generation: 'v1' });
    await put(CHECKPOINTS, { _id: feedNameOf(view, 'v1'), position: 300n, eventId: 'the last event' });
    await put(collectionOf(view, 'v1'), document);
  }

  it('takes no trip to the store while nothing changes', async () => {
    await serve('creatorDashboard', dashboard({ avatarUrl: null }));
    await serve('config', config());
    const clock = createManualTime(); // no time passes, so nobody looks
    const reader = createViewReader({
      reads,
      bus: createBus({ reads, changes: createChanges(), clock, views }),
      events: { head: async () => 300n, readAt: async () => ({ id: 'the last event' }) as RecordedEvent },
      sealer: { open: async () => null, isErased: async () => false, forget: () => undefined },
      clock,
      views,
    });
    const read = () =>
      reader.answer(
        { header: () => undefined },
        {
          view: 'creatorDashboard',
          key: userId,
          withConfig: true,
          show:
            ({ document }) =>
            () =>
              document,
        },
      );
    await read();
    const before = server.commands.length;
    const answers = await Promise.all(Array.from({ length: 20 }, async () => read()));
    expect(answers.every(({ data }) => data !== null)).to.equal(true);
    expect(server.commands.slice(before)).to.deep.equal([]);
  });
});
