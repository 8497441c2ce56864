import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { delivered, idOf } from '@creator-dashboards/shared/testing/fixtures/people';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { aliasOf } from '../../src/generations.js';
import { createProjector, type Projector } from '../../src/projector.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { runRebuild } from '../../src/rebuild/run.js';
import { allIn, openStores, planned, type TestStores } from '../stores.js';
import { mailbox } from '../toy-views.js';

const EVENTS = 100_000;
/** The fifty-first of the hundred events of one creator, who has one among every thousand. */
const POISON = 50_007;
const poisoned = idOf(7);

/** 900 others have 111 each, one creator after the other. */
function logOfArrivals(): RecordedEvent[] {
  const [arrival] = history([delivered()]);
  if (!arrival) throw new Error('a history of one event is empty');
  return Array.from({ length: EVENTS }, (_, n) => {
    const others = n - Math.ceil((n - 7) / 1_000);
    const creatorUserId = n % 1_000 === 7 ? poisoned : idOf(1_000 + Math.floor(others / 111));
    const metadata = { ...arrival.metadata, keys: { ...arrival.metadata.keys, creatorUserId } };
    return { ...arrival, id: idOf(1_000_000 + n), revision: BigInt(n), position: BigInt(n + 1), metadata };
  });
}

describe(`A rebuild of ${EVENTS} events`, () => {
  const views = { mailbox };
  const clock = systemClock;
  let stores: TestStores;
  let projector: Projector;
  let poison: RecordedEvent;
  beforeEach(async () => {
    stores = openStores();
    const log = logOfArrivals();
    poison = { ...log[POISON], data: { ...log[POISON]?.data, paid: 'perhaps' } } as RecordedEvent;
    log[POISON] = poison;
    stores.events.add(log);
    projector = createProjector({ ...stores, clock, views, owner: 'projector' });
    await projector.catchUp();
  });
  afterEach(async () => {
    await projector.stop();
    await stores.close();
  });

  async function rebuilt(): Promise<string> {
    const { _id } = planned(await planRebuild({ ...stores, clock }, mailbox));
    const ports = { ...stores, clock, views, owner: 'worker', isDead: () => true };
    expect(await runRebuild(ports, _id, new AbortController().signal)).to.include({ state: 'DONE', error: null });
    return (await aliasOf(stores.reads, mailbox.name))?.generation ?? '';
  }
  const documents = async (generation: string) =>
    new Map((await allIn(stores.reads, collectionOf(mailbox.name, generation))).map((one) => [one._id, one]));

  it('parks a key at the same event as the feed did, and goes on without that event after it was discarded', async () => {
    const live = await documents('v1');
    expect(live.get(poisoned)).to.include({ delivered: 50, parked: true, parkedEvent: poison.id });
    expect([...live.values()].filter((one) => 'delivered' in one && one.delivered === 111)).to.have.length(900);
    const again = await rebuilt();
    expect(await documents(again)).to.deep.equal(live);

    const discard = onStream('parkedDiscards-mailbox', {})('ParkedEventDiscarded', {
      ...{ consumer: 'mailbox', eventId: poison.id, eventType: poison.type, key: poisoned },
      ...{ position: poison.position.toString(), by: null },
    });
    stores.events.add(history([discard], { after: await stores.events.head() }));
    await projector.catchUp();
    for (const feed of projector.feeds) await feed.retryParked();
    const goneOn = await documents(again);
    expect(goneOn.get(poisoned)).to.include({ delivered: 99 }).and.not.to.have.property('parked');
    expect(await documents(await rebuilt())).to.deep.equal(goneOn);
  });
});
