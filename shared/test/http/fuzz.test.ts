import { expect } from 'chai';
import fc from 'fast-check';
import { request as httpRequest } from 'node:http';
import { createLifecycle } from '../../src/process/run.js';
import { listen } from '../../src/http/listen.js';
import { createMetrics } from '../../src/process/metrics.js';
import { silentLog } from '../../src/process/log.js';
import { bearer, environment, toyApp, userId } from './toy-app.js';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

function send(port: number, { method, path, headers, body }: Call): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const framed = { ...headers, 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = httpRequest({ port, method, path, headers: framed, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND');
const known = fc.constantFrom(
  `/api/v1/things/${userId}`,
  '/api/v1/things',
  '/api/v1/open/x',
  '/api/v1/webhooks/payments',
  '/api/v1/admin/things',
  '/docs',
  '/readyz',
);
/** Whatever a client library allows in a path: any visible ASCII, even half of an escape. */
const wild = fc.stringMatching(/^[!-"$-~]{0,40}$/).map((rest) => `/${rest}`);
const path = fc.oneof(
  known,
  wild,
  wild.map((rest) => `/api/v1/things${rest}`),
  wild.map((rest) => `/api/v1/open${rest}`),
);
const headerValue = fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,60}$/);
const headers = fc.record(
  {
    authorization: fc.oneof(fc.constant(bearer('ADMIN')), headerValue),
    'content-type': fc.oneof(fc.constant('application/json'), headerValue),
    'idempotency-key': headerValue,
    'x-correlation-id': headerValue,
    'x-forwarded-for': headerValue,
    'x-signature': headerValue,
    'read-after': headerValue,
    'content-encoding': headerValue,
    origin: headerValue,
    'if-none-match': headerValue,
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.string(),
  fc.uint8Array({ maxLength: 200 }),
  fc.dictionary(fc.string(), fc.anything()).map((value) => safeJson(value)),
);

function safeJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ?? '';
}

describe('HTTP requests of any kind', () => {
  it('are answered, never with a 500, and every error in the envelope', async () => {
    const lifecycle = createLifecycle({ log: silentLog, exit: () => {} });
    const app = toyApp({
      environment: { ...environment, rateLimitFactor: 100_000, corsOrigins: ['https://app.example.com'] },
    });
    const { port } = await listen(lifecycle, app, {
      port: 0,
      host: '127.0.0.1',
      metrics: createMetrics({ processMetrics: false }),
    });
    try {
      await fc.assert(
        fc.asyncProperty(fc.record({ method, path, headers, body }), async (call) => {
          const { status, text } = await send(port, call);
          expect(status, text).to.be.within(200, 499);
          if (status >= 400 && call.method !== 'HEAD') {
            const { success, error } = JSON.parse(text) as { success: boolean; error: { correlationId: string } };
            expect(success).to.equal(false);
            expect(error.correlationId).to.match(/^[0-9a-f-]{36}$/i);
          }
        }),
        { numRuns: 400 },
      );
    } finally {
      expect(await lifecycle.shutdown('test')).to.equal(0);
    }
  });
});
