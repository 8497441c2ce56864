/** What strangers can do to a service over real sockets, and what its other callers notice of it. */
import { expect } from 'chai';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { listen, type ListenOptions } from '../../src/http/listen.js';
import { signWebhook } from '../../src/http/webhook.js';
import { silentLog } from '../../src/process/log.js';
import { createMetrics } from '../../src/process/metrics.js';
import { createLifecycle } from '../../src/process/run.js';
import type { AppOptions } from '../../src/http.js';
import { createManualTime } from '../../testing/manual-time.js';
import { bearer, environment, noon, toyApp } from './toy-app.js';

describe('The edge', () => {
  const time = createManualTime(noon);
  const webhook = `POST /api/v1/webhooks/payments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
  const signature = `X-Signature: ${signWebhook(environment.webhookSecrets, '/webhooks/payments', '{}', time)}\r\n`;
  let metrics = createMetrics({ processMetrics: false });
  let port: number;
  let stop: () => Promise<unknown>;
  let sockets: Socket[];

  beforeEach(() => {
    sockets = [];
    metrics = createMetrics({ processMetrics: false });
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await stop();
  });

  async function serve(options: Partial<AppOptions> = {}, edge: Partial<ListenOptions> = {}) {
    const lifecycle = createLifecycle({ log: silentLog, exit: () => {} });
    const app = toyApp({ clock: time, metrics, ...options });
    ({ port } = await listen(lifecycle, app, { port: 0, host: '127.0.0.1', metrics, ...edge }));
    stop = () => lifecycle.shutdown('test');
  }
  async function open(text: string): Promise<Socket> {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(socket);
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }
  /** All that the other side says until it closes. */
  async function lastWords(socket: Socket): Promise<string> {
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(socket, 'close');
    return said;
  }
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { headers: { Connection: 'close' } });
  /** Lets the server hear what was written; no promise says when. */
  async function heard(bound: string, held: number): Promise<void> {
    const now = async () => (await metrics.edgeHeld.get()).values.find(({ labels }) => labels.bound === bound)?.value;
    while ((await now()) !== held) await get('/livez');
  }

  it('answers an unsigned webhook before its body has come', async () => {
    await serve();
    const words = await lastWords(await open(`${webhook}Content-Length: 100\r\nConnection: close\r\n\r\n`));
    expect(words).to.match(/^HTTP\/1\.1 401 .*webhook\.signature\.invalid/s);
  });

  it('goes on serving while bodies come slowly, eight of an address, and gives each five seconds', async () => {
    await serve({ maxConcurrent: 1 });
    const slow: Socket[] = [];
    for (let count = 0; count < 8; count += 1)
      slow.push(await open(`${webhook}${signature}Content-Length: 100\r\n\r\n{`));
    await heard('bodies of strangers', 8);
    expect(await lastWords(await open(`${webhook}${signature}Content-Length: 100\r\n\r\n{`))).to.match(
      /^HTTP\/1\.1 503 /,
    );
    expect((await get('/api/v1/page')).status).to.equal(200);
    const endings = slow.map(lastWords);
    await time.advance(5_000);
    for (const ending of await Promise.all(endings)) expect(ending).to.match(/^HTTP\/1\.1 400 .*within 5 seconds/s);
  });

  it('is not ready, and says why, while as many bodies come as it waits for; callers with a token have places of their own', async () => {
    await serve();
    for (let count = 0; count < 64; count += 1)
      await open(`${webhook}${signature}X-Forwarded-For: 203.0.113.${count >> 3}\r\nContent-Length: 100\r\n\r\n{`);
    await heard('bodies of strangers', 64);
    const red = await get('/readyz');
    expect([red.status, await red.json()]).to.deep.equal([
      503,
      { ready: false, checks: { full: ['bodies of strangers'] } },
    ]);
    const body = '{"amount":"1"}';
    const head = `POST /api/v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nAuthorization: ${bearer('USER', time)}\r\n`;
    const caller = await open(`${head}Content-Length: ${body.length}\r\n\r\n{`);
    await heard('bodies of callers', 1);
    caller.write(body.slice(1));
    expect(await lastWords(caller)).to.match(/^HTTP\/1\.1 201 /);
  });

  for (const [what, path, status] of [
    ['that nobody may send', '/api/v1/things', 401],
    ['for which there is no route', '/nowhere', 404],
    ['that is too long', '/api/v1/open/abc', 413],
  ] as const)
    it(`cuts a body off ${what}`, async () => {
      await serve();
      for (const length of ['Content-Length: 100000000', 'Transfer-Encoding: chunked']) {
        const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;
        const piece = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
        const words = await lastWords(await open(`${head}${piece}1\r\nx\r\n`));
        expect(words).to.match(new RegExp(`^HTTP/1\\.1 ${status} `));
      }
    });

  it('tells a caller whose request is under way when it stops that the connection ends with the answer', async () => {
    const lifecycle = createLifecycle({ log: silentLog, exit: () => {} });
    stop = () => lifecycle.shutdown('test');
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      const handler: RequestListener = (_request, response) => {
        answer = () => response.end('done');
        resolve();
      };
      const listening = listen(lifecycle, handler, { port: 0, host: '127.0.0.1', metrics });
      void listening.then((listened) => ((port = listened.port), open('GET / HTTP/1.1\r\nHost: x\r\n\r\n')));
    });
    await asked;
    lifecycle.onStopAccepting('what waits', () => answer());
    const words = lastWords(sockets[0] as Socket);
    await stop();
    expect(await words).to.match(/^HTTP\/1\.1 200 .*\r\nConnection: close\r\n.*done/s);
  });

  it('takes so many connections of an address, but any number from a proxy', async () => {
    await serve({}, { maxPerAddress: 2 });
    const first = await open('');
    await open('');
    await lastWords(await open(''));
    first.destroy();
    while (
      await get('/livez').then(
        () => false,
        () => true,
      )
    );
    await stop();
    await serve({}, { maxPerAddress: 2, isProxy: (address) => address === '127.0.0.1' });
    for (let count = 0; count < 3; count += 1) await open('');
    expect((await get('/livez')).status).to.equal(200);
    expect(await metrics.registry.metrics()).to.contain('http_edge_refused_total{bound="connections of an address"}');
  });
});
