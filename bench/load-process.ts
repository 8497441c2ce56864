/** The process that `load.ts` starts: told a load, it answers what came back. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import { quantile } from './figures.js';
import type { Asked, Caller, Load, LoadResult, Told } from './load.js';

process.on('message', ({ nth, load }: Asked) => {
  const tell = (told: Told) => process.send?.(told);
  run(load).then(
    (result) => tell({ nth, result }),
    (fault: unknown) => tell({ nth, fault: String(fault) }),
  );
});

async function run(load: Load): Promise<LoadResult> {
  const { ports, callers, status, connections, ms, sleeps = false, isVarying = false } = load;
  const requests = callers.map((caller) => requestsOf(load, caller));
  const bodies = new Map<number, Buffer>();
  const taken: number[] = [];
  const began = performance.now();
  const dueAt = (nth: number) => (load.perSecond ? began + (nth * 1_000) / load.perSecond : performance.now());
  let [next, answers] = [0, 0];

  /** Asks for one caller after the other until the time is up; every caller is asked at least once. */
  async function ask(socket: Socket): Promise<void> {
    const answerOf = reader(socket);
    while (answers < callers.length || performance.now() - began < ms) {
      const nth = next++;
      const caller = nth % requests.length;
      const due = dueAt(nth);
      while (performance.now() < due) await setImmediate();
      const turns = requests[caller] ?? [];
      socket.write(turns[Math.floor(nth / requests.length) % turns.length] as Buffer);
      const answer = await answerOf();
      taken.push(performance.now() - due);
      if (answer.status !== status) throw new Error(`answered ${answer.status}: ${answer.body.toString()}`);
      const before = bodies.get(caller);
      if (!before) bodies.set(caller, Buffer.from(answer.body));
      else if (!isVarying && !before.equals(answer.body)) throw new Error('a caller got two different bodies');
      answers += 1;
    }
    socket.destroy();
  }

  const stopSpinning = sleeps ? () => undefined : spin();
  const sockets = Array.from({ length: connections }, (_, nth) => connected(ports[nth % ports.length] ?? 0));
  await Promise.all(sockets.map(async (socket) => ask(await socket)));
  stopSpinning();
  const seconds = (performance.now() - began) / 1_000;
  const digest = createHash('sha256');
  for (const caller of requests.keys()) digest.update(bodies.get(caller) ?? '').update('\n');
  const [p50, p99] = [quantile(taken, 0.5), quantile(taken, 0.99)];
  return { answers, seconds, digest: isVarying ? '' : digest.digest('hex'), p50, p99 };
}

/** Keeps from sleeping: else each answer of the slower server would have to wake this process, at a cost that is the server's. */
function spin(): () => void {
  let next = nextTurn(turn);
  function turn(): void {
    next = nextTurn(turn);
  }
  return () => clearImmediate(next);
}

function requestsOf({ method = 'GET', path }: Load, caller: Caller): Buffer[] {
  const head = [
    `${method} ${caller.path ?? path} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...Object.entries(caller.headers).map(headerOf),
  ];
  if (!caller.bodies) return [Buffer.from(`${head.join('\r\n')}\r\n\r\n`)];
  return caller.bodies.map((body) => {
    const more = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
    return Buffer.from(`${[...head, ...more].join('\r\n')}\r\n\r\n${body}`);
  });
}

function headerOf([name, value]: readonly [string, string]): string {
  return `${name}: ${value}`;
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const HEAD_ENDS = Buffer.from('\r\n\r\n');

/** Reads one answer at each call. Both kinds of server say Content-Length, but for a 304, which has no body. */
function reader(socket: Socket): () => Promise<Answer> {
  let received: Buffer = Buffer.alloc(0);
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | null = null;

  function look(): void {
    const end = received.indexOf(HEAD_ENDS);
    if (end < 0 || !waiting) return;
    const head = received.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    const length = status === 304 ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    const from = end + HEAD_ENDS.length;
    if (received.length < from + length) return;
    const { resolve } = waiting;
    waiting = null;
    const body = received.subarray(from, from + length);
    received = received.subarray(from + length);
    resolve({ status, body });
  }
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    look();
  });
  socket.once('close', () => waiting?.reject(new Error('the server closed a connection')));
  return () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      look();
    });
}
