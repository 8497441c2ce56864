/** Parses the bytes of a body to JSON that is safe to pass on. */
import { invalid } from './envelope.js';

/** Deeper nesting would overflow the stack of recursive code behind this (schemas, JSON.stringify). */
const MAX_DEPTH = 32;

/** The JSON value of a body, without the hazards of `refuseHazards`. */
export function parseJson(body: Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    value = JSON.parse(text);
  } catch {
    throw invalid('body: must be JSON in UTF-8');
  }
  refuseHazards(value);
  refuseDuplicateKeys(text);
  return value;
}

/**
 * Refuses an object that names a key twice: parsers differ in which of the values counts, so what a proxy or a signature saw may
 * be another request than ours. `json` has been parsed already, so it is well-formed.
 */
function refuseDuplicateKeys(json: string): void {
  const open: (Set<string> | undefined)[] = []; // the keys so far of each object and array that is open
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '{' || character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(json, at);
      if (isFollowedByColon(json, end)) {
        const key = JSON.parse(json.slice(at, end)) as string; // an escape does not make another key
        const keys = (open[open.length - 1] ??= new Set());
        if (keys.has(key)) throw invalid('body: an object names a key twice');
        keys.add(key);
      }
      at = end - 1;
    }
  }
}

/** Behind the closing quote of the string that opens at `from`. */
function endOfString(json: string, from: number): number {
  let at = from + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isFollowedByColon(json: string, from: number): boolean {
  let at = from;
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at += 1;
  return json[at] === ':';
}

/**
 * Refuses what a schema cannot see or later code cannot handle: a key `__proto__`, numbers beyond the range of a double (1e400 parses
 * as Infinity), text with half a surrogate pair or a null character (stores and C libraries stop at it), too deep nesting. Uses a
 * loop with its own stack: a recursive walk would overflow on the very nesting it looks for.
 */
function refuseHazards(root: unknown): void {
  const pending: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (typeof value === 'number' && !Number.isFinite(value)) throw invalid('body: a number is out of range');
    if (typeof value === 'string') refuseHazardousText('body: a text', value);
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) throw invalid(`body: must not be nested deeper than ${MAX_DEPTH} levels`);
    const children = Array.isArray(value) ? (value as unknown[]) : Object.values(value);
    for (const child of children) pending.push({ value: child, depth: depth + 1 });
    if (children === value) continue;
    for (const key of Object.keys(value)) {
      if (key === '__proto__') throw invalid('body: Unrecognized key: "__proto__"');
      refuseHazardousText('body: a key', key);
    }
  }
}

function refuseHazardousText(what: string, text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw invalid(`${what} is not well-formed Unicode`);
  if (text.includes('\0')) throw invalid(`${what} has a null character`);
}
