/**
 * A server that speaks MongoDB's protocol and keeps its documents in memory, for tests of what is built on the real
 * driver. It knows the commands that our adapters send, and answers as a server of version 7 does; `misbehave` makes it
 * fail as real ones do.
 */
import type { BSON } from 'mongodb';
import { createCommands, statementsOf } from './mongodb-wire/commands.js';
import { createDoor, type FrameOutcome } from './mongodb-wire/door.js';
import { createFaults, type Misbehaviour } from './mongodb-wire/faults.js';
import { encodeReply, parseRequest, type Request } from './mongodb-wire/messages.js';
import { refusalReply } from './mongodb-wire/refusals.js';
import { createStorage } from './mongodb-wire/storage.js';
import { encode } from './mongodb-wire/values.js';

/** One command received, whatever became of it. */
export interface AskedCommand {
  readonly name: string;
  /** Null for a command that concerns no collection. */
  readonly collection: string | null;
  readonly database: string;
  /** How many documents, updates or deletes it carried; 1 for other commands. */
  readonly statements: number;
}

export interface MongoServer {
  /** Without a trailing slash: `${url}/views` names a database. */
  readonly url: string;
  /** Commands in order of arrival, without what a client sends by itself: hellos, ends of sessions. */
  readonly commands: AskedCommand[];
  readonly misbehave: Misbehaviour;
  /** Listens again, on the same port. */
  start(): Promise<void>;
  /**
   * Dies: connections break, waiting commands are lost; documents, indexes and what retries need stay, cursors do not.
   */
  stop(): Promise<void>;
  /** Ends it for good. */
  close(): Promise<void>;
}

const HELLOS = new Set(['hello', 'ismaster', 'isMaster']);

/**
 * With `replicaSet`, its name, it is the primary of a set of one: then clients have sessions and number their writes to
 * retry them.
 */
export async function startMongoServer({ replicaSet }: { replicaSet?: string } = {}): Promise<MongoServer> {
  const commands = createCommands(createStorage(), replicaSet !== undefined);
  const faults = createFaults();
  const asked: AskedCommand[] = [];
  const door = createDoor(serve);
  let life = 1;

  async function serve(frame: Buffer): Promise<FrameOutcome> {
    const mine = life;
    await faults.frozen();
    if (mine !== life) return 'break';
    const request = parseRequest(frame);
    const outcome = await outcomeOf(request, () => mine === life);
    await faults.frozen();
    return mine === life ? outcome : 'break';
  }

  async function outcomeOf(request: Request, alive: () => boolean): Promise<FrameOutcome> {
    const { name } = request;
    if (HELLOS.has(name)) return encodeReply(request, encode(hello(name, door.port, replicaSet)));
    if (name === 'endSessions') return encodeReply(request, commands.answer(request));
    asked.push(askedOf(request));
    await faults.held('before', name);
    if (!alive() || faults.breaks('before', name)) return 'break';
    const refusal = faults.refusal(name);
    const answer = refusal ? encode(refusalReply(refusal)) : commands.answer(request);
    await faults.held('after', name);
    if (faults.breaks('after', name)) return 'break';
    return request.wantsReply ? encodeReply(request, answer) : null;
  }

  async function stop(): Promise<void> {
    life++;
    commands.forgetCursors();
    faults.thaw();
    await door.close();
  }

  await door.open();
  return {
    url: `mongodb://127.0.0.1:${door.port}`,
    commands: asked,
    misbehave: faults,
    start: door.open,
    stop,
    close: stop,
  };
}

function askedOf(request: Request): AskedCommand {
  const { name, database, body } = request;
  const named: unknown = name === 'getMore' ? body['collection'] : body[name];
  return { name, collection: typeof named === 'string' ? named : null, database, statements: statementsOf(request) };
}

function hello(name: string, port: number, setName: string | undefined): BSON.Document {
  const me = `127.0.0.1:${port}`;
  const member = {
    setName,
    setVersion: 1,
    hosts: [me],
    primary: me,
    me,
    secondary: false,
    logicalSessionTimeoutMinutes: 30,
  };
  return {
    helloOk: true,
    [name === 'hello' ? 'isWritablePrimary' : 'ismaster']: true,
    ...(setName === undefined ? {} : member),
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
    ok: 1,
  };
}
