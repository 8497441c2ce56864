/**
 * Bodies being received. Their number is bounded, per address and in all, and so is their time, so that slow ones only delay each
 * other. What the headers show to be wrong is refused before a byte is read, and a body that grows too long is cut off.
 */
import type { IncomingMessage } from 'node:http';
import { ipKeyGenerator } from 'express-rate-limit';
import { Refused } from '../errors.js';
import { SECOND, type Clock } from '../time.js';
import { within } from '../waiting.js';
import { createShares, type Bound } from './bound.js';
import { invalid } from './envelope.js';
import type { Around } from './surroundings.js';

export const MAX_BODY_BYTES = 64 * 1024;
/** How many bodies may be received at once, not counting those that arrived together with their headers. */
export const MAX_ARRIVING = 64;
const MAX_PER_ADDRESS = 8;
const MAX_SECONDS = 5;
const RETRY_AFTER = 1;

/** A request as node:http has it; `ip` is the caller's address where Express has looked through the proxies for it. */
export type Asked = IncomingMessage & { readonly ip?: string | undefined };

export type ReadBody = (request: Asked) => Promise<Buffer | undefined>;

/**
 * Reads a body as bytes. Throws Refused: 415 if it is compressed or not JSON in UTF-8, 413 if it has more than `maxBytes`, 503 if too
 * many are being received, 400 if it ends early or takes longer than five seconds.
 */
export function createBodyReader(
  clock: Pick<Clock, 'after'>,
  places: Bound,
  { maxBytes = MAX_BODY_BYTES, perAddress = MAX_PER_ADDRESS } = {},
): ReadBody {
  const shares = createShares(perAddress);
  return async (request) => {
    refuseByHeaders(request, maxBytes);
    const body = collected(request, maxBytes);
    body.catch(() => undefined); // handled below; until then it must not count as unhandled
    await Promise.resolve(); // a body in one piece with the headers has been parsed by now
    if (request.complete) return body;
    const address = ipKeyGenerator(request.ip ?? '');
    if (!shares.take(address)) throw full();
    try {
      if (!places.take()) throw full();
      try {
        return await within(clock, MAX_SECONDS * SECOND, body, tooSlow);
      } finally {
        places.give();
      }
    } finally {
      shares.give(address);
    }
  };
}

function full(): Refused {
  return new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
}

function tooSlow(): Refused {
  return invalid(`body: must arrive within ${MAX_SECONDS} seconds`);
}

/** Throws what can be known about a body before it is read. */
function refuseByHeaders({ headers }: IncomingMessage, maxBytes: number): void {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  // Not inflated: a small compressed body can be a huge one, and no client of ours has a reason to send one.
  const plain = encoding.toLowerCase() === 'identity';
  if (!plain || !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type))
    throw new Refused('common.unsupported_media_type');
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new Refused('common.payload_too_large');
}

/** The bytes of a body, undefined if there are none. Beyond the limit nothing more is read. */
function collected(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) return void chunks.push(chunk);
      chunks.length = 0;
      request.removeAllListeners('data').pause();
      reject(new Refused('common.payload_too_large'));
    });
    request.once('end', () => resolve(length > 0 ? Buffer.concat(chunks) : undefined));
    const early = () => reject(invalid('body: must arrive complete'));
    request.once('aborted', early).once('error', early);
  });
}

export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * Closes the connection of a request that may be answered before its body is read, if that body is longer than we would ever read
 * or of unknown length: otherwise Node would read a refused body to its end.
 */
export const cutUnread: Around = (request, response, next) => {
  const { headers } = request;
  if (hasBody(request) && !(Number(headers['content-length']) <= MAX_BODY_BYTES)) {
    response.setHeader('Connection', 'close');
  }
  next();
};
