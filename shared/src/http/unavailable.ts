import { Refused } from '../errors.js';
import type { Soon } from '../waiting.js';

const RETRY_AFTER = 5;

/** A guard that cannot tell keeps the door shut: what it asks is answered, refused as it says, or else a 503. */
export function orUnavailable<T>(ask: () => Soon<T>): Soon<T> {
  try {
    const answer = ask();
    return answer instanceof Promise ? answer.catch(refuse) : answer;
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  if (error instanceof Refused) throw error;
  throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
}
