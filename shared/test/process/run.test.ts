import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { EnvironmentError } from '../../src/process/environment.js';
import { listen } from '../../src/http/listen.js';
import { createMetrics } from '../../src/process/metrics.js';
import { createLog, silentLog } from '../../src/process/log.js';
import { createLifecycle, runProcess, type Lifecycle } from '../../src/process/run.js';
import { StoreFailed } from '../../src/store-errors.js';

/** A process that can be signalled and that remembers how it ended. */
function fakeProcess() {
  const events = new EventEmitter();
  const exits: number[] = [];
  let ended = () => {};
  const end = new Promise<void>((resolve) => (ended = resolve));
  const exit = (code: number) => {
    exits.push(code);
    ended();
  };
  return { events, exits, exit, end };
}

const failing = async () => {
  throw new Error('disk full');
};

describe('The ordered shutdown', () => {
  it('stops accepting, drains, closes in reverse order, exits', async () => {
    const steps: string[] = [];
    const lifecycle = createLifecycle({ log: silentLog, exit: (code) => void steps.push(`exit ${code}`) });
    lifecycle.markReady();
    const note = (name: string) => async () => {
      await Promise.resolve();
      steps.push(lifecycle.isReady() ? `${name} while ready` : name);
    };
    lifecycle.onClose('events', note('close events'));
    lifecycle.onClose('views', note('close views'));
    lifecycle.onDrain('feed', note('drain feed'));
    lifecycle.onStopAccepting('http', note('stop http'));
    expect(lifecycle.isReady()).to.equal(true);
    expect(await lifecycle.shutdown('SIGTERM')).to.equal(0);
    expect(steps).to.deep.equal(['stop http', 'drain feed', 'close views', 'close events', 'exit 0']);
  });

  it('runs once, however often it is requested', async () => {
    let closes = 0;
    const { exits, exit } = fakeProcess();
    const lifecycle = createLifecycle({ log: silentLog, exit });
    lifecycle.onClose('once', () => (closes += 1));
    expect(await Promise.all([lifecycle.shutdown('a'), lifecycle.shutdown('b', 3)])).to.deep.equal([0, 0]);
    expect([closes, exits]).to.deep.equal([1, [0]]);
  });

  it('continues after a failed step, and exits with 1', async () => {
    const steps: string[] = [];
    const { exits, exit } = fakeProcess();
    const lifecycle = createLifecycle({ log: silentLog, exit });
    lifecycle.onClose('first', () => void steps.push('first'));
    lifecycle.onClose('second', failing);
    lifecycle.onDrain('feed', failing);
    await lifecycle.shutdown('SIGTERM');
    expect([steps, exits]).to.deep.equal([['first'], [1]]);
  });

  it('has time limits for draining and closing', async () => {
    const { exits, exit } = fakeProcess();
    const lifecycle = createLifecycle({ log: silentLog, exit, drainMs: 1, stepMs: 1 });
    const never = () => new Promise(() => {});
    lifecycle.onStopAccepting('door', never);
    lifecycle.onDrain('feed', never);
    lifecycle.onClose('store', never);
    await lifecycle.shutdown('SIGTERM');
    expect(exits).to.deep.equal([1]);
  });

  it('exits with 1 and gives the reason when a store failed', async () => {
    const lines: { level: string; err?: { message: string } }[] = [];
    const log = createLog({ logLevel: 'info' }, 'test', { write: (line) => void lines.push(JSON.parse(line)) });
    const { exits, exit, end } = fakeProcess();
    const lifecycle = createLifecycle({ log, exit });
    lifecycle.markReady();
    let closed = false;
    lifecycle.onClose('store', () => (closed = true));
    lifecycle.fatal(new Error('fsync failed'));
    expect(lifecycle.isReady()).to.equal(false);
    await end;
    expect([exits, closed]).to.deep.equal([[1], true]);
    expect(lines.find(({ level }) => level === 'fatal')?.err?.message).to.equal('fsync failed');
  });

  it('reports a failed store once, in words for the operator, however many calls fail', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = createLog({ logLevel: 'fatal' }, 'test', { write: (line) => void lines.push(JSON.parse(line)) });
    const { exit, end } = fakeProcess();
    const lifecycle = createLifecycle({ log, exit });
    for (let times = 0; times < 3; times += 1) lifecycle.fatal(new StoreFailed('events.db failed: the disk is full.'));
    await end;
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ msg: 'events.db failed: the disk is full.' }).and.not.have.property('err');
  });

  it('exits with 1 when a store fails during it', async () => {
    const { exits, exit, end } = fakeProcess();
    const lifecycle = createLifecycle({ log: silentLog, exit });
    lifecycle.onDrain('last request', () => lifecycle.fatal(new StoreFailed('the disk is full')));
    void lifecycle.shutdown('SIGTERM');
    await end;
    expect(exits).to.deep.equal([1]);
  });
});

