/** What can go wrong with a server, its connection and its subscriptions, and how the event store copes. */
import { expect } from 'chai';
import fc from 'fast-check';
import { openEventStoreDb, type EventStoreDbOptions } from '../../src/adapters/eventstoredb/event-store.js';
import type { EventStore, NewEvent, RecordedEvent } from '../../src/ports.js';
import { StoreFailed, StoreUnavailable } from '../../src/store-errors.js';
import { PATIENT_MS, rejection } from '../../testing/contract.js';
import { appended, nextWake } from '../../testing/event-store-contract.js';
import { newEvents, newStream } from '../../testing/events.js';
import { startEventStoreServer, type EventStoreServer } from '../../testing/eventstoredb-wire.js';

const QUICK: EventStoreDbOptions = { watchMs: 20, patienceMs: 0, answerMs: PATIENT_MS };
/** For servers that do not answer. On a busy machine others may not answer in this time either. */
const HASTY: EventStoreDbOptions = { watchMs: 20, answerMs: 200 };

describe('EventStoreDB when things go wrong', () => {
  let server: EventStoreServer;
  let store: EventStore;
  let stream: string;
  let batch: NewEvent[];
  beforeEach(async () => {
    server = await startEventStoreServer();
    store = await openEventStoreDb(server.url, QUICK);
    stream = newStream();
    batch = newEvents(2);
  });
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  /** As whoever asks does: again while the server is away. */
  async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
      }
    }
  }
  const idsIn = async (name: string) => (await store.readStream(name)).map(({ id }) => id);
  const ids = (events: readonly NewEvent[]) => events.map(({ id }) => id);

  async function idsInLog(): Promise<string[]> {
    const found: RecordedEvent[] = [];
    for (;;) {
      const page = await store.readAll({ after: found.at(-1)?.position ?? 0n, limit: 1_000 });
      if (page.length === 0) return ids(found);
      found.push(...page);
    }
  }

  /** Follows the log as a feed does, until it has seen this many events. */
  function follow(count: number) {
    const seen: string[] = [];
    let after = 0n;
    let wake = () => {};
    const unsubscribe = store.onAppend(() => wake());
    const done = (async () => {
      while (seen.length < count) {
        const woken = new Promise<void>((resolve) => (wake = resolve));
        const page = await store.readAll({ after, limit: 100, recent: true }).catch((error: unknown) => {
          if (error instanceof StoreUnavailable) return [];
          throw error;
        });
        seen.push(...page.map(({ id }) => id));
        after = page.at(-1)?.position ?? after;
        if (page.length === 0) await woken;
      }
    })().finally(unsubscribe);
    return { seen, done };
  }
  /** Resolves when the store's subscription is up and has received its backlog. */
  async function subscribed(): Promise<void> {
    while (server.subscriptions.live === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Until the end of the log is in memory: the watch has looked. */
  async function untilKnown(position: bigint): Promise<void> {
    for (;;) {
      const before = server.calls.length;
      await store.readAll({ after: position, limit: 1, recent: true });
      if (server.calls.length === before) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  describe('an append', () => {
    for (const when of ['before-write', 'after-write'] as const) {
      it(`whose connection breaks ${when} is written once and answered`, async () => {
        server.misbehave.breakNextAppend(when);
        const result = await appended(store, stream, 'no_stream', batch);
        expect(result).to.include({ repeated: false, revision: 1n });
        expect(await idsIn(stream)).to.deep.equal(ids(batch));
        expect((await store.readAt(result.position))?.id).to.equal(batch[1]?.id);
      });
    }

    it('that was written but not answered in time has an unknown outcome, and is recognised when sent again', async () => {
      const hasty = await openEventStoreDb(server.url, HASTY);
      const hold = server.misbehave.holdAppends('after-write');
      let written = false;
      void hold.reached(1).then(() => (written = true));
      while (!written)
        expect(await rejection(hasty.append(stream, 'no_stream', batch))).to.be.instanceOf(StoreUnavailable);
      hold.release();
      await hasty.close();
      expect(await store.append(stream, 'no_stream', batch)).to.include({ ok: true, repeated: true, revision: 1n });
      expect(await idsIn(stream)).to.deep.equal(ids(batch));
    });

    it('is written once and answered where the call breaks that it shares with others', async () => {
      const hold = server.misbehave.holdAppends('after-write');
      const beside = Array.from({ length: 5 }, () => ({ name: newStream(), events: newEvents(2) }));
      const running = beside.map(({ name, events }) => store.append(name, 'no_stream', events));
      await hold.reached(5);
      expect(server.calls.filter(({ rpc }) => rpc === 'append')).to.deep.equal([]);
      server.misbehave.refuseAsFollower(1); // ends the call of all
      running.push(store.append(stream, 'no_stream', batch));
      await hold.reached(11); // each again, by a call of its own
      hold.release();
      for (const result of await Promise.all(running)) expect(result).to.include({ ok: true, repeated: false });
      for (const { name, events } of beside) expect(await idsIn(name)).to.deep.equal(ids(events));
    });

    it('shares a call again after one was not answered in time, whose late answer harms nobody', async () => {
      const hasty = await openEventStoreDb(server.url, HASTY);
      const hold = server.misbehave.holdAppends('after-write');
      const late = rejection(hasty.append(stream, 'no_stream', batch));
      await hold.reached(1);
      expect(await late).to.be.instanceOf(StoreUnavailable);
      hold.release();
      const since = server.calls.length;
      const again = await untilAnswered(() => hasty.append(stream, 'no_stream', batch));
      expect(again).to.include({ ok: true, repeated: true });
      expect(server.calls.slice(since).map(({ rpc }) => rpc)).to.include('batchAppend');
      await hasty.close();
    });

    it('is never confused with what another run of the same command wrote in the meantime', async () => {
      const hold = server.misbehave.holdAppends('before-write');
      const other = await openEventStoreDb(server.url, QUICK);
      const running = store.append(stream, 'no_stream', batch);
      await hold.reached(1);
      hold.release();
      await running;
      const theirs = batch.map((event) => ({ ...event, data: { other: true } }));
      expect(await other.append(stream, 'no_stream', theirs)).to.include({ ok: true, repeated: true });
      await other.close();
    });

    it('is redirected to the leader', async () => {
      server.misbehave.refuseAsFollower(2);
      await appended(store, stream, 'no_stream', batch);
      expect(await idsIn(stream)).to.deep.equal(ids(batch));
    });

    it('is unavailable while the server is down, starting or frozen, and works again afterwards', async () => {
      const hasty = await openEventStoreDb(server.url, HASTY);
      const refused = async () =>
        expect(await rejection(hasty.append(stream, 'no_stream', batch))).to.be.instanceOf(StoreUnavailable);
      await server.stop();
      await refused();
      await server.start();
      server.misbehave.starting(true);
      await refused();
      server.misbehave.starting(false);
      server.misbehave.freeze();
      await refused();
      expect(await rejection(hasty.readStream(stream))).to.be.instanceOf(StoreUnavailable);
      expect(await rejection(hasty.head())).to.be.instanceOf(StoreUnavailable);
      server.misbehave.thaw();
      expect(await store.append(stream, 'no_stream', batch)).to.include({ ok: true });
      const again = await untilAnswered(() => hasty.append(stream, 'no_stream', batch));
      expect(again).to.include({ ok: true, repeated: true });
      await hasty.close();
      expect(await idsIn(stream)).to.deep.equal(ids(batch));
    });
  });

  describe('a subscription', () => {
    it('delivers bursts, of one append and of many, completely and in order, however often it is dropped as too slow', async () => {
      const following = follow(1_500);
      await subscribed();
      const burst = newEvents(1_000);
      await appended(store, stream, 'no_stream', burst);
      const others = Array.from({ length: 10 }, () => newEvents(50));
      await Promise.all(others.map((each) => appended(store, newStream(), 'no_stream', each)));
      await following.done;
      expect(following.seen).to.deep.equal(await idsInLog());
      expect(following.seen.slice(0, 1_000)).to.deep.equal(ids(burst));
    });

    it('resumes after the last delivered event when it was dropped or lost its server', async () => {
      const following = follow(6);
      await subscribed();
      await appended(store, stream, 'no_stream', batch);
      server.misbehave.dropSubscriptions();
      await appended(store, stream, 1n, newEvents(2));
      await server.stop();
      await server.start();
      await subscribed();
      await appended(store, stream, 3n, newEvents(2));
      await following.done;
      expect(following.seen).to.deep.equal(await idsIn(stream));
    });

    it('that falls silent is detected by comparing with the head of the log', async () => {
      const following = follow(2);
      await subscribed();
      server.misbehave.muteSubscriptions('open');
      const other = await openEventStoreDb(server.url, QUICK); // Appends that this store does not know of.
      await appended(other, stream, 'no_stream', batch);
      await following.done;
      expect(following.seen).to.deep.equal(ids(batch));
      await other.close();
    });

    it('that delivers an event twice is passed on once', async () => {
      const following = follow(4);
      await subscribed();
      server.misbehave.deliverTwice(3);
      await appended(store, stream, 'no_stream', batch);
      await appended(store, stream, 1n, newEvents(2));
      await following.done;
      expect(following.seen).to.deep.equal(await idsIn(stream));
    });

    it('serves every reader at the end of the log without another request to the server', async () => {
      await appended(store, stream, 'no_stream', batch);
      const start = await store.head();
      store.onAppend(() => undefined);
      await subscribed();
      const woken = nextWake(store);
      const { position } = await appended(store, stream, 1n, newEvents(2));
      await woken;
      await untilKnown(position);
      const asked = () => server.calls.filter((call) => call.rpc === 'read' && !call.backwards).length; // the watch reads backwards
      const before = asked();
      for (let reader = 0; reader < 30; reader += 1) {
        expect(await store.readAll({ after: start, limit: 10, recent: true })).to.have.length(2);
        expect(await store.readAll({ after: position, limit: 10, recent: true })).to.deep.equal([]);
      }
      expect(asked()).to.equal(before);
    });
  });

  describe('a log', () => {
    it('is read a page ahead of whoever is far behind', async () => {
      server.preload(Array.from({ length: 6 }, (_, n) => ({ stream, type: 'Thing', data: { n } })));
      store.onAppend(() => undefined);
      await untilKnown(await store.head());
      const asked = () => server.calls.filter((call) => call.rpc === 'read' && !call.backwards).length;
      const before = asked();
      const page = await store.readAll({ after: 0n, limit: 2, recent: true });
      while (asked() < before + 2) await new Promise((resolve) => setImmediate(resolve));
      const next = await store.readAll({ after: page.at(-1)?.position ?? 0n, limit: 2, recent: true });
      expect([...page, ...next].map(({ data }) => data['n'])).to.deep.equal([0, 1, 2, 3]);
    });

    it('restored from an older backup is noticed, and never read again', async () => {
      const following = follow(4);
      const { position } = await appended(store, stream, 'no_stream', batch);
      await subscribed();
      const last = await appended(store, stream, 1n, newEvents(2));
      await following.done;
      store.onAppend(() => undefined);
      await untilKnown(last.position);
      await server.restoreTo(position);
      await appended(store, newStream(), 'no_stream', newEvents(5)).catch(() => undefined);
      const fault = await untilFailed();
      expect(fault.message).to.match(/older backup/);
    });

    async function untilFailed(): Promise<StoreFailed> {
      const after = await store.head();
      for (;;) {
        try {
          await store.readAll({ after, limit: 1, recent: true });
          await new Promise((resolve) => setImmediate(resolve));
        } catch (error) {
          if (error instanceof StoreFailed) return error;
          if (!(error instanceof StoreUnavailable)) throw error;
        }
      }
    }

    it('is not mistaken for another one because the server failed once', async () => {
      const following = follow(4);
      await subscribed();
      const { position } = await appended(store, stream, 'no_stream', batch);
      server.misbehave.hiccup(1);
      expect((await store.readAt(position))?.id).to.equal(batch[1]?.id);
      server.misbehave.dropSubscriptions();
      server.misbehave.hiccup(2);
      await appended(store, stream, 1n, newEvents(2));
      await following.done;
      expect(following.seen).to.deep.equal(await idsIn(stream));
      server.misbehave.hiccup(100);
      expect(await rejection(store.readStream(stream))).to.be.instanceOf(StoreUnavailable);
      server.misbehave.hiccup(0);
    });

    it("hides the server's own events, however many there are", async () => {
      await appended(store, stream, 'no_stream', batch);
      const start = await store.head();
      for (let n = 0; n < 2_500; n += 1) server.writeSystemEvent('$statsCollected', '$stats-127.0.0.1');
      expect(await store.head()).to.equal(start);
      expect(await store.countAfter(start)).to.equal(0);
      const more = newEvents(2);
      await appended(store, stream, 1n, more);
      expect((await store.readAll({ after: start, limit: 10 })).map(({ id }) => id)).to.deep.equal(ids(more));
      expect((await store.readAll({ after: 0n, limit: 3 })).map(({ id }) => id)).to.deep.equal(
        ids([...batch, ...more.slice(0, 1)]),
      );
    });

    it('is counted roughly, by its bytes, when it is long', async () => {
      server.preload(Array.from({ length: 10_000 }, (_, n) => ({ stream, type: 'Thing', data: { n } })));
      expect(await store.countAfter(0n)).to.be.within(9_000, 11_000);
    });
  });

  it('loses nothing, repeats nothing and keeps the order through any mix of faults', async function () {
    const trouble = fc.constantFrom<(() => unknown)[]>(
      () => server.misbehave.breakNextAppend('before-write'),
      () => server.misbehave.breakNextAppend('after-write'),
      () => server.misbehave.refuseAsFollower(1),
      () => server.misbehave.dropSubscriptions(),
      () => server.misbehave.muteSubscriptions('open'),
      () => server.misbehave.muteSubscriptions('next'),
      () => server.misbehave.deliverTwice(5),
      () => server.stop().then(() => server.start()),
      () => undefined,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(trouble, fc.integer({ min: 1, max: 60 })), { maxLength: 12 }),
        async (steps) => {
          const before = (await idsInLog()).length;
          const total = steps.reduce((sum, [, count]) => sum + count, 0);
          const following = follow(before + total);
          const sent: string[] = [];
          for (const [happen, count] of steps) {
            await happen();
            const events = newEvents(count);
            sent.push(...ids(events));
            const name = newStream();
            await untilAnswered(() => appended(store, name, 'no_stream', events));
          }
          await following.done;
          expect(following.seen.slice(before)).to.deep.equal(sent);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('remembers an append that was written before as its own', async () => {
    const other = await openEventStoreDb(server.url, QUICK);
    const { position } = await appended(other, stream, 'no_stream', batch);
    store.onAppend(() => undefined);
    await subscribed();
    server.misbehave.muteSubscriptions('open');
    const more = newEvents(1);
    await appended(other, stream, 1n, more);
    expect(await store.append(stream, 1n, more)).to.include({ ok: true, repeated: true });
    expect((await store.readAll({ after: position, limit: 10 })).map(({ id }) => id)).to.deep.equal(ids(more));
    await other.close();
  });

  it('closes, whatever is in progress', async () => {
    await store.close();
    store = await openEventStoreDb(server.url, HASTY);
    store.onAppend(() => undefined);
    await subscribed();
    server.misbehave.freeze();
    const reading = rejection(store.readStream(stream));
    await store.close();
    await store.close();
    await reading;
    server.misbehave.thaw();
    expect(await rejection(store.head())).to.be.instanceOf(Error);
  });

  it('connects only where a server answers, and reveals no password in the error', async () => {
    await server.stop();
    expect(await rejection(openEventStoreDb(server.url, QUICK))).to.be.instanceOf(StoreUnavailable);
    const fault = await rejection(openEventStoreDb('esdb://user:hush@host:port?tls=maybe', QUICK));
    expect(fault).to.be.instanceOf(StoreFailed);
    expect(JSON.stringify([String(fault), String((fault as Error).cause)])).to.not.include('hush');
    await server.start();
  });

  it('rejects, by its name alone, an option for which the client would print the whole address', async () => {
    for (const option of ['readPreference=leader', 'tlsVerifyCert=false']) {
      const fault = await rejection(openEventStoreDb(`esdb://user:hush@localhost:2113?${option}`, QUICK));
      expect(fault, option).to.be.instanceOf(StoreFailed);
      expect(String(fault))
        .to.match(/EVENT_STORE_URL/)
        .and.not.include('hush');
    }
  });
});
