/** How exported events are written: as NDJSON, or as CSV that no spreadsheet takes for formulas. The last line says that it is whole. */
import { toJson } from '@creator-dashboards/shared/http/envelope';
import type { EventMetadata } from '@creator-dashboards/shared/ports';
import { z } from 'zod';
import type { ShownEvent } from './show.js';

/** The last line. */
export interface Ending {
  /** Whether these are all events that were asked for. */
  readonly complete: boolean;
  readonly count: number;
  /** Position of the head of the log when the export began. */
  readonly upTo: string;
  /** With these filters the export goes on; null where it is complete. */
  readonly next: Readonly<Record<string, string>> | null;
}

export interface Format {
  readonly type: string;
  readonly begin: string;
  line(event: ShownEvent): string;
  end(ending: Ending): string;
}

export const formatOf = z.enum(['ndjson', 'csv']);

const COLUMNS = [
  ...['position', 'id', 'type', 'stream', 'revision', 'occurredAt', 'actor', 'role', 'correlationId', 'causationId'],
  ...['readable', 'data', 'metadata'],
];

export const FORMATS: Readonly<Record<z.output<typeof formatOf>, Format>> = {
  ndjson: {
    type: 'application/x-ndjson',
    begin: '',
    line: (event) => `${toJson(event)}\n`,
    end: (ending) => `${toJson(ending)}\n`,
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    begin: record(COLUMNS),
    line(event) {
      const { actor, ...metadata } = (event.metadata ?? {}) as Partial<EventMetadata>;
      return record([
        ...[event.position, event.id, event.type, event.stream, event.revision, metadata.occurredAt],
        ...[actor?.userId, actor?.role, metadata.$correlationId, metadata.$causationId],
        ...[event.readable, event.data, event.metadata],
      ]);
    },
    end: ({ complete, count, upTo, next }) =>
      record([complete ? 'complete' : 'incomplete', count, upTo, next].concat(COLUMNS.slice(4).map(() => null))),
  },
};

/** One record of CSV (RFC 4180). */
export function record(cells: readonly unknown[]): string {
  return `${cells.map((cell) => quoted(harmless(textOf(cell)))).join(',')}\r\n`;
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'string' ? cell : toJson(cell);
}

/** A spreadsheet would run what begins so, also behind spaces and in the wide forms; behind an apostrophe it is text. */
function harmless(text: string): string {
  return /^[\t\r\n]|^\s*[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
