import { foldConsumer } from '@creator-dashboards/shared/feed/consumer';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { creatorIdOf, CreatorUserId, derivedId, FanId, messageIdOf } from '@creator-dashboards/shared/ids';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import fc from 'fast-check';
import { BY_ITSELF } from '../../src/rebuild/acts.js';
import { pauseRebuild, resumeRebuild } from '../../src/rebuild/pause.js';
import { REBUILDS, type Rebuild } from '../../src/rebuild/plan.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { openRebuild, type RebuildPorts, type RebuildRun } from '../../src/rebuild/run.js';
import { allIn, feedOf, openStores, planned, type TestStores } from '../stores.js';
import { messagesInTurn } from '../messages-in-turn.js';
import { mailbox, toyViews } from '../toy-views.js';

/** Its documents take about so much memory each, as the rebuild estimates it: a hundred characters of JSON, four bytes each, and 400. */
const BYTES_OF_A_MAILBOX = 900;
const CREATORS = 12;
const creators = Array.from({ length: CREATORS }, (_, n) => CreatorUserId(derivedId('creator', String(n))));
const fanId = FanId(derivedId('fan'));

/** A message to one of the creators, which arrives. */
function arrival(creator: number, n: number) {
  const creatorUserId = creators[creator] as CreatorUserId;
  const messageId = messageIdOf(`message ${n}`, creatorUserId);
  const keys = { messageId, fanId, creatorId: creatorIdOf(creatorUserId), creatorUserId };
  const data = { paid: true, statusAfter: 'ESCROWED' as const, deliveredAt: '2026-04-29T20:00:00.000Z' };
  return onStream(`message-${messageId}`, keys)('MessageDelivered', { ...data, expiresAt: data.deliveredAt });
}
const logTo = (order: readonly number[]) => logOf(history(order.map(arrival)));
/** Five messages to each, in turn. */
const inTurn = Array.from({ length: CREATORS * 5 }, (_, n) => n % CREATORS);

