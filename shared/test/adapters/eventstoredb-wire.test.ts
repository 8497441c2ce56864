import { EventStoreDBClient, NO_STREAM, type AppendToStreamOptions } from '@eventstore/db-client';
import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { startEventStoreServer, type EventStoreServer } from '../../testing/eventstoredb-wire.js';
import { appendRows } from '../../testing/eventstoredb-wire/append-rows.js';
import { readRows } from '../../testing/eventstoredb-wire/read-rows.js';
import {
  event,
  events,
  numbersOf,
  range,
  seen,
  watch,
  WITH_CREDENTIALS,
} from '../../testing/eventstoredb-wire/test-client.js';
import { subscriptionRows } from '../../testing/eventstoredb-wire/subscription-rows.js';

// What a real server was observed to do, through the real client: change a row only on new observations of a real
// server.

describe('A fake EventStoreDB', () => {
  let server: EventStoreServer;
  let servers: EventStoreServer[];
  let clients: EventStoreDBClient[];
  let client: EventStoreDBClient;

  beforeEach(async () => {
    clients = [];
    servers = [];
    server = await start();
    client = connect();
  });
  afterEach(async () => {
    for (const one of clients) await one.dispose();
    for (const one of servers) await one.close();
  });

  async function start(options: Parameters<typeof startEventStoreServer>[0] = {}): Promise<EventStoreServer> {
    const one = await startEventStoreServer(options);
    servers.push(one);
    return one;
  }
  function connect(options = '', to = server): EventStoreDBClient {
    const one = EventStoreDBClient.connectionString(`${to.url}${options}`);
    clients.push(one);
    return one;
  }
  const now = () => ({ server, client, start, connect });
  appendRows(now);
  readRows(now);
  subscriptionRows(now);

  const APPENDS: Record<string, AppendToStreamOptions> = {
    'the batch path': {},
    'the path with credentials': WITH_CREDENTIALS,
  };
  for (const [path, options] of Object.entries(APPENDS)) {
    describe(`with faults in appends on ${path}`, () => {
      const append = (n: number, from = client) => from.appendToStream('s', event(n), options);
      const unavailable = async (promise: Promise<unknown>) => expect((await seen(promise)).code).to.equal(14);
      const logged = () => server.log.map(({ data }) => data);

      it('breaks the connection before or after the write, once', async () => {
        await append(0);
        server.misbehave.breakNextAppend('before-write');
        await unavailable(append(1));
        expect(logged()).to.deep.equal([{ n: 0 }]);
        server.misbehave.breakNextAppend('after-write');
        await unavailable(append(2));
        expect(logged()).to.deep.equal([{ n: 0 }, { n: 2 }]);
        expect(await append(3)).to.include({ nextExpectedRevision: 2n });
      });

      it('holds appends before or after the write', async () => {
        for (const when of ['before-write', 'after-write'] as const) {
          const before = server.log.length;
          const hold = server.misbehave.holdAppends(when);
          const answers = Promise.all([append(before), append(before + 1)]);
          await hold.reached(2);
          expect(server.log.length - before).to.equal(when === 'before-write' ? 0 : 2);
          hold.release();
          await answers;
          expect(server.log.length - before).to.equal(2);
        }
      });

      it('writes held appends even if the client gave up, unless the server died', async () => {
        const hold = server.misbehave.holdAppends('before-write');
        const impatient = connect();
        const given = append(1, impatient);
        await hold.reached(1);
        await Promise.all([impatient.dispose(), options.credentials ? null : seen(given)]);
        hold.release();
        await append(2);
        expect(logged()).to.deep.equal([{ n: 1 }, { n: 2 }]);

        const again = server.misbehave.holdAppends('before-write');
        const lost = append(3);
        await again.reached(1);
        await Promise.all([unavailable(lost), server.stop()]);
        again.release();
        await server.start();
        await append(4);
        expect(logged()).to.deep.equal([{ n: 1 }, { n: 2 }, { n: 4 }]);
      });

      it('goes down at once, and comes back on the same port with its log', async () => {
        await append(1);
        await server.stop();
        const { type, code } = await seen(append(2));
        expect({ type, code }).to.deep.equal({ type: options.credentials ? 'unavailable' : undefined, code: 14 });
        await server.start();
        expect(await append(3)).to.include({ nextExpectedRevision: 1n });
        expect(await numbersOf(client.readAll())).to.deep.equal([1, 3]);
      });

      it('answers that it is starting', async () => {
        server.misbehave.starting(true);
        const message = options.credentials
          ? '14 UNAVAILABLE: Server Is Not Ready'
          : 'Could not recognize Server Is Not Ready';
        expect(await seen(append(1))).to.include({ message, code: options.credentials ? 14 : undefined });
        expect(await seen(numbersOf(client.readAll()))).to.include({ type: 'unavailable', code: 14 });
        server.misbehave.starting(false);
        await append(1);
      });

      it('names another leader, and the client switches to it', async () => {
        const leader = await start();
        await append(1);
        server.misbehave.refuseAsFollower(1, leader.endpoint);
        expect(await seen(append(2))).to.include({ type: 'not-leader' });
        await append(3);
        expect(leader.log.map(({ data }) => data)).to.deep.equal([{ n: 3 }]);
      });

      it('freezes: accepts requests, answers when thawed', async () => {
        await append(1);
        server.misbehave.freeze();
        let answered = false;
        const answers = Promise.all([append(2), numbersOf(connect().readAll({ maxCount: 1 }))]).finally(
          () => (answered = true),
        );
        for (let i = 0; i < 50; i++) await turn();
        expect(answered).to.equal(false);
        expect(server.log).to.have.lengthOf(1);
        server.misbehave.thaw();
        await answers;
        expect(server.log).to.have.lengthOf(2);
      });
    });
  }

  describe('with faults in reads', () => {
    const append = (...numbers: number[]) => client.appendToStream('s', events(...numbers));

    it('holds reads', async () => {
      await append(1);
      const hold = server.misbehave.holdReads();
      const read = numbersOf(client.readAll());
      await hold.reached(1);
      await append(2);
      hold.release();
      expect(await read).to.deep.equal([1, 2]);
    });

    it('silences open subscriptions, or the next one', async () => {
      const first = watch(client.subscribeToAll());
      await first.until('caughtUp');
      server.misbehave.muteSubscriptions('open');
      server.misbehave.muteSubscriptions('next');
      const second = watch(client.subscribeToAll());
      await second.until('confirmation');
      const third = watch(client.subscribeToAll());
      await append(...range(20));
      await append(...range(20, 20));
      await third.until(39);
      expect(first.happened).to.deep.equal(['confirmation', 'caughtUp']);
      expect(second.happened).to.deep.equal(['confirmation']);
    });

    it('drops subscriptions, with the error of a shutdown or of a burst, and when it dies', async () => {
      for (const [reason, failure] of [
        ['too-slow', 'failed: timeout 10'],
        ['stopping', 'failed: unknown 13'],
      ] as const) {
        const seen = watch(client.subscribeToAll());
        await seen.until('caughtUp');
        server.misbehave.dropSubscriptions(reason);
        await seen.until(failure);
      }
      const seen = watch(client.subscribeToAll());
      await seen.until('caughtUp');
      await Promise.all([server.stop(), seen.until('failed: unavailable 14')]);
      expect(server.subscriptions.open).to.equal(0);
    });

    it('delivers an event twice', async () => {
      await append(1);
      const seen = watch(client.subscribeToAll());
      await seen.until('caughtUp');
      server.misbehave.deliverTwice(1);
      await append(2, 3);
      await seen.until(3);
      expect(seen.happened).to.deep.equal(['confirmation', 1, 'caughtUp', 2, 2, 3]);
    });

    it('goes back to a backup, and reuses the positions after it', async () => {
      await append(1, 2);
      const { position } = server.log[1]!;
      await server.restoreTo(server.log[0]!.position);
      expect(server.log.map(({ data }) => data)).to.deep.equal([{ n: 1 }]);
      expect(await client.appendToStream('t', event(3), { expectedRevision: NO_STREAM })).to.include({ success: true });
      expect(server.log[1]).to.include({ stream: 't', position });
      expect(await client.appendToStream('s', event(2), { expectedRevision: 0n })).to.include({
        nextExpectedRevision: 1n,
      });
      expect(await numbersOf(client.readAll())).to.deep.equal([1, 3, 2]);
    });
  });

  it('lists the calls received, one per append', async () => {
    await client.appendToStream('s', events(1, 2), { expectedRevision: NO_STREAM });
    await client.appendToStream('s', event(3), { ...WITH_CREDENTIALS, expectedRevision: 1n });
    await numbersOf(client.readStream('s', { maxCount: 5, fromRevision: 1n }));
    const [one, two, three] = range(4)
      .map((n) => event(n).id)
      .slice(1);
    expect(server.calls.map(({ rpc }) => rpc)).to.deep.equal(['getSupportedMethods', 'batchAppend', 'append', 'read']);
    expect(server.calls[1]).to.deep.equal({ rpc: 'batchAppend', stream: 's', expected: 'no_stream', ids: [one, two] });
    expect(server.calls[2]).to.deep.equal({ rpc: 'append', stream: 's', expected: 1n, ids: [three] });
    expect(server.calls[3]).to.include({ stream: 's', from: 1n, backwards: false, limit: 5 });
  });

  it('is found by discovery; while it is down, discovery fails without an error code', async () => {
    const discover = EventStoreDBClient.connectionString(
      `${server.url.replace('esdb:', 'esdb+discover:')}&maxDiscoverAttempts=2`,
    );
    clients.push(discover);
    await discover.appendToStream('s', event(1), WITH_CREDENTIALS);
    await server.stop();
    expect(await seen(discover.appendToStream('s', event(2), WITH_CREDENTIALS))).to.include({ code: 14 });
    const error = await seen(discover.appendToStream('s', event(2), WITH_CREDENTIALS));
    expect(error.message).to.match(/Failed to discover/);
    expect(error.code).to.equal(undefined);
  });
});
