/** Rate limits of routes (G61): express-rate-limit, counting by user if there is one, else by address (G26). */
import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit, type Store } from 'express-rate-limit';
import { LRUCache } from 'lru-cache';
import { Refused } from '../errors.js';
import type { Log } from '../process/log.js';
import type { Counters } from '../ports.js';
import { isRead, type Route } from './route.js';
import { MINUTE, SECOND, systemClock, type Clock, type WallClock } from '../time.js';
import { within } from '../waiting.js';
import { contextOf } from './context.js';

type HitCounter = Pick<Counters, 'hit' | 'undoHit'>;

const HIT_TIMEOUT_MS = 500;
const LOCAL_WINDOWS = 50_000;

interface LimitOptions {
  readonly counters: HitCounter;
  /** RATE_LIMIT_FACTOR. */
  readonly factor: number;
  readonly clock: Clock;
  readonly log: Log;
  /** A counter that takes longer than this has failed. */
  readonly timeoutMs?: number;
}

const usual = { reads: { max: 600, perMs: MINUTE }, writes: { max: 60, perMs: MINUTE } } as const;

/** How often a route may be called by one caller; null for a route without a limit. */
export function limitOf(route: Pick<Route, 'limit' | 'method' | 'asks'>): { max: number; perMs: number } | null {
  if (route.limit === 'none') return null;
  return route.limit === 'usual' ? usual[isRead(route) ? 'reads' : 'writes'] : route.limit;
}

/**
 * The limiter of a route, or null if it has none. A documented limit is counted in the Counters port, or in this process while that
 * fails (domain 9.11). The usual limit is always counted in this process: it needs no store.
 */
export function createLimits(options: LimitOptions): (route: Route) => RequestHandler | null {
  const { clock, timeoutMs = HIT_TIMEOUT_MS } = options;
  const local = createLocalCounter(clock);
  return (route) => {
    const limit = limitOf(route);
    if (!limit) return null;
    const isUsual = route.limit === 'usual';
    const { max, perMs } = limit;
    const name = `${route.method} ${route.path}`;

    async function hit(key: string) {
      if (isUsual) return local.hit(key, perMs);
      try {
        return await within(clock, timeoutMs, options.counters.hit(key, perMs), () => new Error('no answer in time'));
      } catch (error) {
        options.log.warn({ err: error, route: name }, 'the rate limit counters failed: this process counts alone');
        return local.hit(key, perMs);
      }
    }

    const store: Store = {
      prefix: `limit:${name}:`,
      async increment(caller) {
        const { count, resetsInMs } = await hit(`limit:${name}:${caller}`);
        // The library compares with the system's clock, so the window's end is given in its time.
        return { totalHits: count, resetTime: new Date(systemClock.now() + resetsInMs) };
      },
      decrement: (caller) => options.counters.undoHit(`limit:${name}:${caller}`),
      resetKey: async () => {},
    };

    return rateLimit({
      windowMs: perMs,
      limit: Math.max(1, Math.floor(max * options.factor)),
      store,
      keyGenerator: (request, response) => {
        const { userId } = contextOf(response).actor;
        return userId ? `user:${userId}` : `ip:${ipKeyGenerator(request.ip ?? '')}`;
      },
      handler: (_request, response, next) => {
        next(
          new Refused('common.rate_limited', {
            retryAfter: Number(response.getHeader('RateLimit-Reset') ?? perMs / SECOND),
          }),
        );
      },
      standardHeaders: 'draft-6',
      legacyHeaders: false,
      // Its run-time checks write to the console; TRUST_PROXY is checked with the environment.
      validate: false,
    });
  };
}

/** Fixed windows in this process. Bounded: the least recently used one is evicted first. */
function createLocalCounter(clock: WallClock): Pick<Counters, 'hit'> {
  const windows = new LRUCache<string, { count: number; endsAt: number }>({ max: LOCAL_WINDOWS });
  return {
    async hit(key, windowMs) {
      const now = clock.now();
      let window = windows.get(key);
      if (!window || now >= window.endsAt) {
        window = { count: 0, endsAt: now + windowMs };
        windows.set(key, window);
      }
      window.count += 1;
      return { count: window.count, resetsInMs: window.endsAt - now };
    },
  };
}
