/** The read store and the key store on MongoDB, on a fake server in this process: their contracts and their faults. */
import { expect } from 'chai';
import type { MongoClient } from 'mongodb';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { watchHeartbeats } from '../../src/adapters/mongodb/client.js';
import { openMongoKeyStore } from '../../src/adapters/mongodb/key-store.js';
import { openMongoReadStore } from '../../src/adapters/mongodb/read-store.js';
import type { Document, KeyStore, ReadStore } from '../../src/ports.js';
import { StoreFailed, StoreUnavailable } from '../../src/store-errors.js';
import { PATIENT_MS, rejection } from '../../testing/contract.js';
import { keyStoreContract } from '../../testing/key-store-contract.js';
import { startMongoServer, type MongoServer } from '../../testing/mongodb-wire.js';
import { readStoreContract } from '../../testing/read-store-contract.js';
import { placeOnFake } from './place-on-fake.js';

const patient = { answerMs: PATIENT_MS };
const MASTER_KEY = 'a master key for tests only';

readStoreContract('MongoDB', () => placeOnFake((url) => openMongoReadStore(url, patient)));
keyStoreContract('MongoDB', (masterKeys) => placeOnFake((url) => openMongoKeyStore(url, masterKeys(), patient)));

describe('MongoDB', () => {
  let server: MongoServer;
  beforeEach(async () => {
    server = await startMongoServer();
  });
  afterEach(() => server.close());

  const doc = (_id: string, position: bigint, fields: object = {}): Document => ({ _id, position, ...fields });
  const asked = () => server.commands.map(({ name }) => name);

  describe('as a read store', () => {
    let store: ReadStore;
    beforeEach(async () => {
      store = await openMongoReadStore(`${server.url}/views`, patient);
    });
    afterEach(() => store.close());

    const insert = (...documents: Document[]) =>
      store.write(
        'things',
        documents.map((document) => ({ document, expected: null })),
      );
    /** The commands that `work` sends. */
    async function trips(work: () => Promise<unknown>): Promise<string[]> {
      const before = asked().length;
      await work();
      return asked().slice(before);
    }

    it('reads a document, a batch or a page, and writes a batch, in one round trip each', async () => {
      const many = Array.from({ length: 1_000 }, (_, n) => doc(`id-${n}`, 1n, { n, text: 'x'.repeat(500) }));
      expect(await trips(() => insert(...many))).to.deep.equal(['update']);
      expect(await trips(() => store.get('things', 'id-7'))).to.deep.equal(['find']);
      const ids = many.map(({ _id }) => _id);
      expect(await trips(() => store.getMany('things', ids))).to.deep.equal(['find']);
      expect(await trips(() => store.find('things', { limit: 1_000 }))).to.deep.equal(['find']);
      const mixed = [
        ...many.map(({ _id }) => ({ document: doc(_id, 2n), expected: { position: 1n } })),
        ...many.map(({ _id }) => ({ document: doc(`new-${_id}`, 2n), expected: null })),
      ];
      let held = new Set<string>();
      const writes = async () => void (held = await store.write('things', mixed));
      expect(await trips(writes)).to.deep.equal(['update']);
      expect(held.size).to.equal(2_000);
    });

    it('reads once more when only some compare-and-sets of a batch succeeded', async () => {
      await insert(doc('a', 1n), doc('b', 1n));
      const batch = [
        { document: doc('a', 2n), expected: { position: 1n } },
        { document: doc('b', 2n), expected: { position: 9n } },
      ];
      let held = new Set<string>();
      expect(await trips(async () => void (held = await store.write('things', batch)))).to.deep.equal([
        'update',
        'find',
      ]);
      expect([...held]).to.deep.equal(['a']);
    });

    it('reports an unknown outcome when the connection breaks, before the write or after it', async () => {
      for (const [when, position] of [
        ['before', undefined],
        ['after', 1n],
      ] as const) {
        server.misbehave.breakNext(when, 'update');
        expect(await rejection(insert(doc(when, 1n)))).to.be.instanceOf(StoreUnavailable);
        expect((await store.get('things', when))?.position).to.equal(position);
      }
    });

    it('fails in its time while the server is down, silent or not the primary, and works again afterwards', async () => {
      await insert(doc('a', 1n));
      await store.close();
      store = await openMongoReadStore(`${server.url}/views`, { answerMs: 500 });
      await server.stop();
      expect(await rejection(store.get('things', 'a'))).to.be.instanceOf(StoreUnavailable);
      await server.start();
      await untilAnswered(() => store.get('things', 'a'));
      server.misbehave.freeze();
      expect(await rejection(store.get('things', 'a'))).to.be.instanceOf(StoreUnavailable);
      server.misbehave.thaw();
      await untilAnswered(() => store.get('things', 'a'));
      server.misbehave.failNext('update', 10_107, 'not primary');
      expect(await rejection(insert(doc('b', 1n)))).to.be.instanceOf(StoreUnavailable);
      await untilAnswered(() => insert(doc('b', 1n)));
      await untilAnswered(async () => expect((await store.get('things', 'a'))?.position).to.equal(1n));
    });

    it('ends the process when the user lacks permission, and reveals neither user nor password', async () => {
      server.misbehave.failNext('find', 13, 'not authorized on views to execute command');
      const fault = await rejection(store.get('things', 'a'));
      expect(fault).to.be.instanceOf(StoreFailed);
      expect(String(fault)).to.include('READ_STORE_URL');
    });

    it('treats a transient fault as transient, also next to a failed guard', async () => {
      await insert(doc('a', 1n));
      server.misbehave.failNext('update', 365, 'cache pressure');
      expect(await rejection(insert(doc('b', 1n)))).to.be.instanceOf(StoreUnavailable);
    });

    it('rejects a document that is too large for good, naming it', async () => {
      const large = doc('the-large-one', 1n, { text: 'x'.repeat(17 * 1024 * 1024) });
      const fault = await rejection(insert(doc('small', 1n), large));
      expect(fault).to.be.instanceOf(RangeError);
      expect(String(fault)).to.include('the-large-one');
    });

    async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
      for (;;) {
        try {
          return void (await ask());
        } catch (error) {
          if (!(error instanceof StoreUnavailable)) throw error;
        }
      }
    }
  });

  describe('as a key store', () => {
    const open = (masterKey = MASTER_KEY): Promise<KeyStore> =>
      openMongoKeyStore(`${server.url}/keys`, [masterKey], patient);

    it('detects a different MASTER_KEY when opened, and says so', async () => {
      await (await open()).close();
      const fault = await rejection(open('another one'));
      expect(fault).to.be.instanceOf(StoreFailed);
      expect(String(fault)).to.include('another MASTER_KEY');
    });

    it('returns the key that was created when the answer was lost, and no other', async () => {
      const keys = await open();
      server.misbehave.breakNext('after', 'findAndModify');
      const first = await keys.getOrCreate('alice').catch(() => null);
      const second = await keys.getOrCreate('alice');
      if (first) expect(first).to.deep.equal(second);
      expect(await keys.get('alice')).to.deep.equal(second);
      await keys.close();
    });
  });

  it('is reported as lost for good when a heartbeat of the driver never ends', () => {
    const events = new EventEmitter();
    let now = 0;
    const isBlind = watchHeartbeats(events as unknown as MongoClient, { monotonic: () => now }); // Only `on` is used.
    const beat = (name: string) => events.emit(`serverHeartbeat${name}`, { connectionId: 'a:1' });
    for (let round = 0; round < 3; round += 1) {
      beat('Started');
      now += 20_000;
      expect(isBlind()).to.equal(false);
      beat(round === 1 ? 'Failed' : 'Succeeded');
      now += 60_000;
      expect(isBlind()).to.equal(false);
    }
    beat('Started');
    now += 31_000;
    expect(isBlind()).to.equal(true);
    events.emit('serverClosed', { address: 'a:1' });
    expect(isBlind()).to.equal(false);
  });

  it('wakes nobody often to look after connections that are not used', async () => {
    const timers = createRequire(import.meta.url)('node:timers') as { setTimeout: typeof setTimeout };
    const { setTimeout: real } = timers;
    const pauses: number[] = [];
    timers.setTimeout = Object.assign((call: () => void, ms: number) => {
      if (new Error().stack?.includes('ensureMinPoolSize')) pauses.push(ms);
      return real(call, ms);
    }, real);
    try {
      await (await openMongoReadStore(`${server.url}/views`, patient)).close();
    } finally {
      timers.setTimeout = real;
    }
    expect(Math.min(...pauses)).to.equal(10_000);
  });

  it('connects only where a server answers, and reveals no password in the error', async () => {
    await server.stop();
    const away = server.url.replace('mongodb://', 'mongodb://user:hush@');
    for (const url of [`${away}/views`, 'mongodb://user:hush@host:port/views']) {
      const fault = await rejection(openMongoReadStore(url, { answerMs: 100, patienceMs: 0 }));
      expect(fault).to.satisfy((error: unknown) => error instanceof StoreUnavailable || error instanceof StoreFailed);
      expect(String(fault)).to.not.include('hush');
    }
    await server.start();
  });
});
