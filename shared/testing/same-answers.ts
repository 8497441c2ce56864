/** Whether two listeners give the same answer: status, every header but what differs between any two answers, and the bytes. */
import { expect } from 'chai';
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Asking {
  readonly method?: string;
  readonly path: string;
  /** As pairs, since one name may come twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  /** `name: value`, names in lower case, in the order of the alphabet. */
  readonly headers: readonly string[];
  /** Each byte as one character. */
  readonly body: string;
}

/** What a listener answers to one request over a socket. */
export async function answerTo(
  listener: RequestListener,
  { method = 'GET', path, headers = [], body }: Asking,
): Promise<Answer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const sent = request({ port, method, path, agent: false, headers: ['Host', 'localhost', ...headers.flat()] });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve).once('error', reject).end(body);
    });
    const pairs = answer.rawHeaders.flatMap((name, at, all) => (at % 2 ? [] : `${name.toLowerCase()}: ${all[at + 1]}`));
    const bytes = await buffer(answer);
    return { status: answer.statusCode ?? 0, headers: pairs.sort(), body: bytes.toString('latin1') };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Only a correlation id that was made up, not one that the caller named, is of version 7. */
const MADE_UP = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}';

/** An answer without what differs between any two. */
export function comparable({ status, headers, body }: Answer): Answer {
  const kept = headers
    .filter((header) => !header.startsWith('date:'))
    .map((header) => header.replace(/^(ratelimit-\w+): .*/, '$1'))
    .map((header) => header.replace(new RegExp(`^x-correlation-id: ${MADE_UP}$`), 'x-correlation-id'));
  return { status, headers: kept, body: body.replace(new RegExp(`"correlationId":"${MADE_UP}"`), '"correlationId"') };
}

/** Asks both, and fails where the answers differ; returns that of `ours`. */
export async function expectSame(ours: RequestListener, theirs: RequestListener, asking: Asking): Promise<Answer> {
  const [first, second] = [await answerTo(ours, asking), await answerTo(theirs, asking)];
  expect(comparable(first), `${asking.method ?? 'GET'} ${asking.path}`).to.deep.equal(comparable(second));
  return first;
}
