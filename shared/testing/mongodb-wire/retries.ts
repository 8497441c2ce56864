/** What lets a retried write answer like the first time: the last numbered write of each session, and its answer. */
import type { BSON } from 'mongodb';
import type { Request } from './messages.js';
import { CommandError } from './refusals.js';
import { keyOf } from './values.js';

export interface Retries {
  /** Runs a write, unless its session has sent it before. A write without a number always runs. */
  once(request: Request, run: () => BSON.Document): BSON.Document;
}

export function createRetries(replicaSet: boolean): Retries {
  const sessions = new Map<string, { readonly number: bigint; readonly answer: BSON.Document }>();
  return {
    once({ body }, run) {
      if (body['txnNumber'] === undefined) return run();
      if (!replicaSet)
        throw new CommandError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
      const session = keyOf((body['lsid'] as BSON.Document)['id']);
      const number = BigInt(body['txnNumber'] as number | bigint);
      const before = sessions.get(session);
      if (before && number === before.number) return { ...before.answer, retriedStmtIds: [0] };
      if (before && number < before.number)
        throw new CommandError(225, `Retryable write with txnNumber ${number} is prohibited: a newer one has started`);
      const answer = run();
      sessions.set(session, { number, answer });
      return answer;
    },
  };
}
