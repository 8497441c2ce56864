/** The argument checks of EventStore.append, the same for every adapter, and the JSON text that is stored. */
import type { NewEvent } from '../ports.js';

export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  /** JSON text. */
  readonly data: string;
  readonly metadata: string;
}

const MAX_BATCH_BYTES = 1024 * 1024;

/**
 * Throws RangeError for anything a store would refuse, lose or change: an empty batch, an empty or reserved name, values
 * that JSON cannot express, more than 1 MiB.
 */
export function encodeBatch(stream: string, events: readonly NewEvent[]): EncodedEvent[] {
  checkName('stream name', stream);
  if (events.length === 0) throw new RangeError(`an append to ${stream} needs at least one event`);
  const encoded = events.map(encodeEvent);
  const bytes = encoded.reduce((sum, event) => sum + sizeOf(event), 0);
  if (bytes > MAX_BATCH_BYTES)
    throw new RangeError(`a batch of ${bytes} bytes is over the limit of ${MAX_BATCH_BYTES}`);
  return encoded;
}

function encodeEvent({ id, type, data, metadata }: NewEvent): EncodedEvent {
  checkName('event id', id);
  checkName('event type', type);
  return {
    id,
    type,
    data: encodeObject(`data of ${type}`, data),
    metadata: encodeObject(`metadata of ${type}`, metadata),
  };
}

function sizeOf(event: EncodedEvent): number {
  return Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata) + event.type.length + event.id.length;
}

/** Names that start with "$" are reserved for the engine's system events, which readers of the whole log never get. */
function checkName(what: string, name: string): void {
  if (name === '') throw new RangeError(`the ${what} is empty`);
  if (name.startsWith('$')) throw new RangeError(`the ${what} "${name}" starts with "$", which is reserved`);
  if (/[\0\p{Surrogate}]/u.test(name)) throw new RangeError(`the ${what} has a NUL or half a surrogate pair`);
}

function encodeObject(what: string, value: object): string {
  if (!isPlainObject(value)) throw new RangeError(`${what} is not a plain object`);
  const fault = faultIn(value);
  if (fault !== null) throw new RangeError(`${what}${fault}, which JSON cannot express`);
  return JSON.stringify(value);
}

/**
 * The path and kind of the first value that would not survive JSON unchanged; null if there is none. JSON.stringify drops or rewrites
 * most of them silently. An undefined property counts as absent, as in the type.
 */
function faultIn(value: unknown): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number' && Number.isFinite(value)) return null;
  if (Array.isArray(value)) {
    // By index: `findIndex` and the like would hide a hole, which JSON.stringify turns into null.
    for (let index = 0; index < value.length; index++) {
      const fault = faultIn(value[index]);
      if (fault !== null) return `[${index}]${fault}`;
    }
    return null;
  }
  if (isPlainObject(value)) {
    for (const key of Object.keys(value)) {
      const fault = value[key] === undefined ? null : faultIn(value[key]);
      if (fault !== null) return `.${key}${fault}`;
    }
    return null;
  }
  return ` is ${typeof value === 'number' ? value : Object.prototype.toString.call(value)}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
