import { Refused } from '../errors.js';

const RETRY_AFTER = 5;

/** A guard that cannot tell keeps the door shut: what it asks is answered, refused as it says, or else a 503. */
export async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
  }
}
