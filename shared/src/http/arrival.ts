/**
 * Bodies on their way. They have places of their own, by address and in all, and little time, so that slow ones hold up nobody but
 * each other; what shows in the headers is refused before a byte is read, and what grows too long is cut off.
 */
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { Refused } from '../errors.js';
import { SECOND, type Clock } from '../time.js';
import { within } from '../waiting.js';
import { createShares, type Bound } from './bound.js';
import { invalid } from './envelope.js';

export const MAX_BODY_BYTES = 64 * 1024;
/** Bodies that may be on their way at once, those that came along with their headers not counted. */
export const MAX_ARRIVING = 64;
const MAX_PER_ADDRESS = 8;
const MAX_SECONDS = 5;
const RETRY_AFTER = 1;

export type ReadBody = (request: Request) => Promise<Buffer | undefined>;

/**
 * Reads a body as bytes. Throws Refused: 415 for one that is not JSON in UTF-8 or compressed, 413 over `maxBytes`, 503 where no
 * place is free, 400 for one that ended early or took longer than five seconds.
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
    body.catch(() => undefined); // heard below; until then it must not count as unheard
    await Promise.resolve(); // what came in one piece with the headers has been parsed by now
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

/** Throws what can be known of a body before it is read. */
function refuseByHeaders({ headers }: IncomingMessage, maxBytes: number): void {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  // Not inflated: a small compressed body can be a huge one, and no client of ours has a reason to send one.
  const plain = encoding.toLowerCase() === 'identity';
  if (!plain || !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type))
    throw new Refused('common.unsupported_media_type');
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new Refused('common.payload_too_large');
}

/** The bytes of a body, at most so many; undefined where there are none. Beyond that nothing is read any more. */
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
 * A request that may be answered before its body was read ends its connection where that body is longer than we would ever read, or
 * of unknown length: else Node would read it to its end, whoever refused it.
 */
export const cutUnread: RequestHandler = (request, response, next) => {
  const { headers } = request;
  if (hasBody(request) && !(Number(headers['content-length']) <= MAX_BODY_BYTES)) {
    response.setHeader('Connection', 'close');
  }
  next();
};
