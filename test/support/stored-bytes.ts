/** Everything that a system under test has stored, as bytes: what is in use, and of files also what is not any more. */
import { openToRead } from '@creator-dashboards/shared/adapters/sqlite/database';
import type { Environment } from '@creator-dashboards/shared/process/environment';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { Redis } from 'ioredis';
import { BSON, MongoClient } from 'mongodb';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLog } from './invariants.js';

export interface Stored {
  /** A file, a table, a collection, the log. */
  readonly where: string;
  readonly bytes: Uint8Array;
}

type Places = Pick<Environment, 'dataDir' | 'readStoreUrl' | 'keyStoreUrl' | 'queueUrl'>;

/** Of the files, the collections of both databases, the log and what Redis has. */
export async function storedBytes(places: Places, events: EventStore): Promise<Stored[]> {
  const databases = [places.readStoreUrl, places.keyStoreUrl].filter((url) => url.startsWith('mongodb:'));
  return [
    ...filesIn(places.dataDir),
    { where: 'the log', bytes: Buffer.from(JSON.stringify(await readLog(events), inJson)) },
    ...(await Promise.all(databases.map(collectionsOf))).flat(),
    ...(places.queueUrl.startsWith('redis') ? await redisAt(places.queueUrl) : []),
  ];
}

/** Each file as it is, and each row of a database: a value may lie on two pages. */
function filesIn(folder: string): Stored[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((file) => [{ where: file, bytes: readFileSync(file) }, ...(file.endsWith('.db') ? tablesOf(file) : [])]);
}

function tablesOf(file: string): Stored[] {
  const database = openToRead(file);
  try {
    const tables = database.prepare<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`).all();
    return tables.map(({ name }) => {
      const rows = database
        .prepare<Readonly<Record<string, unknown>>>(`SELECT * FROM "${name}"`, { bigints: true })
        .all();
      return {
        where: `${file}, table ${name}`,
        bytes: Buffer.concat(rows.flatMap((row) => Object.values(row).map(asBytes))),
      };
    });
  } finally {
    database.close();
  }
}

/** The key of a subject as it is stored, wrapped by MASTER_KEY; null for none. */
export async function wrappedKey({ dataDir, keyStoreUrl }: Places, subject: string): Promise<Uint8Array | null> {
  if (keyStoreUrl.startsWith('mongodb:')) {
    const client = new MongoClient(keyStoreUrl, { promoteBuffers: true });
    try {
      const keys = client.db().collection<{ _id: string; wrapped: Uint8Array | null }>('keys');
      return (await keys.findOne({ _id: subject }))?.wrapped ?? null;
    } finally {
      await client.close();
    }
  }
  const database = openToRead(join(dataDir, 'keys.db'));
  try {
    const select = database.prepare<{ wrapped: Uint8Array | null }>('SELECT wrapped FROM keys WHERE subject = ?');
    return select.get(subject)?.wrapped ?? null;
  } finally {
    database.close();
  }
}

const asBytes = (value: unknown): Buffer =>
  Buffer.concat([value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)), Buffer.from('\n')]);

const inJson = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

async function collectionsOf(url: string): Promise<Stored[]> {
  const client = new MongoClient(url, { useBigInt64: true });
  try {
    const collections = await client.db().listCollections().toArray();
    return await Promise.all(
      collections.map(async ({ name }) => {
        const documents = await client.db().collection(name).find().toArray();
        const bytes = documents.flatMap((one) => [BSON.serialize(one), Buffer.from(JSON.stringify(one, inJson))]);
        return { where: `collection ${name}`, bytes: Buffer.concat(bytes) };
      }),
    );
  } finally {
    await client.close();
  }
}

/** Keys of this run only, by the prefix in the address. */
async function redisAt(url: string): Promise<Stored[]> {
  const prefix = new URL(url).searchParams.get('prefix') ?? '';
  const redis = new Redis(url);
  try {
    const keys = await redis.keys(`*${prefix}*`);
    return await Promise.all(
      keys.map(async (key) => ({ where: `Redis ${key}`, bytes: Buffer.from(`${key}\n${await valueOf(redis, key)}`) })),
    );
  } finally {
    redis.disconnect();
  }
}

async function valueOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    default:
      return '';
  }
}
