/** What a stranger may send in a header costs next to nothing: every parser of one, ours or a library's, is linear and bounded. */
import { expect } from 'chai';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { leastCpuMs, onThisMachine } from '../../testing/cpu-time.js';
import { bearer, environment, noon, toyApp, userId } from './toy-app.js';

/** As long as Node lets all headers of a request be, less the rest of them. */
const LONG = 16 * 1_024 - 700;
/** Of the processor's time. */
const LIMIT_MS = 100;

const fill = (text: string) => text.repeat(Math.ceil(LONG / text.length)).slice(0, LONG);

/** What has made regular expressions backtrack: runs of one character, of pairs, and an end that never comes. */
const fillings: Readonly<Record<string, string>> = {
  blanks: `a${fill(' ').slice(2)}b`,
  tabs: `a${fill('\t').slice(2)}b`,
  commas: fill(','),
  'commas with blanks': `${fill(', ').slice(1)}b`,
  semicolons: fill('; '),
  quotes: fill('"'),
  backslashes: fill('"\\'),
  equals: fill('a=b;'),
  letters: fill('a'),
  digits: fill('9'),
  dots: fill('a.'),
  slashes: fill('*/*,'),
  addresses: fill('1.1.1.1, '),
  tags: fill('W/"1-1.1.1", '),
  'a scheme and blanks': `Bearer ${fill(' ').slice(8)}b`,
  'a scheme and dots': `Bearer ${fill('a.').slice(8)}`,
};

const headers = [
  ...['Authorization', 'X-Correlation-Id', 'Idempotency-Key', 'Read-After', 'X-Signature'],
  ...['If-None-Match', 'If-Modified-Since', 'Content-Type', 'Content-Encoding', 'Accept', 'Accept-Encoding'],
  ...['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'Forwarded', 'Host', 'Origin', 'Cookie', 'Range'],
  ...['Access-Control-Request-Headers', 'Access-Control-Request-Method', 'Traceparent', 'User-Agent', 'Cache-Control'],
];

describe('A header of 16 KB', () => {
  let server: Server;
  let limitMs: number;
  before(async () => {
    limitMs = await onThisMachine(LIMIT_MS);
    const app = toyApp({
      environment: { ...environment, corsOrigins: ['https://app.example.com'], trustProxy: ['loopback'] },
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  /** One request; a server that turns it away for its length has not parsed it. */
  async function ask(method: string, path: string, own: Record<string, string>): Promise<void> {
    const { port } = server.address() as AddressInfo;
    const asked = request({ port, host: '127.0.0.1', method, path: `/api/v1${path}`, headers: own, agent: false });
    asked.end(method === 'POST' ? '{}' : undefined);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    expect(answer.statusCode, 'Node itself turned it away').not.to.equal(431);
    expect(answer.statusCode).to.be.lessThan(500);
  }

  const usual = { Authorization: bearer('USER', { now: () => noon }), 'Content-Type': 'application/json' };
  const calls = [
    ['GET', `/things/${userId}`],
    ['POST', '/webhooks/payments'],
    ['OPTIONS', `/things/${userId}`],
  ] as const;
  for (const header of headers)
    it(`is read or refused at once as ${header}`, async () => {
      for (const [what, value] of Object.entries(fillings))
        for (const [method, path] of calls)
          expect(
            await leastCpuMs(() => ask(method, path, { ...usual, [header]: value }), limitMs),
            `${method}, ${what}`,
          ).to.be.at.most(limitMs);
    });
});
