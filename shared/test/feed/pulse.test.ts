import { expect } from 'chai';
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { openMongoReadStore } from '../../src/adapters/mongodb/read-store.js';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import { createFeed } from '../../src/feed.js';
import { CHECKPOINTS, type Checkpoint } from '../../src/feed/lease.js';
import { BEAT_MS, createPulse } from '../../src/feed/pulse.js';
import type { ReadStore } from '../../src/ports.js';
import { logOf } from '../../testing/log.js';
import { createManualTime, settled } from '../../testing/manual-time.js';
import { startMongoServer } from '../../testing/mongodb-wire.js';
import { temporaryFolder } from '../adapters/temporary-file.js';
import { trails } from './trails.js';

async function onFiles() {
  const folder = temporaryFolder();
  const reads = openReadStore(join(folder.path, 'views.db'));
  return { reads, close: async () => (await reads.close(), folder.remove()) };
}

async function onMongo() {
  const server = await startMongoServer();
  const reads = await openMongoReadStore(`${server.url}/views`);
  return { reads, close: async () => (await reads.close(), server.close()) };
}

for (const { name, open } of [
  { name: 'files', open: onFiles },
  { name: 'MongoDB', open: onMongo },
])
  describe(`The pulse of a process, on ${name}`, () => {
    const time = createManualTime();
    let store: Awaited<ReturnType<typeof open>>;
    let calls: Promise<unknown>[];
    let written: string[][];
    /** What was asked of the records. */
    let asked: string[];
    let stop: AbortController;
    let running: Promise<unknown>;
    beforeEach(async () => {
      store = await open();
      [calls, written, asked, stop, running] = [[], [], [], new AbortController(), Promise.resolve()];
      setMaxListeners(0, stop.signal);
    });
    afterEach(async () => {
      stop.abort();
      await running;
      await store.close();
      expect(time.pending()).to.equal(0);
    });

    /** Until the store has answered all that was asked, and what follows from that has been asked and answered, too. */
    async function quiet(): Promise<void> {
      for (let before = -1; before < calls.length;) {
        before = calls.length;
        await Promise.allSettled(calls);
        await settled();
      }
    }

    async function pass(ms: number): Promise<void> {
      await time.advance(ms);
      await quiet();
    }

    /** So many consumers of one process, which come to rest. */
    async function run(consumers: number, owner = 'one'): Promise<void> {
      const keep = <T>(call: Promise<T>) => (calls.push(call), call);
      const reads: ReadStore = {
        ...store.reads,
        getMany: (collection, ids) => (asked.push('getMany'), keep(store.reads.getMany(collection, ids))),
        declare: (collection, indexes) => keep(store.reads.declare(collection, indexes)),
        count: (collection, where) => (asked.push('count'), keep(store.reads.count(collection, where))),
        write(collection, writes) {
          written.push(writes.map(({ document }) => document._id));
          return keep(store.reads.write(collection, writes));
        },
      };
      const pulse = createPulse({ reads, clock: time });
      const feeds = Array.from({ length: consumers }, (_, n) =>
        createFeed({ consumer: { ...trails, name: `trails-${n}` }, events: logOf(), reads, clock: time, pulse, owner }),
      );
      running = Promise.all([running, ...feeds.map((feed) => feed.run(stop.signal))]);
      await pass(0);
      [calls, written] = [[], []];
    }

    const owners = async (consumers: number) => {
      const names = Array.from({ length: consumers }, (_, n) => `trails-${n}`);
      const records = await store.reads.getMany<Checkpoint>(CHECKPOINTS, names);
      return new Set([...records.values()].map(({ owner, beat }) => `${owner} ${beat}`));
    };

    for (const consumers of [1, 40])
      it(`has ${consumers} idle consumer(s) write together, once a beat`, async () => {
        await run(consumers);
        for (let beats = 1; beats <= 5; beats += 1) {
          await pass(BEAT_MS);
          expect(written.map((ids) => ids.length)).to.deep.equal(Array<number>(beats).fill(consumers));
        }
        expect(await owners(consumers), 'the take-over, and five beats').to.deep.equal(new Set(['one 6']));
      });

    async function passLooks(looks: number): Promise<void> {
      for (let look = 0; look < looks; look += 1) await pass(BEAT_MS / 4);
    }

    it('has those who stand by ask together, four times a beat, whether the holder has given anything up, and look once', async () => {
      await run(40);
      await run(40, 'two');
      await passLooks(8);
      [asked, written] = [[], []];
      await passLooks(4);
      expect(written, 'those of the holders').to.have.length(1);
      expect(asked.sort()).to.deep.equal(['count', 'count', 'count', 'count', 'getMany']);
      expect(await owners(40)).to.deep.equal(new Set(['one 4']));
    });

    it('has those who stand by take within half a second what the holder gives up', async () => {
      await run(2);
      await run(2, 'two');
      await passLooks(9);
      const given = await store.reads.get<Checkpoint>(CHECKPOINTS, 'trails-1');
      if (!given) throw new Error('no record');
      const { token } = given;
      await store.reads.write(CHECKPOINTS, [{ document: { ...given, owner: '' }, expected: { token } }]);
      await passLooks(1);
      expect((await store.reads.get<Checkpoint>(CHECKPOINTS, 'trails-1'))?.owner).to.equal('two');
    });

    it('tells two writes of one record apart that were asked for together', async () => {
      const pulse = createPulse({ reads: store.reads, clock: time });
      const taking = (token: number) => ({ document: { _id: 'a', position: 0n, token }, expected: null });
      const held = [1, 2].map((token) => pulse.write(CHECKPOINTS, taking(token)));
      expect(await Promise.all(held)).to.deep.equal([true, false]);
    });
  });