describe('The windows of a rebuild', () => {
  let stores: TestStores;
  beforeEach(() => (stores = openStores()));
  afterEach(() => stores.close());
  const clock = { ...systemClock, now: () => 1_000_000 };

  const opened = async (id: string, more: Partial<RebuildPorts>): Promise<RebuildRun> =>
    planned(
      await openRebuild(
        { ...stores, clock, views: toyViews, owner: 'worker', isDead: () => true, batch: 7, ...more },
        id,
      ),
    );
  const plan = async (events: EventStore, reads = stores.reads) =>
    planned(await planRebuild({ events, reads, clock }, mailbox));
  const toTheEnd = async (run: RebuildRun) => {
    while ((await run.step()).next === 'now');
    await run.release();
  };
  /** Counts the passes over the log and the writes of documents. */
  function counted(events: EventStore) {
    const counts = { passes: 0, written: [] as string[] };
    const reads: ReadStore = {
      ...stores.reads,
      write(collection, writes) {
        if (collection === collectionOf(mailbox.name, 'v1'))
          counts.written.push(...writes.map(({ document }) => document._id));
        return stores.reads.write(collection, writes);
      },
    };
    const readAll: EventStore['readAll'] = (options) => {
      if (options.after === 0n) counts.passes += 1;
      return events.readAll(options);
    };
    return { counts, ports: { events: { ...events, readAll }, reads } };
  }

  for (const [fitting, passes] of [
    [CREATORS + 1, 1],
    [6, 3],
    [1, CREATORS],
  ] as const)
    it(`read the log ${passes} times where ${fitting} of ${CREATORS} documents fit, and write each document once`, async () => {
      const events = logTo(inTurn);
      const { counts, ports } = counted(events);
      const { _id, generation } = await plan(events);
      await toTheEnd(await opened(_id, { ...ports, windowBytes: fitting * BYTES_OF_A_MAILBOX }));
      expect(counts.passes).to.equal(passes);
      expect(counts.written.sort()).to.deep.equal([...creators].sort());
      expect((await allIn(stores.reads, collectionOf(mailbox.name, generation))).length).to.equal(CREATORS);
    });

  it('read only events of the types that their view handles, and reach the end where the last ones are of others', async () => {
    const [first, second] = logTo([0, 1]).all;
    const other = { ...planned(second ?? null), type: 'MessageSent', position: 9_999n };
    const events = logOf([planned(first ?? null), other]);
    const asked: (readonly string[] | undefined)[] = [];
    const readAll: EventStore['readAll'] = async (options) => {
      asked.push(options.types);
      return (await events.readAll(options)).filter(({ type }) => options.types?.includes(type) ?? true);
    };
    const { _id } = await plan(events);
    const run = await opened(_id, { events: { ...events, readAll } });
    while ((await run.step()).plan.state === 'RUNNING');
    await run.release();
    expect(asked[0]).to.have.members(['MessageDelivered', 'MessageReplied']);
    expect(await stores.reads.get<Rebuild>(REBUILDS, _id)).to.have.nested.property('work.events', 1);
    expect(await allIn(stores.reads, collectionOf(mailbox.name, 'v1'))).to.have.length(1);
  });

  it('tell what is left by what is read of the log: half of it, where the other half is of other types', async () => {
    const log = history(inTurn.flatMap((creator, n) => [arrival(creator, -n - 1), arrival(creator, n)]));
    const events = logOf(log.map((event, n) => (n % 2 === 0 ? { ...event, type: 'MessageSent' } : event)));
    const readAll: EventStore['readAll'] = async ({ types, limit, ...more }) => {
      const all = await events.readAll({ ...more, limit: Infinity });
      return all.filter(({ type }) => types?.includes(type) ?? true).slice(0, limit);
    };
    const { _id } = await plan(events);
    const { work } = (await (await opened(_id, { events: { ...events, readAll } })).step()).plan;
    expect(work).to.include({ events: 7, left: inTurn.length - 7 });
  });

  it('foresee documents as they come: one of each of 60 events, but no more than half as many again as are served', async () => {
    const events = logTo(inTurn);
    let now = 0;
    const ticking = { ...clock, monotonic: () => (now += 1_000) };
    for (const [served, foreseen] of [
      [0, inTurn.length],
      [CREATORS, CREATORS * 1.5],
    ] as const) {
      const { _id, work } = await plan(events);
      expect(work.before.documents).to.equal(served);
      const run = await opened(_id, { events, batch: 4, clock: ticking });
      await run.step();
      expect((await run.step()).plan.work.toStore).to.equal(foreseen);
      await toTheEnd(run);
    }
  });

  /** What an arrival is that no fold can read. */
  const broken = (event: RecordedEvent): RecordedEvent => ({ ...event, data: { ...event.data, paid: 'perhaps' } });

  it('of any size give the same documents as the feed, byte for byte, with broken events and stops in between', async () => {
    const order = fc.array(fc.tuple(fc.nat(CREATORS - 1), fc.integer({ min: 0, max: 9 })), { maxLength: 40 });
    const sizes = { fitting: fc.integer({ min: 1, max: CREATORS + 1 }), batch: fc.integer({ min: 1, max: 20 }) };
    await fc.assert(
      fc.asyncProperty(
        order,
        sizes.fitting,
        sizes.batch,
        fc.integer({ min: 1, max: 9 }),
        async (dice, fitting, batch, stop) => {
          const log = history(dice.map(([creator], n) => arrival(creator, n)));
          const events = logOf(log.map((event, n) => (dice[n]?.[1] === 0 ? broken(event) : event)));
          const here = { ...openStores(), events };
          try {
            await feedOf(here, foldConsumer(mailbox, 'fed', 'fed')).catchUp();
            const { _id, generation } = planned(await planRebuild({ ...here, clock }, mailbox));
            const ports = { ...here, clock, views: toyViews, owner: 'worker', isDead: () => true };
            for (let next = 'now'; next === 'now';) {
              const run = await openRebuild({ ...ports, batch, windowBytes: fitting * BYTES_OF_A_MAILBOX }, _id);
              for (let steps = 0; run && steps < stop && next === 'now'; steps += 1) ({ next } = await run.step());
              await run?.release();
            }
            expect(await textsIn(here.reads, collectionOf(mailbox.name, generation))).to.deep.equal(
              await textsIn(here.reads, 'fed'),
            );
          } finally {
            await here.close();
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are begun again one by one: a killed worker costs its own window', async () => {
    const events = logTo(inTurn);
    const { counts, ports } = counted(events);
    const { _id, generation } = await plan(events);
    const killed = await opened(_id, { ...ports, windowBytes: 6 * BYTES_OF_A_MAILBOX });
    while (counts.passes < 2) await killed.step();
    const stored = [...counts.written];
    expect(stored).to.not.deep.equal([]);
    await toTheEnd(await opened(_id, { ...ports, windowBytes: CREATORS * BYTES_OF_A_MAILBOX }));
    expect(counts.passes).to.equal(3);
    expect(counts.written.sort()).to.deep.equal([...creators].sort());
    expect(await box(generation, 0)).to.include({ delivered: 5 });
  });

  it('are stored once a minute, so that a kill in a long one costs no more', async () => {
    let now = 0;
    const ticking = { ...clock, monotonic: () => now };
    const events = logTo(inTurn);
    const { counts, ports } = counted(events);
    const { _id, generation } = await plan(events);
    const killed = await opened(_id, { ...ports, clock: ticking });
    await killed.step();
    now += 60_000;
    await killed.step(); // 14 events are stored.
    await killed.step();
    const readFrom: bigint[] = [];
    const readAll: EventStore['readAll'] = (options) => {
      readFrom.push(options.after);
      return events.readAll(options);
    };
    await toTheEnd(await opened(_id, { ...ports, events: { ...events, readAll }, clock: ticking }));
    expect(readFrom[0]).to.equal(events.all[13]?.position);
    expect(counts.passes).to.equal(1);
    expect(await box(generation, 0)).to.include({ delivered: 5 });
    expect(await box(generation, 11)).to.include({ delivered: 5 });
  });

  describe('of 1,200 documents', () => {
    const { creators: owners, story } = messagesInTurn(1_200, 1);
    const all = { batch: 1_200 };

    it('are stored 500 documents a step, and tell after each how many are left', async () => {
      const { counts, ports } = counted(logOf(story));
      const run = await opened((await plan(ports.events))._id, { ...ports, ...all });
      const told: unknown[] = [];
      for (let step = 0; step < 3; step += 1) {
        const { work } = (await run.step()).plan;
        told.push([work.events, counts.written.length, work.store.units, work.toStore]);
      }
      expect(told).to.deep.equal([
        [1_200, 500, 500, 700],
        [1_200, 1_000, 1_000, 200],
        [1_200, 1_200, 1_200, 0],
      ]);
      await toTheEnd(run);
      expect(counts.written.sort()).to.deep.equal([...owners].sort());
    });

    it('are stored by the next worker where one was killed between two steps', async () => {
      const events = logOf(story);
      const { _id, generation } = await plan(events);
      await (await opened(_id, { events, ...all })).step();
      expect(await allIn(stores.reads, collectionOf(mailbox.name, generation))).to.have.length(500);
      const next = await opened(_id, { events, ...all });
      await toTheEnd(next);
      expect(await stores.reads.get<Rebuild>(REBUILDS, _id)).to.include({ state: 'DONE' });
      await feedOf({ ...stores, events }, foldConsumer(mailbox, 'fed', 'fed')).catchUp();
      expect(await textsIn(stores.reads, collectionOf(mailbox.name, generation))).to.deep.equal(
        await textsIn(stores.reads, 'fed'),
      );
    });

    it('stop between two steps where the rebuild is paused: the rest is stored, and nothing folded again', async () => {
      const { counts, ports } = counted(logOf(story));
      const { _id } = await plan(ports.events);
      const run = await opened(_id, { ...ports, ...all });
      await run.step();
      await pauseRebuild({ ...stores, clock }, mailbox.name, BY_ITSELF);
      expect(await run.step()).to.include({ next: 'ended' });
      await resumeRebuild({ ...stores, clock }, mailbox, BY_ITSELF);
      await toTheEnd(await opened(_id, { ...ports, ...all }));
      expect(counts.passes).to.equal(1);
      expect(counts.written.sort()).to.deep.equal([...owners].sort());
    });
  });

  it('are stored by a worker that was superseded without harm to what its successor has built', async () => {
    const events = logTo(inTurn);
    const { _id, generation } = await plan(events);
    const late = await opened(_id, { events });
    await late.step();
    await toTheEnd(await opened(_id, { events }));
    const built = await textsIn(stores.reads, collectionOf(mailbox.name, generation));
    await late.release();
    expect(await textsIn(stores.reads, collectionOf(mailbox.name, generation))).to.deep.equal(built);
    expect(await box(generation, 0)).to.include({ delivered: 5 });
  });

  it('are followed by the feed from their common end on', async () => {
    const events = logTo(inTurn);
    const { _id, generation } = await plan(events);
    const run = await opened(_id, { events, windowBytes: 3 * BYTES_OF_A_MAILBOX });
    await run.step();
    events.add(history([arrival(0, 100)], { after: events.all.at(-1)?.position ?? 0n }));
    await toTheEnd(run);
    expect(await box(generation, 0)).to.include({ delivered: 6, position: events.all.at(-1)?.position });
    const checkpoint = await stores.reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(mailbox.name, generation));
    expect(checkpoint)
      .to.include({ position: events.all.at(-1)?.position })
      .and.not.have.property('windows');
  });

  it('stop the rebuild at an event that none of them would find, since its stream ends in other digits than its key', async () => {
    const [first, ...others] = history(inTurn.map(arrival));
    const events = logOf([
      ...others,
      { ...(first as RecordedEvent), position: 9_999n, stream: `message-${derivedId('x')}` },
    ]);
    const { _id } = await plan(events);
    await toTheEnd(await opened(_id, { events, windowBytes: BYTES_OF_A_MAILBOX }));
    const failed = await stores.reads.get<Rebuild>(REBUILDS, _id);
    expect(failed).to.include({ state: 'FAILED' });
    expect(failed?.error).to.match(/the event at position 9999 .* does not end in the same two digits/);
  });

  const box = (generation: string, creator: number) =>
    stores.reads.get(collectionOf(mailbox.name, generation), creators[creator] ?? '');
});

/** Every document as text, with the order of its fields. */
async function textsIn(reads: ReadStore, collection: string): Promise<string[]> {
  return (await allIn(reads, collection)).map((document) =>
    JSON.stringify(document, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );
}
