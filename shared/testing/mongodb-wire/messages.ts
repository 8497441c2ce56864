/**
 * MongoDB's messages: from bytes to a request, from an answer to bytes. OP_QUERY only carries a client's first hello.
 */
import type { BSON } from 'mongodb';
import { decodeExact, decodePlain, encode } from './values.js';
import { CommandError } from './refusals.js';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const AWAIT_CAPABLE = 8;
/** A command may be this much larger than the largest document. */
const MAX_INCOMING = 16_777_216 + 16 * 1024;

export interface Request {
  readonly id: number;
  readonly legacy: boolean;
  /** False for unacknowledged writes. */
  readonly wantsReply: boolean;
  readonly name: string;
  readonly database: string;
  /** The command, apart from what came as document sequences; `exact` keeps each value's BSON type. */
  readonly body: BSON.Document;
  readonly exact: BSON.Document;
  /** The BSON of each document of a field that is a list of documents, however it was sent. */
  list(field: string): Uint8Array[];
}

/** `frame` is one whole message, header included. */
export function parseRequest(frame: Buffer): Request {
  const id = frame.readInt32LE(4);
  const opcode = frame.readInt32LE(12);
  if (opcode === OP_QUERY) {
    const start = frame.indexOf(0, HEADER + 4) + 1 + 8;
    return requestOf(id, true, true, documentAt(frame, start), new Map());
  }
  if (opcode !== OP_MSG) throw new Error(`a message of opcode ${opcode}`);
  const flags = frame.readInt32LE(HEADER);
  const end = frame.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  const sequences = new Map<string, Uint8Array[]>();
  let body: Uint8Array | undefined;
  for (let at = HEADER + 4; at < end;) {
    const size = frame.readInt32LE(at + 1);
    if (frame[at] === 0) body = documentAt(frame, at + 1);
    else {
      const nameEnd = frame.indexOf(0, at + 5);
      const field = frame.toString('utf8', at + 5, nameEnd);
      sequences.set(field, documentsBetween(frame, nameEnd + 1, at + 1 + size));
    }
    at += 1 + size;
  }
  if (body === undefined) throw new Error('a message without a body');
  return requestOf(id, false, (flags & MORE_TO_COME) === 0, body, sequences);
}

function requestOf(
  id: number,
  legacy: boolean,
  wantsReply: boolean,
  bytes: Uint8Array,
  sequences: Map<string, Uint8Array[]>,
): Request {
  const body = decodePlain(bytes);
  let exact: BSON.Document | undefined;
  const request = {
    id,
    legacy,
    wantsReply,
    name: Object.keys(body)[0] ?? '',
    database: String(body['$db'] ?? 'admin'),
    body,
    get exact() {
      return (exact ??= decodeExact(bytes));
    },
    list: (field: string): Uint8Array[] =>
      sequences.get(field) ?? ((request.exact[field] ?? []) as BSON.Document[]).map(encode),
  };
  return request;
}

const documentAt = (frame: Buffer, at: number) => frame.subarray(at, at + frame.readInt32LE(at));

function documentsBetween(frame: Buffer, from: number, to: number): Uint8Array[] {
  const documents: Uint8Array[] = [];
  for (let at = from; at < to; at += frame.readInt32LE(at)) documents.push(documentAt(frame, at));
  return documents;
}

/** Throws what a server answers to a command, or a statement of one, that is itself not BSON it would read. */
export function checkSizes(listed: readonly Uint8Array[]): void {
  for (const { length } of listed) {
    if (length > MAX_INCOMING)
      throw new CommandError(
        10334,
        `BSONObj size: ${length} (0x${length.toString(16).toUpperCase()}) is invalid. Size must be between 0 and ${MAX_INCOMING}(16MB)`,
      );
  }
}

export function encodeReply(request: Request, answer: Uint8Array): Buffer {
  const head = Buffer.alloc(request.legacy ? HEADER + 20 : HEADER + 5);
  head.writeInt32LE(head.length + answer.length, 0);
  head.writeInt32LE(request.id, 8);
  head.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  if (request.legacy) {
    head.writeInt32LE(AWAIT_CAPABLE, HEADER);
    head.writeInt32LE(1, HEADER + 16);
  }
  return Buffer.concat([head, answer]);
}

const DOCUMENT = 3;
const ARRAY = 4;

/** The answer to a command that opens or continues a cursor. The documents go in as the bytes they are. */
export function cursorReply(
  cursor: { readonly id: bigint; readonly ns: string },
  batch: 'firstBatch' | 'nextBatch',
  documents: readonly Uint8Array[],
): Uint8Array {
  const parts = documents.flatMap((bytes, i) => [element(DOCUMENT, String(i)), bytes]);
  const array = documentOf(parts);
  const answer = encode({ ok: 1 });
  const inner = documentOf([element(ARRAY, batch), array, fieldsOf(encode(cursor))]);
  return documentOf([element(DOCUMENT, 'cursor'), inner, fieldsOf(answer)]);
}

const element = (type: number, name: string) => Buffer.from(`${String.fromCharCode(type)}${name}\0`);
const fieldsOf = (document: Uint8Array) => document.subarray(4, -1);

function documentOf(parts: Uint8Array[]): Buffer {
  const length = Buffer.alloc(4);
  const bytes = Buffer.concat([length, ...parts, Buffer.alloc(1)]);
  bytes.writeInt32LE(bytes.length, 0);
  return bytes;
}
