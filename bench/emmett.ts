/**
 * Emmett's SQLite store beside ours, at its best: its own append and schema on one connection that stays open, with callers in turn,
 * since appends that overlap on a connection would be acknowledged before their transaction ends. As it is by default it opens a connection for each
 * append. `synchronous` is FULL in both, and the events are the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { createEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import type { NewEvent } from '@creator-dashboards/shared/ports';
import { appending, callersOf } from './appends.js';
import { compare, measured, type Measured } from './pairs.js';
import { hasPeers, peer } from './peers.js';

/** What is used of the package. */
export interface Emmett {
  sqliteConnection(options: { fileName: string }): Connection;
  createEventStoreSchema(connection: Connection): Promise<void>;
  appendToStream(
    connection: Connection,
    stream: string,
    category: string,
    events: readonly Pick<NewEvent, 'type' | 'data' | 'metadata'>[],
    options: { expectedStreamVersion: bigint },
  ): Promise<{ success: boolean }>;
}

export interface Connection {
  command(sql: string, values?: readonly string[]): Promise<unknown>;
  query<Row>(sql: string): Promise<Row[]>;
  querySingle<Row>(sql: string, values: readonly string[]): Promise<Row | null>;
  withTransaction<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

const APPENDS = 500;
/** For so many callers. */
const BOUNDS = [
  { callers: 1, floor: 3, goal: 5 },
  { callers: 8, floor: 4, goal: 8 },
  { callers: 64, floor: 8, goal: 15 },
];

/** False where one of the ratios is under its floor. Left out where the package is not installed. */
export async function benchEmmett(): Promise<boolean> {
  if (!hasPeers('Durable append, against Emmett on SQLite')) return true;
  const emmett = peer<Emmett>('@event-driven-io/emmett-sqlite');
  const place = mkdtempSync(join(tmpdir(), 'bench-emmett-'));
  const store = createEventStore(openDatabase(join(place, 'ours.db'), { synchronous: 'FULL' }));
  const connection = emmett.sqliteConnection({ fileName: join(place, 'emmett.db') });
  try {
    await connection.command('PRAGMA synchronous = FULL');
    await emmett.createEventStoreSchema(connection);
    const results: boolean[] = [];
    for (const { callers, floor, goal } of BOUNDS) {
      const [base, ours] = [inTurn(emmett, connection, callers), appending(store, callers, APPENDS)];
      for (const warmUp of [base, ours]) await warmUp();
      results.push(
        await compare({
          name: `Durable append, ${callers === 1 ? 'one caller' : `${callers} callers`}, against Emmett on SQLite at its best`,
          ...{ floor, goal, base, ours },
        }),
      );
    }
    return results.every(Boolean);
  } finally {
    connection.close();
    await store.close();
    rmSync(place, { recursive: true });
  }
}

/** An append begins when the one before it, whoever's, was acknowledged. */
function inTurn(emmett: Emmett, connection: Connection, callers: number): () => Promise<Measured> {
  return () => {
    const work = callersOf(callers, APPENDS);
    const rounds = work[0]?.events.length ?? 0;
    return measured(async () => {
      for (let n = 0; n < rounds; n += 1)
        for (const { stream, events } of work) {
          const options = { expectedStreamVersion: BigInt(n) };
          const { success } = await emmett.appendToStream(
            connection,
            stream,
            'message',
            events.slice(n, n + 1),
            options,
          );
          if (!success) throw new Error(`an append to ${stream} met a conflict`);
        }
      return { count: rounds * callers, digest: '' };
    });
  };
}
