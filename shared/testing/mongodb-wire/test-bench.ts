/** What the tests of the fake start with: a server and a driver, new for each test. */
import { MongoClient, type BSON, type Collection, type Db, type MongoClientOptions } from 'mongodb';
import { startMongoServer, type MongoServer } from '../mongodb-wire.js';

export interface Doc extends BSON.Document {
  _id: string;
}

/** A driver that quickly looks again for a server that is gone. */
const QUICK: MongoClientOptions = { useBigInt64: true, serverSelectionTimeoutMS: 2_000, minHeartbeatFrequencyMS: 1 };

export interface Bench {
  server: MongoServer;
  /** The collection that `ids` and `insert` are about. */
  docs: Collection<Doc>;
  start(options?: Parameters<typeof startMongoServer>[0]): Promise<MongoServer>;
  connect(options?: MongoClientOptions, to?: MongoServer): Collection<Doc>;
  /** Of the first driver. */
  client(): MongoClient;
  db(): Db;
  ids(filter: object, sort?: Record<string, 1 | -1>): Promise<string[]>;
  insert(...documents: Doc[]): Promise<unknown>;
  end(): Promise<void>;
}

export async function createBench(): Promise<Bench> {
  const servers: MongoServer[] = [];
  const clients: MongoClient[] = [];

  async function start(options?: Parameters<typeof startMongoServer>[0]): Promise<MongoServer> {
    const one = await startMongoServer(options);
    servers.push(one);
    return one;
  }
  function connect(options: MongoClientOptions = {}, to = bench.server): Collection<Doc> {
    const client = new MongoClient(`${to.url}/views`, { ...QUICK, ...options });
    clients.push(client);
    return client.db().collection<Doc>('docs');
  }
  function client(): MongoClient {
    if (!clients[0]) throw new Error('nobody has connected');
    return clients[0];
  }

  const server = await start();
  const bench: Bench = {
    server,
    docs: connect({}, server),
    start,
    connect,
    client,
    db: () => client().db(),
    ids: async (filter, sort = {}) => (await bench.docs.find(filter).sort(sort).toArray()).map(({ _id }) => _id),
    insert: (...documents) => bench.docs.insertMany(documents),
    async end() {
      for (const one of clients) await one.close();
      for (const one of servers) await one.close();
    },
  };
  return bench;
}

/** The error that a promise is rejected with. */
export async function seen(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('it was not refused');
}
