/** Bounds the requests that are processed at once: one more is refused, instead of slowing down all others. */
import type { ServerResponse } from 'node:http';
import { Refused } from '../errors.js';
import type { Bound } from './bound.js';
import { contextOf, type Context } from './context.js';

const RETRY_AFTER = 1;

export interface UnderWay {
  /** Counts a request until it is answered. Refuses with 503 when the bound is reached. */
  enter(response: ServerResponse): void;
  /** A request that waits for its caller is not counted, so that slow senders take no place from others. */
  whileOutside<T>(response: ServerResponse, wait: () => Promise<T>): Promise<T>;
}

export function createUnderWay(bound: Bound): UnderWay {
  const give = () => bound.give();

  function enter(response: ServerResponse): void {
    if (!bound.take()) throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
    contextOf(response).leave = give;
  }

  return {
    enter,
    async whileOutside(response, wait) {
      leave(contextOf(response));
      const arrived = await wait();
      if (!response.closed) enter(response);
      return arrived;
    },
  };
}

/** Ends the request's place, where it has one. */
export function leave(context: Context): void {
  context.leave?.();
  context.leave = null;
}
