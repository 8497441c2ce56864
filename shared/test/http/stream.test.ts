/** A body that is sent while it is made: whole or visibly not, no faster than it is taken, and not for nobody. */
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import { route, type Route } from '../../src/http/route.js';
import { toyApp } from './toy-app.js';

const TYPE = 'application/x-ndjson';
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const streaming = (chunks: () => AsyncIterable<string>, type: string): Route[] => [
  route({
    ...{ method: 'GET', path: '/lines', summary: 'Lines', who: 'public', limit: 'none' },
    handle: async () => ({ stream: { type, chunks: chunks() } }),
  }),
];

describe('A body that is sent while it is made', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function answered(
    chunks: () => AsyncIterable<string>,
    { type = TYPE, headers = {} } = {},
  ): Promise<IncomingMessage> {
    server = createServer(toyApp({ routes: streaming(chunks, type) })).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const asked = get({ host: '127.0.0.1', port, path: '/api/v1/lines', headers });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  }
  async function textOf(response: IncomingMessage): Promise<string> {
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return text;
  }

  it('arrives whole, with its type', async () => {
    const response = await answered(async function* () {
      yield* ['one\n', '', 'two\n'];
    });
    expect(response.statusCode).to.equal(200);
    expect(response.headers).to.include({ 'content-type': TYPE, 'cache-control': 'no-store' });
    expect(await textOf(response)).to.equal('one\ntwo\n');
  });

  it('arrives whole when it is compressed, and many times longer than any buffer', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const response = await answered(
      async function* () {
        for (let n = 0; n < 200; n += 1) yield String(n).padStart(50_000, 'x');
      },
      { type: 'text/csv', headers: { 'Accept-Encoding': 'gzip' } },
    );
    expect(response.headers['content-encoding']).to.equal('gzip');
    let length = 0;
    for await (const chunk of response.pipe(createGunzip())) length += (chunk as Buffer).length;
    expect(length).to.equal(10_000_000);
    await turn();
    process.off('warning', onWarning);
    expect(warnings).to.deep.equal([]);
  });

  it('does not look whole when making it failed', async () => {
    const response = await answered(async function* () {
      yield 'one\n';
      throw new Error('the store is gone');
    });
    const failure = await textOf(response).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error).with.property('code', 'ECONNRESET');
  });

  it('is not made on when the caller has gone', async () => {
    let ended = () => {};
    const end = new Promise<void>((resolve) => (ended = resolve));
    const response = await answered(async function* () {
      try {
        for (;;) {
          yield 'line\n';
          await turn();
        }
      } finally {
        ended();
      }
    });
    response.destroy();
    await end;
  });

  it('is made no faster than the caller takes it', async () => {
    const [CHUNKS, LENGTH] = [300, 1_000_000];
    let made = 0;
    const response = await answered(async function* () {
      for (; made < CHUNKS; made += 1) {
        await turn();
        yield 'x'.repeat(LENGTH);
      }
    });
    for (let n = 0; n < 3 * CHUNKS; n += 1) await turn();
    expect(made, 'nothing is taken but what fits into the buffers of the system').to.be.below(CHUNKS / 2);
    let length = 0;
    for await (const chunk of response) length += (chunk as Buffer).length;
    expect(length).to.equal(CHUNKS * LENGTH);
  });
});
