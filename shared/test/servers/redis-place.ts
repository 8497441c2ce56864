/** What tests need on the Redis that QUEUE_URL names: prefixes of their own, and patience. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openConnection } from '../../src/adapters/redis/connection.js';

const named = process.env['QUEUE_URL'] ?? '';
/** Empty when QUEUE_URL names no Redis. */
export const url = /^rediss?:/.test(named) ? named : '';

/** Adapters of one test, under a prefix of its own. */
export function createPlace<Port extends { close(): Promise<void> }>(open: (prefix: string) => Port) {
  const prefix = `test-${randomUUID()}`;
  const opened: Port[] = [];
  return {
    prefix,
    async connect() {
      const port = open(prefix);
      opened.push(port);
      return port;
    },
    async dispose() {
      await Promise.all(opened.map((port) => port.close()));
      await withRedis(async (redis) => {
        const keys = [...(await redis.keys(`${prefix}:*`)), ...(await redis.keys(`{${prefix}}:*`))];
        for (const key of keys) await redis.del(key);
      });
    },
  };
}

export async function withRedis<T>(
  work: (redis: ReturnType<typeof openConnection>['redis']) => Promise<T>,
): Promise<T> {
  const { redis, run, close } = openConnection(url, { connectMs: 5_000, answerMs: 5_000, onError: () => undefined });
  try {
    return await run(() => work(redis));
  } finally {
    await close();
  }
}

/** Waits six seconds at most. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let step = 0; step < 300; step++) {
    if (await holds()) return;
    await wait(20);
  }
  throw new Error(`never happened: ${what}`);
}
