import { expect } from 'chai';
import { once } from 'node:events';
import { get, IncomingMessage, ServerResponse, type IncomingHttpHeaders, type Server } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { AppOptions } from '../../src/http.js';
import { openContext } from '../../src/http/context.js';
import { listen } from '../../src/http/listen.js';
import { createPushes, endFrame, wantsFrames } from '../../src/http/push.js';
import { route, type Frame, type Frames } from '../../src/http/route.js';
import { silentLog } from '../../src/process/log.js';
import { createMetrics } from '../../src/process/metrics.js';
import { createLifecycle, type Lifecycle } from '../../src/process/run.js';
import { createManualTime, settled, type ManualTime } from '../../testing/manual-time.js';
import { bearer, noon, toyApp } from './toy-app.js';

interface Listener {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The text up to and with the next blank line; null at the end. */
  next(): Promise<string | null>;
  /** All that is still to come. */
  rest(): Promise<string>;
  leave(): void;
}

describe('An answer that goes on', () => {
  let time: ManualTime;
  let metrics: ReturnType<typeof createMetrics>;
  let lifecycle: Lifecycle;
  let server: Server;
  let port: number;
  let listeners: Listener[];
  /** What the handler waits for. */
  let onRequest: () => Promise<void>;

  beforeEach(() => {
    time = createManualTime(noon);
    metrics = createMetrics({ processMetrics: false });
    listeners = [];
    onRequest = async () => undefined;
  });
  afterEach(async () => {
    for (const one of listeners) one.leave();
    await lifecycle.shutdown('test');
  });

  /** Frames of a view that has one state, and then nothing new until it ends. */
  const oneState: Frames = async function* (signal): AsyncGenerator<Frame> {
    yield { event: 'state', id: 'W/"1"', data: { position: 12n } };
    if (!signal.aborted) await once(signal, 'abort');
  };

  async function serve(frames: Frames = oneState, options: Partial<AppOptions> = {}): Promise<void> {
    const stopping = new AbortController();
    lifecycle = createLifecycle({ log: silentLog, exit: () => {} });
    lifecycle.onStopAccepting('answers that go on', () => stopping.abort());
    const live = route({
      ...{ method: 'GET', path: '/live', summary: 'Live', who: 'auditor', limit: 'none', pushes: 'states' },
      async handle(request) {
        await onRequest();
        return wantsFrames(request) ? { frames } : { data: 'once' };
      },
    });
    const app = toyApp({ clock: time, metrics, routes: [live], stopping: stopping.signal, ...options });
    ({ server, port } = await listen(lifecycle, app, { port: 0, host: '127.0.0.1', metrics }));
  }

  async function ask(headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Listener> {
    const request = get({ port, path: '/api/v1/live', method, headers: { ...asking(), ...headers }, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.on('error', () => undefined).setEncoding('utf8');
    const chunks = response[Symbol.asyncIterator]();
    let text = '';
    async function next(): Promise<string | null> {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end >= 0) {
          const frame = text.slice(0, end + 2);
          text = text.slice(end + 2);
          return frame;
        }
        const { done, value } = await chunks.next();
        if (done) return null;
        text += value as string;
      }
    }
    async function rest(): Promise<string> {
      let all = '';
      for (let one = await next(); one !== null; one = await next()) all += one;
      return all + text;
    }
    const listener = { status: response.statusCode ?? 0, headers: response.headers, next, rest };
    listeners.push({ ...listener, leave: () => void request.destroy() });
    return listeners.at(-1)!;
  }

  /** What a listener sends. */
  const asking = () => ({ Accept: 'text/event-stream', Authorization: bearer('ADMIN', time) });

  /** Until the server has heard that nobody is connected. */
  async function nobodyConnected(): Promise<void> {
    const connections = () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
    while ((await connections()) !== 0) await settled();
  }

  /** Lets the server hear of a connection; no promise says when. */
  async function open(count: number): Promise<void> {
    const now = async () =>
      (await metrics.edgeHeld.get()).values.find(({ labels }) => labels.bound === 'pushes')?.value;
    while ((await now()) !== count) await settled();
  }

  const STATE = 'event: state\nid: W/"1"\ndata: {"position":"12"}\n\n';
  const endBy = (key: string) => `event: end\ndata: {"reason":"${key}"}\n\n`;

  it('is sent frame by frame to who accepts server-sent events, neither compressed nor stored', async () => {
    await serve(async function* () {
      yield { event: 'state', data: 'x'.repeat(2_000) };
      yield endFrame('DONE');
    });
    const listener = await ask({ 'Accept-Encoding': 'gzip, br' });
    expect(listener.status).to.equal(200);
    expect(listener.headers).to.include({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
    });
    expect(listener.headers).to.not.have.any.keys('content-encoding', 'content-length');
    expect(await listener.rest()).to.equal(`event: state\ndata: "${'x'.repeat(2_000)}"\n\n${endBy('DONE')}`);
  });

  it('is one answer for everybody else, and for a HEAD', async () => {
    await serve();
    expect(await (await ask({ Accept: '*/*' })).rest()).to.equal('{"success":true,"data":"once"}');
    const head = await ask({}, 'HEAD');
    expect([head.status, head.headers['content-type']]).to.deep.equal([200, 'application/json; charset=utf-8']);
    await open(0);
  });

  it('has a comment every 15 seconds, so that nobody between takes it for dead', async () => {
    await serve();
    const listener = await ask();
    expect(await listener.next()).to.equal(STATE);
    await time.advance(30_000);
    expect([await listener.next(), await listener.next()]).to.deep.equal([':\n\n', ':\n\n']);
  });

  it("ends with the token's time", async () => {
    await serve();
    const listener = await ask({ Authorization: bearer('ADMIN', time, 900) });
    await listener.next();
    await time.advance(899_000);
    await open(1);
    await time.advance(1_000);
    expect((await listener.rest()).replaceAll(':\n\n', '')).to.equal(endBy('auth.token.invalid'));
  });

  it('ends when the account is suspended', async () => {
    let status: 'ACTIVE' | 'SUSPENDED' = 'ACTIVE';
    await serve(oneState, { accounts: { forReads: async () => status } });
    const listener = await ask();
    await listener.next();
    await time.advance(5_000);
    status = 'SUSPENDED';
    await time.advance(2_000);
    expect(await listener.rest()).to.equal(endBy('auth.account.unknown'));
  });

  it('ends when the process stops, which does not wait for it', async () => {
    await serve();
    const listener = await ask();
    await listener.next();
    const code = lifecycle.shutdown('test');
    expect(await listener.rest()).to.equal(endBy('common.unavailable'));
    expect(await code).to.equal(0);
  });

  it('ends with an error key when its frames fail, without a word of the failure', async () => {
    await serve(async function* () {
      yield { event: 'state', data: 1 };
      throw new Error('secret');
    });
    expect(await (await ask()).rest()).to.equal(`event: state\ndata: 1\n\n${endBy('common.internal_error')}`);
  });

  it('lets its frames end when the caller goes away, and its place be taken by another', async () => {
    let ended = 0;
    await serve(async function* (signal) {
      yield { event: 'state', data: 1 };
      await once(signal, 'abort');
      ended += 1;
    });
    const listener = await ask();
    await listener.next();
    await open(1);
    listener.leave();
    await open(0);
    expect(ended).to.equal(1);
    expect(time.pending(), 'nothing is left that would wake up').to.equal(0);
  });

  it('takes no place for a caller who left before it began', async () => {
    await serve();
    for (let n = 1; n <= 6; n += 1) {
      let goOn: (() => void) | undefined;
      onRequest = () => new Promise((resolve) => (goOn = resolve));
      const request = get({ port, path: '/api/v1/live', headers: asking(), agent: false }).on('error', () => undefined);
      while (!goOn) await settled();
      request.destroy();
      await nobodyConnected();
      goOn();
      await settled();
    }
    onRequest = async () => undefined;
    expect((await ask()).status).to.equal(200);
    await open(1);
  });

  it('has five places for each caller, and 429 beyond them', async () => {
    await serve();
    const five = await Promise.all([1, 2, 3, 4, 5].map(() => ask()));
    const refused = await ask();
    expect([refused.status, refused.headers['retry-after']]).to.deep.equal([429, '10']);
    expect(await refused.rest()).to.include('common.rate_limited');
    five[0]!.leave();
    await open(4);
    expect((await ask()).status).to.equal(200);
  });

  it('takes no place among the requests under way, and is no measure of how long these take', async () => {
    await serve(oneState, { maxConcurrent: 1 });
    await (await ask()).next();
    expect((await ask({ Accept: 'application/json' })).status).to.equal(200);
    await lifecycle.shutdown('test');
    const measured = (await metrics.httpDuration.get()).values.find(({ metricName }) => metricName?.endsWith('_count'));
    expect(measured?.value).to.equal(1);
  });

  describe('on a connection that nobody reads', () => {
    /** What was sent and is not taken yet. */
    let taken: (() => void) | null;
    let sent: string;

    function connection(): Duplex {
      [taken, sent] = [null, ''];
      const duplex = new Duplex({
        highWaterMark: 1,
        read: () => undefined,
        write(chunk: Buffer, _encoding, callback) {
          sent += chunk.toString();
          taken = callback;
        },
      });
      server.emit('connection', duplex);
      const headers = `Host: x\r\nAccept: text/event-stream\r\nAuthorization: ${bearer('ADMIN', time)}\r\n\r\n`;
      duplex.push(`GET /api/v1/live HTTP/1.1\r\n${headers}`);
      return duplex;
    }

    /** The other side takes what is sent until this has come. */
    async function take(text: string): Promise<void> {
      while (!sent.includes(text)) {
        const next = taken;
        taken = null;
        next?.();
        await settled();
      }
    }

    it('leaves out what was new meanwhile: who reads again is sent the newest state', async () => {
      let newest = 1;
      let wake: () => void = () => undefined;
      await serve(async function* () {
        for (let told = 0; told < 5;) {
          if (newest === told) await new Promise<void>((resolve) => (wake = resolve));
          told = newest;
          yield { event: 'state', data: `${newest} `.repeat(20_000) };
        }
      });
      connection();
      await open(1);
      for (newest = 2; newest < 5; newest += 1) {
        wake();
        await settled();
      }
      newest = 5;
      await take('"5 5 ');
      expect(sent).to.include('"1 1 ');
      for (const left of ['"2 2 ', '"3 3 ', '"4 4 ']) expect(sent).to.not.include(left);
      await take('0\r\n\r\n');
    });

    it('is cut off when the process stops: its last frame would wait for ever', async () => {
      await serve(async function* (signal) {
        yield { event: 'state', data: 'x'.repeat(100_000) };
        await once(signal, 'abort');
      });
      const duplex = connection();
      await open(1);
      await settled();
      expect(await lifecycle.shutdown('test')).to.equal(0);
      expect([duplex.destroyed, time.pending()]).to.deep.equal([true, 0]);
    });
  });

  /** An answer that no server sends. */
  function unsent(): ServerResponse {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    openContext(new IncomingMessage(new Socket()), response);
    return response;
  }

  it('ends when its connection fails, without an error that nobody takes', async () => {
    await serve();
    const response = unsent();
    const listener = { caller: 'anna', admit: () => undefined };
    const done = createPushes({ clock: time, metrics }).push(response, oneState, listener);
    response.emit('error', new Error('broken pipe'));
    await settled();
    response.emit('close');
    await done;
    expect(time.pending()).to.equal(0);
  });

  it('has places for all callers of a process, and 503 beyond them', async () => {
    await serve();
    const pushes = createPushes({ clock: time, metrics, max: 1 });
    const first = unsent();
    const done = pushes.push(first, oneState, { caller: 'anna', admit: () => undefined });
    const second = pushes.push(first, oneState, { caller: 'ben', admit: () => undefined });
    expect(await second.catch((error: unknown) => error)).to.include({ key: 'common.unavailable', retryAfter: 10 });
    first.destroy();
    first.emit('close');
    await done;
  });
});
