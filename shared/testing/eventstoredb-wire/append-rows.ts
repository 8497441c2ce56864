/** What a real server was observed to answer to appends, on both of the client's paths. */
import {
  ANY,
  binaryEvent,
  jsonEvent,
  NO_STREAM,
  STREAM_EXISTS,
  type AppendToStreamOptions,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { once } from 'node:events';
import { event, events, numbersOf, place, range, seen, type Setup, WITH_CREDENTIALS } from './test-client.js';

const PATHS: Record<string, AppendToStreamOptions> = {
  'the batch path': {},
  'the path with credentials': WITH_CREDENTIALS,
};
const MAX_APPEND = 1_048_576;

type Expected = AppendToStreamOptions['expectedRevision'];

// After 1 and 2 by one append, 3 by another: revisions 0 to 2. A number is the revision in the answer.
const REPEATS: [Expected, number[], 'same' | 'written' | 'refused', bigint][] = [
  [NO_STREAM, [1, 2], 'same', 1n],
  [ANY, [1, 2], 'same', 1n],
  [STREAM_EXISTS, [1, 2], 'same', 1n],
  [1n, [3], 'same', 2n],
  [NO_STREAM, [1], 'same', 0n],
  [ANY, [1], 'same', 0n],
  [NO_STREAM, [1, 2, 3], 'same', 2n],
  [ANY, [2, 3], 'same', 2n],
  [2n, [3], 'written', 3n],
  [2n, [1, 2], 'written', 4n],
  [ANY, [1, 2, 9], 'refused', 2n],
  [NO_STREAM, [1, 9], 'refused', 2n],
  [ANY, [9, 1], 'written', 4n],
  [ANY, [9, 9], 'written', 4n],
  [NO_STREAM, [9], 'refused', 2n],
  [0n, [9], 'refused', 2n],
  [7n, [9], 'refused', 2n],
  [STREAM_EXISTS, [9], 'written', 3n],
];

export function appendRows(now: () => Setup): void {
  for (const [path, options] of Object.entries(PATHS)) {
    describe(`appending on ${path}`, () => {
      const append = (stream: string, expectedRevision: Expected, ...ns: number[]) =>
        now().client.appendToStream(stream, events(...ns), { ...options, expectedRevision });

      it('answers with the last event, and rejects a stream that exists already', async () => {
        expect(await append('s', NO_STREAM, 1, 2)).to.deep.equal({
          success: true,
          nextExpectedRevision: 1n,
          position: place(now().server, 1),
        });
        const error = await seen(append('s', NO_STREAM, 3));
        const { type, message, streamName, expectedVersion, actualVersion, code } = error;
        expect({ type, message, streamName, expectedVersion, actualVersion, code }).to.deep.equal({
          type: 'wrong-expected-version',
          message: '',
          streamName: 's',
          expectedVersion: 'no_stream',
          actualVersion: 1n,
          code: undefined,
        });
      });

      it('reports the true revision, when the client does not throw, only with credentials', async () => {
        await append('s', NO_STREAM, 1, 2, 3);
        const quiet = now().connect('&throwOnAppendFailure=false');
        expect(await quiet.appendToStream('s', event(9), { ...options, expectedRevision: NO_STREAM })).to.deep.equal({
          success: false,
          nextExpectedRevision: options.credentials ? 2n : 1n,
          position: undefined,
        });
      });

      for (const [expected, ids, verdict, revision] of REPEATS) {
        it(`answers ${verdict} for ids ${ids.join()} with ${expected}, after 1,2 and 3`, async () => {
          await append('s', NO_STREAM, 1, 2);
          await append('s', 1n, 3);
          const result = append('s', expected, ...ids);
          if (verdict === 'refused') {
            expect(await seen(result)).to.include({ type: 'wrong-expected-version', actualVersion: revision });
          } else {
            const at = now().server.log.length;
            const { nextExpectedRevision, position } = await result;
            expect(now().server.log.length - at, 'written').to.equal(verdict === 'same' ? 0 : ids.length);
            expect(nextExpectedRevision).to.equal(revision);
            expect(position).to.deep.equal(place(now().server, Number(revision)));
          }
        });
      }

      it('accepts ids that are in another stream', async () => {
        await append('s', NO_STREAM, 1);
        expect(await append('other', ANY, 1)).to.include({ success: true, nextExpectedRevision: 0n });
        expect(now().server.log).to.have.lengthOf(2);
      });

      it('recognises ids after a restart by what the log says, but not with ANY', async () => {
        await append('s', NO_STREAM, 1, 2);
        await now().server.stop();
        await now().server.start();
        expect(
          await now()
            .connect()
            .appendToStream('s', events(1, 2), { ...options, expectedRevision: NO_STREAM }),
        ).to.include({
          nextExpectedRevision: 1n,
        });
        expect(
          await now()
            .connect()
            .appendToStream('s', events(1, 2), { ...options, expectedRevision: ANY }),
        ).to.include({
          nextExpectedRevision: 3n,
        });
      });

      it('rejects a batch that is too large, a missing stream that must exist, and a negative revision', async () => {
        const sized = (bytes: number) => binaryEvent({ type: 'Large', data: Buffer.alloc(bytes) });
        const large = (...parts: number[]) => now().client.appendToStream('large', parts.map(sized), options);
        expect(await large(MAX_APPEND / 2, MAX_APPEND / 2)).to.include({ success: true });
        expect(await seen(large(MAX_APPEND / 2, MAX_APPEND / 2 + 1))).to.include({
          type: 'maximum-append-size-exceeded',
          maxAppendSize: MAX_APPEND,
        });
        expect(await seen(large(20 * 1024 * 1024))).to.include({ type: 'unknown', code: 8 });
        expect(await seen(append('s', STREAM_EXISTS, 1))).to.include({ actualVersion: 'no_stream' });
        expect(await seen(append('s', -1n, 1))).to.include({ type: 'unknown', code: 13 });
        expect(now().server.log).to.have.lengthOf(2);
      });

      it('lets one of ten succeed, and accepts an empty append', async () => {
        expect(await append('s', NO_STREAM)).to.include({ success: true });
        expect((await seen(numbersOf(now().client.readStream('s')))).type).to.equal('stream-not-found');
        const results = await Promise.allSettled(range(10).map((n) => append('s', NO_STREAM, n)));
        expect(results.filter(({ status }) => status === 'fulfilled')).to.have.lengthOf(1);
      });
    });
  }

  it('forgets ids that ANY could recognise, after enough others', async () => {
    const client = now().connect('', await now().start({ rememberedIds: 10 }));
    const append = (...ns: number[]) => client.appendToStream('s', events(...ns));
    await append(0);
    await append(...range(9, 1));
    expect(await append(0)).to.include({ nextExpectedRevision: 0n });
    await append(...range(20, 10));
    expect(await append(0)).to.include({ nextExpectedRevision: 30n });
  });

  it('accepts 59,999 small events in one append', async () => {
    const many = range(59_999).map((n) => jsonEvent({ type: 'Small', data: { n } }));
    expect(await now().client.appendToStream('s', many)).to.include({ nextExpectedRevision: 59_998n });
  });

  it('answers an event without a type twice on the batch path, which ends a process that is not prepared for it', async () => {
    const client = now().connect('', await now().start({ writeTimeoutMs: 10 }));
    const restore = [withoutListeners('unhandledRejection'), withoutListeners('uncaughtException')];
    const uncaught = once(process, 'uncaughtException');
    try {
      expect(await seen(client.appendToStream('s', event(1, '')))).to.include({ type: 'unknown' });
      expect((await uncaught)[0]).to.be.instanceOf(TypeError);
    } finally {
      restore.forEach((put) => put());
    }
    expect(await seen(client.appendToStream('s', event(1, ''), WITH_CREDENTIALS))).to.include({ code: 2 });
  });
}

/** Removes the test runner's listeners, since a process has none; answers how to restore them. */
function withoutListeners(event: 'unhandledRejection' | 'uncaughtException'): () => void {
  const listeners = process.listeners(event as 'uncaughtException');
  process.removeAllListeners(event);
  return () => listeners.forEach((listener) => process.on(event as 'uncaughtException', listener));
}
