/** Parses the bytes of a body to JSON that is safe to pass on. */
import { invalid } from './envelope.js';

/** Deeper nesting would overflow the stack of recursive code behind this (schemas, JSON.stringify). */
const MAX_DEPTH = 32;

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
