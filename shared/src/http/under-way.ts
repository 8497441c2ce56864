/** Bounds the requests that are processed at once: one more is refused, instead of slowing down all others. */
import type { ServerResponse } from 'node:http';
import { Refused } from '../errors.js';
import type { Bound } from './bound.js';
import { contextOf } from './context.js';

const RETRY_AFTER = 1;

export interface UnderWay {
  /** Counts a request until it is answered. Refuses with 503 when the bound is reached. */
  enter(response: ServerResponse): void;
  /** A request that waits for its caller is not counted, so that slow senders take no place from others. */
  whileOutside<T>(response: ServerResponse, wait: () => Promise<T>): Promise<T>;
}

export function createUnderWay(bound: Bound): UnderWay {
  function enter(response: ServerResponse): void {
    if (!bound.take()) throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
    contextOf(response).isUnderWay = true;
  }
  function leave(response: ServerResponse): void {
    const context = contextOf(response);
    if (context.isUnderWay) bound.give();
    context.isUnderWay = false;
  }

  return {
    enter(response) {
      enter(response);
      response.on('close', () => leave(response));
    },
    async whileOutside(response, wait) {
      leave(response);
      const arrived = await wait();
      if (!response.closed) enter(response);
      return arrived;
    },
  };
}
