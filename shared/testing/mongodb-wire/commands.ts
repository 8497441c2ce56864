/** The table of commands: name to implementation. Nothing here waits, so every command is atomic. */
import type { BSON } from 'mongodb';
import * as declaring from './declaring.js';
import { checkSizes, type Request } from './messages.js';
import * as reading from './reading.js';
import { CommandError, refusalReply } from './refusals.js';
import { createRetries } from './retries.js';
import type { Storage } from './storage.js';
import { encode } from './values.js';
import * as writing from './writing.js';

type Answer = BSON.Document | Uint8Array;

/** The field that lists a command's statements; other commands are one statement. */
const STATEMENTS: Readonly<Record<string, string>> = { insert: 'documents', update: 'updates', delete: 'deletes' };

export const statementsOf = (request: Request): number => {
  const field = STATEMENTS[request.name];
  return field === undefined ? 1 : request.list(field).length;
};

export interface Commands {
  /** Never throws what is the client's fault: a rejection is an answer. */
  answer(request: Request): Uint8Array;
  /** What a dead process loses. */
  forgetCursors(): void;
}

export function createCommands(storage: Storage, replicaSet: boolean): Commands {
  const cursors: reading.Cursors = new Map();
  const retries = createRetries(replicaSet);

  const table: Readonly<Record<string, (request: Request) => Answer>> = {
    ping: () => ({ ok: 1 }),
    buildInfo: () => ({ version: '7.0.0', versionArray: [7, 0, 0, 0], maxBsonObjectSize: 16_777_216, ok: 1 }),
    endSessions: () => ({ ok: 1 }),
    find: (request) => reading.find(storage, cursors, request),
    getMore: (request) => reading.getMore(cursors, request),
    killCursors: (request) => reading.killCursors(cursors, request),
    count: (request) => reading.count(storage, request),
    aggregate: (request) => reading.runAggregate(storage, cursors, request),
    insert: (request) => retries.once(request, () => writing.insert(storage, request)),
    update: (request) => retries.once(request, () => writing.update(storage, request)),
    delete: (request) => retries.once(request, () => writing.remover(storage, request)),
    findAndModify: (request) => retries.once(request, () => writing.findAndModify(storage, request)),
    create: (request) => declaring.create(storage, request),
    createIndexes: (request) => declaring.createIndexes(storage, request),
    listIndexes: (request) => declaring.listIndexes(storage, cursors, request),
    listCollections: (request) => declaring.listCollections(storage, cursors, request),
    drop: (request) => declaring.drop(storage, request),
    dropDatabase: (request) => declaring.dropDatabase(storage, request),
    listDatabases: () => declaring.listDatabases(storage),
  };

  return {
    answer(request) {
      const run = Object.hasOwn(table, request.name) ? table[request.name] : undefined;
      try {
        if (!run) throw new CommandError(59, `no such command: '${request.name}'`);
        const listed = STATEMENTS[request.name];
        if (listed !== undefined) checkSizes(request.list(listed));
        const answer = run(request);
        return answer instanceof Uint8Array ? answer : encode(answer);
      } catch (error) {
        if (error instanceof CommandError) return encode(refusalReply(error));
        throw error;
      }
    },
    forgetCursors: () => cursors.clear(),
  };
}
