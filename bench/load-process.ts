/** The process that `load.ts` starts: told a load, it answers what came back. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Load, LoadResult } from './load.js';

process.on('message', (load: Load) => {
  run(load).then(
    (result) => process.send?.(result),
    (fault: unknown) => process.send?.({ fault: String(fault) }),
  );
});

async function run({ port, path, callers, status, connections, ms }: Load): Promise<LoadResult> {
  const requests = callers.map((headers) => requestOf(path, headers));
  const bodies = new Map<number, Buffer>();
  const began = performance.now();
  let [next, answers] = [0, 0];

  /** Asks for one caller after the other until the time is up; every caller is asked at least once. */
  async function ask(socket: Socket): Promise<void> {
    const answerOf = reader(socket);
    while (answers < callers.length || performance.now() - began < ms) {
      const caller = next++ % requests.length;
      socket.write(requests[caller] as Buffer);
      const answer = await answerOf();
      if (answer.status !== status) throw new Error(`answered ${answer.status}: ${answer.body.toString()}`);
      const before = bodies.get(caller);
      if (!before) bodies.set(caller, Buffer.from(answer.body));
      else if (!before.equals(answer.body)) throw new Error('a caller got two different bodies');
      answers += 1;
    }
    socket.destroy();
  }

  const stopSpinning = spin();
  await Promise.all(Array.from({ length: connections }, async () => ask(await connected(port))));
  stopSpinning();
  const seconds = (performance.now() - began) / 1_000;
  const digest = createHash('sha256');
  for (const caller of requests.keys()) digest.update(bodies.get(caller) ?? '').update('\n');
  return { answers, seconds, digest: digest.digest('hex') };
}

/** Never sleeps: else each answer of the slower server would have to wake this process, at a cost that is the server's. */
function spin(): () => void {
  let next = setImmediate(turn);
  function turn(): void {
    next = setImmediate(turn);
  }
  return () => clearImmediate(next);
}

function requestOf(path: string, headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('')}\r\n`);
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
