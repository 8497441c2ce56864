import { expect } from 'chai';
import type { Request } from 'express';
import { PassThrough } from 'node:stream';
import type { Refused } from '../../src/errors.js';
import { createBodyReader } from '../../src/http/arrival.js';
import { createBound } from '../../src/http/bound.js';
import { createMetrics } from '../../src/process/metrics.js';
import { rejection } from '../../testing/contract.js';
import { createManualTime } from '../../testing/manual-time.js';

const json = { 'content-type': 'application/json' };

describe('The bytes of a request body', () => {
  const time = createManualTime();
  /** A reader of at most 10 bytes, 3 bodies at once, 2 of an address. */
  function reader() {
    const places = createBound('bodies', 3, createMetrics({ processMetrics: false }));
    return { places, read: createBodyReader(time, places, { maxBytes: 10, perAddress: 2 }) };
  }
  function sent(headers: Record<string, string> = { 'transfer-encoding': 'chunked' }, ip = '203.0.113.1') {
    const stream = Object.assign(new PassThrough(), { headers: { ...json, ...headers }, ip, complete: false });
    stream.once('end', () => (stream.complete = true));
    return stream as typeof stream & Request;
  }
  const reasonOf = async (work: Promise<unknown>) => {
    const { key, details } = (await rejection(work)) as Refused;
    return [key, ...details.map(({ message }) => message)];
  };

  it('are read up to the bound, in however many pieces they come', async () => {
    const request = sent();
    const read = reader().read(request);
    request.write('01234');
    request.end('56789');
    expect(String(await read)).to.equal('0123456789');
  });

  it('are undefined when there are none', async () => {
    const request = sent();
    request.end();
    expect(await reader().read(request)).to.equal(undefined);
  });

  it('are read no further than the bound: what is longer is cut off', async () => {
    const request = sent();
    const read = reader().read(request);
    request.write('01234');
    request.write('567890');
    expect(await reasonOf(read)).to.deep.equal(['common.payload_too_large']);
    request.write('more');
    await time.advance(0);
    expect([request.isPaused(), request.readableLength]).to.deep.equal([true, 4]);
  });

  for (const [what, headers, key] of [
    ['too long by its Content-Length', { 'content-length': '11' }, 'common.payload_too_large'],
    ['compressed', { 'content-encoding': 'gzip' }, 'common.unsupported_media_type'],
    ['of another type', { 'content-type': 'text/plain' }, 'common.unsupported_media_type'],
    ['of another JSON', { 'content-type': 'application/jsonl' }, 'common.unsupported_media_type'],
    ['in another encoding', { 'content-type': 'application/json; charset=utf-16' }, 'common.unsupported_media_type'],
    ['of no type', { 'content-type': '' }, 'common.unsupported_media_type'],
  ] as const)
    it(`are not waited for when they are ${what}`, async () => {
      const request = sent(headers);
      expect(await reasonOf(reader().read(request))).to.deep.equal([key]);
      expect(request.readableFlowing).to.equal(null);
    });

  for (const type of [
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json  ;  charset=utf-8 ',
  ])
    it(`may be of the type ${JSON.stringify(type)}`, async () => {
      const request = sent({ 'content-type': type });
      request.end('{}');
      expect(String(await reader().read(request))).to.equal('{}');
    });

  it('are refused when they end early', async () => {
    const request = sent();
    const read = reader().read(request);
    request.destroy(new Error('aborted'));
    expect(await reasonOf(read)).to.deep.equal(['common.validation_failed', 'body: must arrive complete']);
  });

  it('are waited for five seconds, however little of them comes at a time', async () => {
    const { places, read } = reader();
    const request = sent();
    const reading = reasonOf(read(request));
    for (let second = 0; second < 5; second += 1) {
      request.write('0');
      await time.advance(1_000);
    }
    expect(await reading).to.deep.equal(['common.validation_failed', 'body: must arrive within 5 seconds']);
    expect(places.isFull()).to.equal(false);
    expect(time.pending()).to.equal(0);
  });

  it('have so many places in all and of an address, which are free again when they have come', async () => {
    const { places, read } = reader();
    const slow = [sent({}, '203.0.113.1'), sent({}, '203.0.113.1'), sent({}, '203.0.113.2')];
    const reading = slow.map((request) => read(request));
    await time.advance(0);
    expect(places.isFull()).to.equal(true);
    expect(await reasonOf(read(sent({}, '203.0.113.3')))).to.deep.equal(['common.unavailable']);
    slow[2]?.end('2');
    expect(String(await reading[2])).to.equal('2');
    expect(await reasonOf(read(sent({}, '203.0.113.1'))), 'a third of that address').to.deep.equal([
      'common.unavailable',
    ]);
    slow[0]?.end('0');
    await reading[0];
    const again = sent({}, '203.0.113.1');
    const reread = read(again);
    again.end('3');
    expect(String(await reread)).to.equal('3');
  });

  it('take no place when they came along with their headers', async () => {
    const { places, read } = reader();
    while (!places.isFull()) places.take();
    const request = sent();
    const reading = read(request);
    request.complete = true;
    request.end('{}');
    expect(String(await reading)).to.equal('{}');
  });
});
