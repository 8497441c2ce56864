/** Request bodies: bounded bytes, then JSON that is safe to hand on. */
import express, { type Request, type Response } from 'express';
import { Refused } from '../errors.js';
import type { Context } from './context.js';
import { invalid } from './envelope.js';

export const MAX_BODY_BYTES = 64 * 1024;
/** Deeper values overflow the stack of everything recursive behind us (schemas, JSON.stringify). */
const MAX_DEPTH = 32;

export type ReadBody = (request: Request, response: Response) => Promise<Buffer | undefined>;

/** Reads a body as bytes, whatever its type. Throws Refused: 413 over `maxBytes`, 415 for a compressed one, 400 for a broken one. */
export function createBodyReader(maxBytes: number): ReadBody {
  // Not inflated: a small compressed body can be a huge one, and no client of ours has a reason to send one.
  const read = express.raw({ type: () => true, limit: maxBytes, inflate: false });
  return (request, response) =>
    new Promise((resolve, reject) => {
      read(request, response, (error?: unknown) => {
        if (error) return reject(readingFailed(error, response));
        const body: unknown = request.body;
        resolve(Buffer.isBuffer(body) && body.length > 0 ? body : undefined);
      });
    });
}

function readingFailed(error: unknown, response: Response): Refused {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : 400;
  // The rest of the body is still on its way; nobody will read it.
  response.setHeader('Connection', 'close');
  if (status === 413) return new Refused('common.payload_too_large');
  if (status === 415) return new Refused('common.unsupported_media_type');
  return invalid('body: must arrive complete');
}

/** Throws 415 unless a body that was sent says it is JSON in UTF-8. */
export function requireJson(request: Request, context: Context): void {
  if (
    context.rawBody &&
    !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(request.headers['content-type'] ?? '')
  ) {
    throw new Refused('common.unsupported_media_type');
  }
}

/** The JSON value of a body, without the hazards of `refuseHazards`. */
export function parseJson(body: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw invalid('body: must be JSON in UTF-8');
  }
  refuseHazards(value);
  return value;
}

/**
 * Refuses what a schema cannot see or code behind it cannot bear: a key `__proto__`, numbers beyond the range of a double (1e400
 * parses as Infinity), texts with half a surrogate pair or a null character (stores and C libraries stop at one), nesting without
 * end. A loop with a stack of its own: a recursive walk would fall over the very nesting it looks for.
 */
function refuseHazards(root: unknown): void {
  const pending: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (typeof value === 'number' && !Number.isFinite(value)) throw invalid('body: a number is out of range');
    if (typeof value === 'string') refuseHazardousText('body: a text', value);
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) throw invalid(`body: must not be nested deeper than ${MAX_DEPTH} levels`);
    for (const [key, child] of Object.entries(value)) {
      if (key === '__proto__') throw invalid('body: Unrecognized key: "__proto__"');
      refuseHazardousText('body: a key', key);
      pending.push({ value: child, depth: depth + 1 });
    }
  }
}

function refuseHazardousText(what: string, text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw invalid(`${what} is not well-formed Unicode`);
  if (text.includes('\0')) throw invalid(`${what} has a null character`);
}
