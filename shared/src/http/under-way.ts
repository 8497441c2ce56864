/** The requests that are being worked on, so many at once: one more is told to come back, instead of making all the others late. */
import type { Request, RequestHandler, Response } from 'express';
import { Refused } from '../errors.js';
import type { Bound } from './bound.js';

const RETRY_AFTER = 1;

export interface UnderWay {
  /** Counts a request until it was answered. Refuses with 503 where there is no place. */
  readonly enter: RequestHandler;
  /** While a request waits for its caller it is not under way: whoever sends slowly takes no place from others. */
  whileOutside<T>(response: Response, wait: () => Promise<T>): Promise<T>;
}

export function createUnderWay(bound: Bound): UnderWay {
  const inside = new WeakSet<Response>();

  function enter(response: Response): void {
    if (!bound.take()) throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
    inside.add(response);
  }
  function leave(response: Response): void {
    if (inside.delete(response)) bound.give();
  }

  return {
    enter(_request: Request, response, next) {
      enter(response);
      response.once('close', () => leave(response));
      next();
    },
    async whileOutside(response, wait) {
      leave(response);
      const arrived = await wait();
      if (!response.closed) enter(response);
      return arrived;
    },
  };
}
