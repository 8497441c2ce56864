/** The log for people at a terminal: each line a sentence, instead of JSON. */
import type { DestinationStream } from 'pino';

interface Line {
  readonly level: string;
  readonly msg?: string;
  readonly err?: {
    readonly type?: string;
    readonly message?: string;
    readonly stack?: string;
    readonly code?: unknown;
  };
  readonly [field: string]: unknown;
}

/** Said by whoever writes to a terminal: when, which process, which program. */
const OMITTED = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'err', 'reason']);
/** Errors of the language: a bug, of which the message alone says little. */
const BUGS = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError']);

/** A destination for a log, which writes its JSON lines as sentences. */
export function asSentences(write: (text: string) => void): DestinationStream {
  return { write: (json) => write(`${sentenceOf(JSON.parse(json) as Line)}\n`) };
}

function sentenceOf(line: Line): string {
  const { level, msg, err, reason } = line;
  const fields = Object.entries(line).filter(([name]) => !OMITTED.has(name));
  const shown = fields.map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const isBug = err !== undefined && err.code === undefined && BUGS.has(err.type ?? '');
  const parts = [msg, isBug ? (err.stack ?? err.message) : err?.message, reason].filter(
    (part) => part !== undefined && part !== '',
  );
  const mark = level === 'info' || level === 'debug' || level === 'trace' ? '' : `${level.toUpperCase()}  `;
  return `${mark}${parts.join(': ')}${shown.length === 0 ? '' : ` (${shown.join(', ')})`}`;
}
