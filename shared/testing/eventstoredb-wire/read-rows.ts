/** What a real server was observed to answer to reads. */
import {
  ANY,
  BACKWARDS,
  binaryEvent,
  END,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  START,
  type ReadAllOptions,
  type ReadStreamOptions,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { credentials } from '@grpc/grpc-js';
import { expect } from 'chai';
import { once } from 'node:events';
import { all, event, events, numbersOf, place, seen, type Setup } from './test-client.js';

export function readRows(now: () => Setup): void {
  const append = (stream: string, ...numbers: number[]) => now().client.appendToStream(stream, events(...numbers));
  const readStream = (stream: string, options: ReadStreamOptions = {}) =>
    numbersOf(now().client.readStream(stream, options));
  const readAll = (options: ReadAllOptions = {}) => numbersOf(now().client.readAll(options));

  describe('reading a stream', () => {
    const READS: [ReadStreamOptions, number[] | { code: number }][] = [
      [{}, [0, 1, 2]],
      [{ fromRevision: 1n }, [1, 2]],
      [{ fromRevision: 1n, maxCount: 1 }, [1]],
      [{ fromRevision: 3n }, []],
      [{ fromRevision: 99n }, []],
      [{ fromRevision: END }, { code: 2 }],
      [{ maxCount: 0 }, { code: 2 }],
      [{ maxCount: -1 }, { code: 13 }],
      [{ direction: BACKWARDS, fromRevision: END }, [2, 1, 0]],
      [{ direction: BACKWARDS, fromRevision: 99n }, [2, 1, 0]],
      [{ direction: BACKWARDS, fromRevision: 1n }, [1, 0]],
      [{ direction: BACKWARDS, fromRevision: END, maxCount: 1 }, [2]],
      [{ direction: BACKWARDS }, [0]],
    ];
    for (const [options, found] of READS) {
      const { direction = FORWARDS, fromRevision = START, maxCount = 'all' } = options;
      it(`finds ${JSON.stringify(found)} ${direction} from ${fromRevision}, at most ${maxCount}`, async () => {
        await append('s', 0, 1, 2);
        if ('code' in found) expect(await seen(readStream('s', options))).to.include({ type: 'unknown', ...found });
        else expect(await readStream('s', options)).to.deep.equal(found);
      });
    }

    it('finds neither a missing nor a deleted stream; a deleted one continues its revisions', async () => {
      for (const expected of [NO_STREAM, ANY, 1n] as const) {
        const stream = `s-${expected}`;
        expect(await seen(readStream(stream))).to.include({ type: 'stream-not-found', streamName: stream });
        await append(stream, 0, 1);
        await now().client.deleteStream(stream);
        expect(await seen(readStream(stream))).to.include({ type: 'stream-not-found' });
        const again = await now().client.appendToStream(stream, event(2), { expectedRevision: expected });
        expect(again.nextExpectedRevision).to.equal(2n);
        expect(await readStream(stream)).to.deep.equal([2]);
      }
      await now().client.tombstoneStream('s-any');
      expect(await seen(readStream('s-any'))).to.include({ type: 'stream-deleted', code: 9 });
      expect(await seen(append('s-any', 9))).to.include({ type: 'stream-deleted' });
    });

    it('hides what $maxCount and $tb cut off, but not from $all', async () => {
      await append('s', 0, 1, 2);
      await now().client.setStreamMetadata('s', { maxCount: 2 });
      expect(await readStream('s')).to.deep.equal([1, 2]);
      await now().client.setStreamMetadata('s', { truncateBefore: 2 });
      expect(await readStream('s', { direction: BACKWARDS, fromRevision: END })).to.deep.equal([2]);
      expect(await readAll()).to.deep.equal([0, 1, 2, '$metadata', '$metadata']);
    });

    it('returns names, metadata and bytes as they were written', async () => {
      const stream = 'straße 猫\n$';
      const since = Date.now();
      await now().client.appendToStream(stream, [
        jsonEvent({ type: 'Größe', data: { n: 1 }, metadata: {} }),
        jsonEvent({ type: 'T', data: { n: 2 } }),
        binaryEvent({ type: 'T', data: Buffer.of(1, 2), metadata: Buffer.of(255) }),
        jsonEvent({ type: 'lone \ud800', data: ['a'], metadata: { a: 1 } }),
      ]);
      const found = (await all(now().client.readStream(stream))).map((one) => one.event!);
      expect(found.map(({ type, metadata, isJson }) => ({ type, metadata, isJson }))).to.deep.equal([
        { type: 'Größe', metadata: {}, isJson: true },
        { type: 'T', metadata: undefined, isJson: true },
        { type: 'T', metadata: Uint8Array.of(255), isJson: false },
        { type: 'lone \ufffd', metadata: { a: 1 }, isJson: true },
      ]);
      expect(found[2]!.data).to.deep.equal(Uint8Array.of(1, 2));
      expect(found[0]!.streamId).to.equal(stream);
      expect(found[1]).to.deep.include({ revision: 1n, position: place(now().server, 1), id: now().server.log[1]!.id });
      expect(found[0]!.created.getTime()).to.be.within(since, Date.now());
      expect(await seen(append('', 1))).to.include({ type: 'unknown' });
    });

    it('returns ids as two numbers to a client that asks for that', async () => {
      await append('s', 0x89);
      const all = new streams.ReadReq.Options.AllOptions().setStart(new shared.Empty());
      const ids = new streams.ReadReq.Options.UUIDOption().setStructured(new shared.Empty());
      const options = new streams.ReadReq.Options().setAll(all).setCount('1').setUuidOption(ids);
      const { host, port } = now().server.endpoint;
      const raw = new streamsService.StreamsClient(`${host}:${port}`, credentials.createInsecure());
      const call = raw.read(new streams.ReadReq().setOptions(options.setNoFilter(new shared.Empty())));
      const [response] = (await once(call, 'data')) as [InstanceType<typeof streams.ReadResp>];
      const bits = response.getEvent()!.getEvent()!.getId()!.getStructured()!;
      expect([bits.getMostSignificantBits(), bits.getLeastSignificantBits()]).to.deep.equal([
        String(0x4000n),
        String(BigInt.asIntN(64, 0x8000_000000000137n)),
      ]);
      raw.close();
    });
  });

  describe('reading $all', () => {
    const at = (index: number, offset = 0n) => {
      const { commit } = place(now().server, index);
      return { commit: commit + offset, prepare: commit + offset };
    };
    const ROWS: [string, () => ReadAllOptions, (number | string)[] | { code: number }][] = [
      ['forwards', () => ({}), [0, 1, 2]],
      ['forwards from a position, with it', () => ({ fromPosition: at(1) }), [1, 2]],
      ['backwards from a position, without it', () => ({ fromPosition: at(1), direction: BACKWARDS }), [0]],
      ['backwards', () => ({ fromPosition: END, direction: BACKWARDS, maxCount: 2 }), [2, 1]],
      ['backwards from the start', () => ({ direction: BACKWARDS }), []],
      ['forwards from the end', () => ({ fromPosition: END }), []],
      ['forwards from beyond the end', () => ({ fromPosition: at(2, 1_000n) }), []],
      ['within a record', () => ({ fromPosition: at(1, 1n) }), { code: 2 }],
      ['within the last record', () => ({ fromPosition: at(2, 1n) }), { code: 2 }],
      ['backwards within a record', () => ({ fromPosition: at(1, 1n), direction: BACKWARDS }), { code: 2 }],
    ];
    for (const [name, options, found] of ROWS) {
      it(`finds ${JSON.stringify(found)} ${name}`, async () => {
        await append('a', 0);
        await append('b', 1, 2);
        if ('code' in found) expect(await seen(readAll(options()))).to.include({ type: 'unknown', ...found });
        else expect(await readAll(options())).to.deep.equal(found);
      });
    }

    it('contains system events and those of deleted streams, in order of writing, at growing and uneven positions', async () => {
      const { client, server } = now();
      await append('a', 0);
      server.writeSystemEvent('$settings');
      await append('b', 1);
      await client.tombstoneStream('b');
      await client.deleteStream('a');
      expect(await readAll()).to.deep.equal([0, '$settings', 1, '$streamDeleted', '$metadata']);
      const positions = server.log.map(({ position }) => position);
      expect(positions).to.deep.equal([...positions].sort((a, b) => Number(a - b)));
      expect(new Set(positions.slice(1).map((position, i) => position - positions[i]!)))
        .to.have.property('size')
        .above(1);
    });

    it('answers nothing when asked for no events', async () => {
      await append('a', 0);
      let answered = false;
      const nothing = now().client.readAll({ maxCount: 0 });
      for (const sign of ['data', 'end', 'error']) nothing.on(sign, () => (answered = true));
      expect(await readAll()).to.deep.equal([0]);
      expect(now().server.calls.filter(({ rpc }) => rpc === 'read')).to.have.lengthOf(2);
      expect(answered).to.equal(false);
      await nothing.cancel();
    });
  });
}