describe('runProcess', () => {
  it('is ready after the start, and stops in order on SIGTERM or SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT']) {
      const { events, exits, exit, end } = fakeProcess();
      let during: boolean | undefined;
      let closed = false;
      const start = async (lifecycle: Lifecycle) => {
        during = lifecycle.isReady();
        lifecycle.onClose('store', () => (closed = true));
      };
      const lifecycle = await runProcess({ log: silentLog, start, exit, events });
      expect([during, lifecycle.isReady()]).to.deep.equal([false, true]);
      events.emit(signal, signal);
      expect(lifecycle.isReady()).to.equal(false);
      await end;
      expect([exits, closed]).to.deep.equal([[0], true]);
    }
  });

  it('stops at once on the second signal', async () => {
    const { events, exits, exit } = fakeProcess();
    await runProcess({
      log: silentLog,
      start: async (lifecycle) => lifecycle.onDrain('endless', () => new Promise(() => {})),
      exit,
      events,
      drainMs: 5,
    });
    events.emit('SIGTERM', 'SIGTERM');
    expect(exits).to.deep.equal([]);
    events.emit('SIGINT', 'SIGINT');
    expect(exits).to.deep.equal([1]);
  });

  it('exits with 1 on an uncaught exception or rejection', async () => {
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      const { events, exits, exit } = fakeProcess();
      await runProcess({ log: silentLog, start: async () => {}, exit, events });
      events.emit(event, new Error('bug'));
      expect(exits).to.deep.equal([1]);
    }
  });

  it('closes what was opened and exits with 1 when the start fails', async () => {
    const { events, exits, exit } = fakeProcess();
    let closed = false;
    const lifecycle = await runProcess({
      log: silentLog,
      start: async (starting) => {
        starting.onClose('store', () => (closed = true));
        await failing();
      },
      exit,
      events,
    });
    expect([exits, closed, lifecycle.isReady()]).to.deep.equal([[1], true, false]);
  });

  it('prints problems of the environment without a stack', async () => {
    const lines: { msg: string; err?: unknown }[] = [];
    const log = createLog({ logLevel: 'info' }, 'test', { write: (line) => void lines.push(JSON.parse(line)) });
    const { events, exit } = fakeProcess();
    const start = () => Promise.reject(new EnvironmentError(['PORT must be a whole number from 0 to 65535']));
    await runProcess({ log, start, exit, events });
    expect(lines[0]?.msg).to.equal(
      'The configuration cannot be used:\n  - PORT must be a whole number from 0 to 65535',
    );
    expect(lines[0]).to.not.have.property('err');
  });

  it('does not become ready when a signal came during the start', async () => {
    const { events, exits, exit, end } = fakeProcess();
    const lifecycle = await runProcess({
      log: silentLog,
      start: async () => void events.emit('SIGTERM', 'SIGTERM'),
      exit,
      events,
    });
    await end;
    expect([exits, lifecycle.isReady()]).to.deep.equal([[0], false]);
  });
});

describe('listen', () => {
  const get = (port: number, agent: Agent): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      httpRequest({ port, agent }, (response) => response.resume().on('end', () => resolve(response)))
        .on('error', reject)
        .end();
    });

  it('answers requests in progress, refuses new ones, and closes idle connections when it stops', async () => {
    const lifecycle = createLifecycle({ log: silentLog, exit: () => {} });
    let answer = () => {};
    let arrived = () => {};
    const inside = new Promise<void>((resolve) => (arrived = resolve));
    const { port } = await listen(
      lifecycle,
      (_request, response) => {
        answer = () => response.end('done');
        arrived();
      },
      { port: 0, host: '127.0.0.1', metrics: createMetrics({ processMetrics: false }) },
    );
    const agent = new Agent({ keepAlive: true });
    const first = get(port, agent);
    await inside;
    const stopped = lifecycle.shutdown('SIGTERM');
    const refused = await get(port, new Agent()).catch((error: unknown) => (error as NodeJS.ErrnoException).code);
    expect(refused).to.equal('ECONNREFUSED');
    answer();
    expect((await first).statusCode).to.equal(200);
    expect(await stopped).to.equal(0);
    agent.destroy();
  });

  it('rejects when the port is taken', async () => {
    const lifecycle = createLifecycle({ log: silentLog, exit: () => {} });
    const address = { port: 0, host: '127.0.0.1', metrics: createMetrics({ processMetrics: false }) };
    const { port } = await listen(lifecycle, () => {}, address);
    const error = await listen(createLifecycle({ log: silentLog, exit: () => {} }), () => {}, {
      ...address,
      port,
    }).catch((reason: unknown) => (reason as NodeJS.ErrnoException).code);
    expect(error).to.equal('EADDRINUSE');
    await lifecycle.shutdown('test');
  });

  it('answers malformed requests with the error envelope', async () => {
    const lifecycle = createLifecycle({ log: silentLog, exit: () => {} });
    const { port } = await listen(lifecycle, () => {}, {
      port: 0,
      host: '127.0.0.1',
      metrics: createMetrics({ processMetrics: false }),
    });
    const say = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket
          .on('data', (chunk) => (answer += chunk.toString()))
          .on('end', () => resolve(answer))
          .on('error', reject);
      });
    const rubbish = await say('hello there\r\n\r\n');
    expect(rubbish).to.match(/^HTTP\/1\.1 400 Bad Request\r\n/);
    const body = JSON.parse(rubbish.slice(rubbish.indexOf('{'))) as {
      error: { i18nKey: string; details: unknown; correlationId: string };
    };
    expect(body.error).to.deep.include({
      i18nKey: 'common.validation_failed',
      details: [{ field: 'request', message: 'request: must be HTTP/1.1' }],
    });
    expect(rubbish).to.contain(`X-Correlation-Id: ${body.error.correlationId}`);
    const big = await say(`GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(big).to.contain('headers: must be smaller');
    await lifecycle.shutdown('test');
  });
});
