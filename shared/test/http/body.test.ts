import { expect } from 'chai';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { Refused } from '../../src/errors.js';
import { createBodyReader, parseJson, requireJson } from '../../src/http/body.js';
import type { Context } from '../../src/http/context.js';
import { rejection } from '../../testing/contract.js';

describe('The bytes of a request body', () => {
  let answered: Record<string, string>;
  beforeEach(() => {
    answered = {};
  });
  /** Reads at most 10 bytes. */
  function read(chunks: readonly string[], headers: Record<string, string> = { 'transfer-encoding': 'chunked' }) {
    const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
    const request = Object.assign(stream, { headers, method: 'POST' }) as unknown as Request;
    const response = { setHeader: (name: string, value: string) => void (answered[name] = value) };
    return createBodyReader(10)(request, response as unknown as Response);
  }

  it('are read up to the bound', async () => {
    expect(String(await read(['01234', '56789']))).to.equal('0123456789');
    expect(answered).to.deep.equal({});
  });

  it('are undefined when there are none', async () => {
    expect(await read([])).to.equal(undefined);
    expect(await read([], {})).to.equal(undefined);
  });

  const refused = {
    'over the bound': [['01234', '567890'], { 'transfer-encoding': 'chunked' }, 'common.payload_too_large', undefined],
    'when compressed': [
      ['01'],
      { 'content-length': '2', 'content-encoding': 'gzip' },
      'common.unsupported_media_type',
      undefined,
    ],
    'when they end early': [
      ['01'],
      { 'content-length': '3' },
      'common.validation_failed',
      'body: must arrive complete',
    ],
  } as const;
  for (const [when, [chunks, headers, key, message]] of Object.entries(refused))
    it(`are refused ${when}, and the connection is closed: nobody reads the rest`, async () => {
      const error = (await rejection(read(chunks, headers))) as Refused;
      expect(error).to.be.instanceOf(Refused);
      expect([error.key, error.details[0]?.message]).to.deep.equal([key, message]);
      expect(answered).to.deep.equal({ Connection: 'close' });
    });
});

describe('The media type of a request body', () => {
  const check = (type: string | undefined, rawBody?: Uint8Array) => () =>
    requireJson({ headers: { 'content-type': type } } as Request, { rawBody } as Context);
  const bytes = new Uint8Array(1);

  for (const type of [
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json  ;   charset=utf-8  ',
  ])
    it(`may be ${JSON.stringify(type)}`, () => expect(check(type, bytes)).to.not.throw());

  for (const type of [
    undefined,
    'text/plain',
    'text/application/json',
    'application/json; charset=utf-16',
    'application/jsonl',
  ])
    it(`may not be ${JSON.stringify(type)}`, () =>
      expect(check(type, bytes)).to.throw(Refused, 'common.unsupported_media_type'));

  it('does not matter when there is no body', () => expect(check(undefined)).to.not.throw());
});

describe('The JSON of a request body', () => {
  const nested = (levels: number) => Buffer.from('['.repeat(levels) + ']'.repeat(levels));

  it('may be nested 32 levels deep, not 33', () => {
    expect(() => parseJson(nested(32))).to.not.throw();
    expect(() => parseJson(nested(33)))
      .to.throw(Refused)
      .with.deep.property('details', [{ message: 'body: must not be nested deeper than 32 levels' }]);
  });
});
