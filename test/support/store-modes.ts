/**
 * Where the stores of a system under test are: files in a folder, fakes at wire level, or the servers that the
 * environment names. Every opening is an empty place of its own, whatever else the servers hold.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Env } from '@creator-dashboards/shared/process/environment';
import { newId } from '@creator-dashboards/shared/ids';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { startEventStoreServer } from '@creator-dashboards/shared/testing/eventstoredb-wire';
import { startMongoServer } from '@creator-dashboards/shared/testing/mongodb-wire';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { logOfItsOwn } from './log-of-its-own.js';

export interface OpenedStores {
  /** The variables that name its stores; DATA_DIR is the caller's. */
  readonly env: Env;
  /** The log to use instead of the store's own. */
  readonly isolated: (events: EventStore) => Promise<EventStore>;
  /** Lets time pass for stores that have a clock of their own. */
  readonly pass: (ms: number) => Promise<void>;
  close(): Promise<void>;
}

export interface StoreMode {
  readonly name: 'embedded' | 'on fakes' | 'on servers';
  open(): Promise<OpenedStores>;
}

const asItIs = async (events: EventStore) => events;
const noClock = async () => {};

export const embedded: StoreMode = {
  name: 'embedded',
  open: async () => ({ env: {}, isolated: asItIs, pass: noClock, close: async () => {} }),
};

/** Event store, read store and key store speak to fake servers; Redis has no fake, so queue and counters are files. */
export const onFakes: StoreMode = {
  name: 'on fakes',
  async open() {
    const [events, documents] = await Promise.all([fakeEventStore(), fakeMongo()]);
    return {
      env: { ...events.env, ...documents.env },
      isolated: asItIs,
      pass: noClock,
      close: async () => void (await Promise.all([events.close(), documents.close()])),
    };
  },
};

/** What the environment does not name is a fake in a process of its own, or a file where there is no fake. */
export const onServers: StoreMode = {
  name: 'on servers',
  async open() {
    const { EVENT_STORE_URL, READ_STORE_URL, KEY_STORE_URL, QUEUE_URL } = process.env;
    const run = `t${newId().replaceAll('-', '')}`;
    const isolated = EVENT_STORE_URL ? (events: EventStore) => logOfItsOwn(events, run) : asItIs;
    const documents = READ_STORE_URL && KEY_STORE_URL ? { READ_STORE_URL, KEY_STORE_URL } : null;
    const fakes = [...(EVENT_STORE_URL ? [] : ['events']), ...(documents ? [] : ['documents'])];
    const parts: Part[] = [
      ...(EVENT_STORE_URL ? [{ env: { EVENT_STORE_URL }, close: async () => {} }] : []),
      ...(documents ? [ownDatabases(documents, run)] : []),
      ...(fakes.length > 0 ? [await fakesApart(fakes)] : []),
    ];
    const queue = QUEUE_URL ? { QUEUE_URL: `${QUEUE_URL}?prefix=${run}` } : {};
    return {
      env: Object.assign({}, ...parts.map(({ env }) => env), queue) as Env,
      isolated,
      pass: QUEUE_URL ? (ms) => shortenLives(QUEUE_URL, run, ms) : noClock,
      close: async () => void (await Promise.all(parts.map((part) => part.close()))),
    };
  },
};

type Part = Pick<OpenedStores, 'env' | 'close'>;

async function fakeEventStore(): Promise<Part> {
  const server = await startEventStoreServer();
  return { env: { EVENT_STORE_URL: server.url }, close: () => server.close() };
}

async function fakeMongo(): Promise<Part> {
  const server = await startMongoServer();
  return {
    env: { READ_STORE_URL: `${server.url}/views`, KEY_STORE_URL: `${server.url}/keys` },
    close: () => server.close(),
  };
}

/**
 * Fakes in a process of their own: in that of a test whose commands keep it busy for long, they would not answer in time, as no
 * server does that is too busy.
 */
async function fakesApart(kinds: readonly string[]): Promise<Part> {
  const child = fork(fileURLToPath(new URL('fake-servers.ts', import.meta.url)), kinds);
  const ended = once(child, 'exit');
  const started = once(child, 'message') as Promise<[Env]>;
  const first = await Promise.race([started, ended.then(() => null)]);
  if (first === null) throw new Error(`the fakes (${kinds.join(', ')}) did not start`);
  return {
    env: first[0],
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** Databases of a name that nobody else uses; dropped at the end. */
function ownDatabases(urls: Readonly<Record<string, string>>, run: string): Part {
  const own = Object.entries(urls).map(([name, url]) => [name, database(url, `${run}_${name.toLowerCase()}`)] as const);
  return {
    env: Object.fromEntries(own),
    close: async () => void (await Promise.all(own.map(([, url]) => dropDatabase(url)))),
  };
}

/**
 * Redis ends windows by its own clock, which nobody can turn: a time to live is shortened by the time that the test let
 * pass.
 */
async function shortenLives(url: string, prefix: string, ms: number): Promise<void> {
  const redis = new Redis(url);
  try {
    for (const key of await redis.keys(`*${prefix}*`)) {
      const left = await redis.pttl(key);
      if (left > 0) await redis.pexpire(key, Math.max(left - ms, 0));
    }
  } finally {
    redis.disconnect();
  }
}

/** The address with another database. */
function database(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function dropDatabase(url: string): Promise<void> {
  const client = new MongoClient(url);
  try {
    await client.db().dropDatabase();
  } finally {
    await client.close();
  }
}
