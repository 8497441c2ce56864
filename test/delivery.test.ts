/**
 * Events are delivered at least once. Delivering any of them again, to any consumer, changes nothing (design rule 6,
 * domain 9.3).
 */
import { features } from '@creator-dashboards/command-service/features/features';
import { lookupCollection } from '@creator-dashboards/command-service/runtime/lookups';
import { consumerOf, generationOf } from '@creator-dashboards/projector/generations';
import { views } from '@creator-dashboards/shared/views/registry';
import type { Stores } from '@creator-dashboards/shared/process/connect';
import { decode } from '@creator-dashboards/shared/events/index';
import { createFeed } from '@creator-dashboards/shared/feed';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { digestOf } from '@creator-dashboards/shared/fold';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { processName } from '@creator-dashboards/shared/process/process-name';
import type { Foundation } from '@creator-dashboards/shared/process/service';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStoryClock } from '../demo/clock.js';
import { STORY_LENGTH, tellStory } from '../demo/story.js';
import { createSystem } from '../system.js';
import { documentsIn, servedCollections } from './support/documents.js';
import { testFoundation } from './support/in-process.js';
import { readLog } from './support/invariants.js';

describe('Redelivering events', function () {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-'));
  const clock = createStoryClock();
  let foundation: Foundation;
  let stores: Stores;
  let log: RecordedEvent[];
  let digests: Record<string, string>;

  /** A process that has just started: it remembers nothing. */
  const start = () =>
    createSystem({ ...foundation, owner: processName(), metrics: createMetrics({ processMetrics: false }) });

  before(async () => {
    foundation = await testFoundation({ DATA_DIR: folder }, { clock });
    stores = foundation.stores;
    const began = Date.now() - STORY_LENGTH;
    clock.goTo(began);
    const system = start();
    await system.commands.unlock();
    await system.catchUp();
    await tellStory(system.commands, clock, began);
    await system.catchUp();
    log = await readLog(stores.events);
    digests = await allDigests();
  });
  after(async () => {
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Of every served view and every look-up. */
  async function allDigests(): Promise<Record<string, string>> {
    const lookups = features.flatMap((feature) => feature.lookups.map(lookupCollection));
    const collections = [...(await servedCollections(stores.reads)).values(), ...lookups];
    const made = collections.map(async (name) => [name, digestOf(await documentsIn(stores.reads, name))] as const);
    return Object.fromEntries(await Promise.all(made));
  }

  const checkpoints = async () => (await documentsIn(stores.reads, CHECKPOINTS)) as Checkpoint[];
  const ids = (events: readonly RecordedEvent[]) => events.map(({ id }) => id);

  it('covers a log with something for every consumer', async () => {
    expect(log.length).to.be.greaterThan(1_000);
    const empty = digestOf([]);
    const filled = Object.keys(digests).filter((name) => digests[name] !== empty);
    expect(filled).to.include.members([...(await servedCollections(stores.reads)).values()]);
  });

  it('changes no document and appends nothing: views, look-ups, policies', async () => {
    const head = await stores.events.head();
    for (const found of await checkpoints()) {
      const document = { ...found, position: 0n, eventId: null, owner: '' };
      const held = await stores.reads.write(CHECKPOINTS, [{ document, expected: { token: found.token } }]);
      expect([...held]).to.deep.equal([found._id]);
    }
    const system = start();
    await system.catchUp();
    const feeds = await system.commands.status();
    for (const { name, position, parkedKeys, error } of feeds)
      expect({ position, parkedKeys, error }, name).to.deep.equal({ position: head, parkedKeys: 0, error: null });
    for (const { view, position, parkedKeys } of await system.projector.status())
      expect({ position, parkedKeys }, view).to.deep.equal({ position: head, parkedKeys: 0 });
    expect(ids(await readLog(stores.events))).to.deep.equal(ids(log));
    expect(await allDigests()).to.deep.equal(digests);
  });

  it('appends nothing when a request runs its follow-ups again', async () => {
    const { service } = start().commands;
    await service.runFollowUps(log.map((event) => decode(event)));
    expect(ids(await readLog(stores.events))).to.deep.equal(ids(log));
  });

  it('builds the same views in another generation (design rule 14)', async () => {
    const served = await servedCollections(stores.reads);
    for (const view of Object.values(views)) {
      const consumer = consumerOf(view, generationOf(view.version, 2));
      const { events, reads } = stores;
      await createFeed({ consumer, events, reads, clock, owner: 'the builder', batch: 97 }).catchUp();
      const made = await documentsIn(reads, consumer.collection);
      expect(digestOf(made), view.name).to.equal(digests[served.get(view.name) ?? '']);
    }
  });
});
