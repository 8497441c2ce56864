/** What is wrong with the file of a log: streams and positions are found by different parts of it, which may differ. */
import type { Damage } from '../../ports.js';
import type { SqlDatabase } from './database.js';

const MOST = 100;
/** What SQLite says where a part of the file by which streams are found lacks an event. */
const MISSING = /^row (\d+) missing from index sqlite_autoindex_events_/;

/** Reads the whole file. At most 100 items. Throws StoreFailed for one that cannot be read. */
export function damageIn(database: SqlDatabase): Damage[] {
  const found = database.prepare<{ integrity_check: string }>(`PRAGMA integrity_check(${MOST})`).all();
  const lines = found.flatMap(({ integrity_check: text }) => text.split('\n'));
  const damage = lines.flatMap((line): Damage[] => {
    if (line === 'ok' || line.startsWith('***')) return [];
    const position = MISSING.exec(line)?.[1];
    return [{ message: `${database.file}: ${line}`, position: position === undefined ? null : BigInt(position) }];
  });
  const hidden = database
    .prepare<{ position: bigint }>(`SELECT position FROM events WHERE position <= 0 LIMIT ${MOST}`, { bigints: true })
    .all();
  const before = hidden.map(({ position }): Damage => {
    return { message: 'stands before the first position, where only reads of its stream find it', position };
  });
  return [...damage, ...before].slice(0, MOST);
}
