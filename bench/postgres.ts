/**
 * A dashboard GET beside the six queries on PostgreSQL: prepared once on each connection of a pool, the server on this machine or wherever
 * `PG_URL` says, in a schema of its own that is dropped in the end.
 */
import { listening } from './dashboards.js';
import { compare } from './pairs.js';
import { hasPeers, peer } from './peers.js';
import { readsOf, WARM_UP, withServed } from './reads.js';
import { sixQueries, type Tables } from './six-queries.js';

/** What is used of the package. */
interface Pg {
  readonly Pool: new (options: { connectionString: string; options: string }) => Pool;
}

interface Pool {
  query<R>(asked: string | Query): Promise<{ readonly rows: readonly R[] }>;
  end(): Promise<void>;
}

interface Query {
  /** Prepared under this name where it is not yet. */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly string[];
}

const NAME = 'Dashboard GET, against six queries, Express and passport on PostgreSQL';

/** False where the ratio is under its floor. Left out where no server is named, or the package is not installed. */
export async function benchPostgres(url = process.env['PG_URL']): Promise<boolean> {
  if (!url) {
    console.log(`${NAME}: left out; PG_URL names the database that it is compared with`);
    return true;
  }
  if (!hasPeers(NAME)) return true;
  return withServed(async ({ environment, documents, dashboards, ...served }) => {
    const tables = await tablesOn(url);
    try {
      const server = await listening(await sixQueries(environment, tables, documents));
      const on = readsOf(served);
      try {
        for (const one of [dashboards, server]) await on(one, WARM_UP)();
        return await compare({ name: NAME, floor: 10, goal: 20, base: on(server), ours: on(dashboards) });
      } finally {
        server.close();
      }
    } finally {
      await tables.close();
    }
  });
}

async function tablesOn(connectionString: string): Promise<Tables> {
  const schema = `bench_${process.pid}_${Date.now()}`;
  const pool = new (peer<Pg>('pg').Pool)({ connectionString, options: `-c search_path=${schema}` });
  await pool.query(`CREATE SCHEMA ${schema}`);
  let asked = 0;
  return {
    async exec(sql) {
      await pool.query(sql);
    },
    async insert(table, rows) {
      const text = `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`;
      await pool.query({ text, values: [JSON.stringify(rows)] });
      await pool.query(`ANALYZE ${table}`);
    },
    ask<R>(sql: string) {
      const query = { name: `asked_${(asked += 1)}`, text: sql.replace('?', '$1') };
      return async (key) => (await pool.query<R>({ ...query, values: [key] })).rows[0];
    },
    async close() {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}
