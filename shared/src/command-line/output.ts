/** What the commands print: text for people, one JSON value for programs. Progress goes to standard error. */
import type { JsonObject } from '../ports.js';

/** Standard output or error, or a substitute. */
export interface Sink {
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Output {
  readonly json: boolean;
  /** The result of the command, once. */
  result(value: unknown, text: string): void;
  /**
   * Progress: on a terminal it overwrites one line, else each new text is a line. What has a value is that in JSON where there is no
   * terminal, also beside a JSON result.
   */
  readonly progress: (text: string, value?: JsonObject) => void;
}

export function createOutput(json: boolean, out: Sink, err: Sink): Output {
  let shown = '';
  return {
    json,
    result(value, text) {
      if (shown && err.isTTY) err.write('\n');
      out.write(`${json ? toJson(value) : text}\n`);
    },
    progress(text, value) {
      const line = !err.isTTY && value ? JSON.stringify(value) : text;
      if (line === shown || (json && line === text)) return;
      err.write(err.isTTY ? `\r\u001b[K${text.slice(0, (err.columns ?? Infinity) - 1)}` : `${line}\n`);
      shown = line;
    },
  };
}

/** Positions are decimal strings in JSON. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part), 2);
}

/** Columns as wide as their widest cell. Numbers are right-aligned. */
export function table(head: readonly string[], rows: readonly (readonly (string | number | bigint)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumeric = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] !== 'string'));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
