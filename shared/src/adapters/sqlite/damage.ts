/** What is wrong with the file of a log: streams and positions are found by different parts of it, which may differ. */
import type { Damage } from '../../ports.js';
import { StoreFailed } from '../../store-errors.js';
import type { SqlDatabase } from './database.js';

const MOST = 100;
/** What SQLite says where a part of the file by which streams are found lacks an event. */
const MISSING = /^row (\d+) missing from index sqlite_autoindex_events_/;

/** Reads the whole file, as far as it can be read. At most 100 items. */
export function damageIn(database: SqlDatabase): Damage[] {
  const looks = [disordered, hidden, found];
  return looks.flatMap((look) => ifReadable(() => look(database))).slice(0, MOST);
}

function ifReadable(look: () => Damage[]): Damage[] {
  try {
    return look();
  } catch (error) {
    if (error instanceof StoreFailed) return [{ message: error.message, position: null }];
    throw error;
  }
}

function found(database: SqlDatabase): Damage[] {
  const rows = database.prepare<{ integrity_check: string }>(`PRAGMA integrity_check(${MOST})`).all();
  const lines = rows.flatMap(({ integrity_check: text }) => text.split('\n'));
  return lines.flatMap((line): Damage[] => {
    if (line === 'ok' || line.startsWith('***')) return [];
    const position = MISSING.exec(line)?.[1];
    return [{ message: `${database.file}: ${line}`, position: position === undefined ? null : BigInt(position) }];
  });
}

function hidden(database: SqlDatabase): Damage[] {
  const rows = database
    .prepare<{ position: bigint }>(`SELECT position FROM events WHERE position <= 0 LIMIT ${MOST}`, { bigints: true })
    .all();
  const message = 'stands before the first position, where only reads of its stream find it';
  return rows.map(({ position }) => ({ message, position }));
}

/** Rows out of order: what looks for a position between them may come to the one part of the file or to the other. */
function disordered(database: SqlDatabase): Damage[] {
  const ranges = database
    .prepare<{ first: bigint; last: bigint }>(
      `SELECT MIN(position) AS first, highest AS last
       FROM (SELECT position, MAX(position) OVER (ROWS UNBOUNDED PRECEDING) AS highest FROM events NOT INDEXED)
       WHERE position < highest GROUP BY highest LIMIT ${MOST}`,
      { bigints: true },
    )
    .all();
  const message = 'stands in a part of the file that is out of order: some reads may pass over it';
  return ranges.map(({ first, last }) => ({ message, position: first, upTo: last }));
}
