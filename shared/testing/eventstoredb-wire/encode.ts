/**
 * Protobuf by hand, for what the server sends most: a recorded event is encoded once, when it is written, and its bytes
 * go to every reader. Field numbers are those of the client's streams.proto and shared.proto.
 */

export interface Recorded {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  /** Empty: none. */
  readonly metadata: Uint8Array;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** Times are given in ticks of 100 ns: 10,000 in a millisecond. */
const MS_IN_TICKS = '0000';

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Filled from the end, so that the length of a message is known when it has to be written before it. */
let scratch = Buffer.allocUnsafe(1 << 16);
let start = scratch.length;

/** The bytes of what `fill` writes by the functions below; a field that is written later stands before. */
export function encoded(fill: () => void): Buffer {
  start = scratch.length;
  fill();
  return Buffer.from(scratch.subarray(start));
}

export function uint(field: number, value: bigint | number): void {
  varint(value);
  varint((field << 3) | VARINT);
}

export function bytes(field: number, value: Uint8Array): void {
  reserve(value.length);
  scratch.set(value, start);
  varint(value.length);
  varint((field << 3) | LENGTH_DELIMITED);
}

export function text(field: number, value: string): void {
  const length = Buffer.byteLength(value);
  reserve(length);
  scratch.write(value, start, length, 'utf8');
  varint(length);
  varint((field << 3) | LENGTH_DELIMITED);
}

export function message(field: number, fill: () => void): void {
  const written = scratch.length - start;
  fill();
  varint(scratch.length - start - written);
  varint((field << 3) | LENGTH_DELIMITED);
}

/** A `google.protobuf.Any`. */
export function packed(field: number, type: string, fill: () => void): void {
  message(field, () => {
    message(2, fill);
    text(1, `type.googleapis.com/${type}`);
  });
}

function reserve(length: number): void {
  if (start < length) {
    const used = scratch.subarray(start);
    const larger = Buffer.allocUnsafe(2 * (used.length + length));
    start = larger.length - used.length;
    larger.set(used, start);
    scratch = larger;
  }
  start -= length;
}

function varint(value: bigint | number): void {
  let rest = Number(value);
  if (!Number.isSafeInteger(rest)) return bigVarint(BigInt(value));
  let length = 1;
  for (let limit = 0x80; limit <= rest; limit *= 0x80) length++;
  reserve(length);
  for (let i = start; i < start + length - 1; i++) {
    scratch[i] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  scratch[start + length - 1] = rest;
}

function bigVarint(value: bigint): void {
  const digits: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) digits.push(Number(rest & 0x7fn) | 0x80);
  digits.push(Number(rest));
  reserve(digits.length);
  scratch.set(digits, start);
}

function entry(key: string, value: string): void {
  message(6, () => {
    text(2, value);
    text(1, key);
  });
}

/** A `ReadResp` with one event, its id as text. */
export function readResponseOf(event: Recorded): Buffer {
  return encoded(() =>
    message(1, () => {
      uint(3, event.position);
      message(1, () => {
        bytes(8, event.data);
        bytes(7, event.metadata);
        entry('created', `${event.created}${MS_IN_TICKS}`);
        entry('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
        entry('type', event.type);
        uint(5, event.position);
        uint(4, event.position);
        uint(3, event.revision);
        message(2, () => text(3, event.stream));
        message(1, () => text(2, event.id));
      });
    }),
  );
}
