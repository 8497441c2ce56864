/**
 * What the Redis adapters do while Redis is down, after it comes back empty, and in other setups; on servers of the
 * test's own.
 */
import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { openRedisCounters } from '../../src/adapters/redis/counters.js';
import { openRedisJobQueue, type JobQueueOptions } from '../../src/adapters/redis/job-queue.js';
import type { Counters, JobQueue, JobRun } from '../../src/ports.js';
import { StoreUnavailable } from '../../src/store-errors.js';
import { MINUTE } from '../../src/time.js';
import { rejection } from '../../testing/contract.js';
import { createRedis, hasRedis } from './own-redis.js';

/** The limits of the adapters, plus what a loaded machine adds. */
const COUNTER_BOUND_MS = 490;
const QUEUE_BOUND_MS = 3_400;
const FAST: JobQueueOptions = { pollMs: 30, lockMs: 600, backOffMs: 40 };

function defineTests(): void {
  describe("The Redis adapters, on a server of the test's own", () => {
    let redis: Awaited<ReturnType<typeof createRedis>>;
    let opened: { close(): Promise<void> }[];
    let errors: unknown[];
    let written: string[];
    const onError = (error: unknown) => void errors.push(error);
    const real = { ...console };
    beforeEach(async () => {
      redis = await createRedis();
      opened = [];
      errors = [];
      written = [];
      for (const method of ['log', 'info', 'warn', 'error'] as const)
        console[method] = (...words: unknown[]) => void written.push(words.join(' '));
    });
    afterEach(async () => {
      Object.assign(console, real);
      redis.unhang();
      await Promise.all(opened.map((port) => port.close()));
      await redis.remove();
      expect(written).to.deep.equal([]);
    });

    function counting(url = redis.url): Counters {
      const counters = openRedisCounters(url, { onError });
      opened.push(counters);
      return counters;
    }
    function queueing(more: JobQueueOptions = {}, url = redis.url): JobQueue {
      const queue = openRedisJobQueue(url, { ...FAST, onError, ...more });
      opened.push(queue);
      return queue;
    }
    const add = (queue: JobQueue, id: string) => queue.add({ id, name: 'rebuild', data: { id } });
    async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
      for (let step = 0; step < 250; step++) {
        if (await holds()) return;
        await wait(20);
      }
      throw new Error(`never happened: ${what}`);
    }
    const served = (call: () => Promise<unknown>) =>
      until('served', () =>
        call().then(
          () => true,
          () => false,
        ),
      );
    async function expectUnavailable(boundMs: number, calls: readonly (() => Promise<unknown>)[]): Promise<void> {
      for (const call of calls) {
        const from = performance.now();
        expect(await rejection(call())).to.be.instanceOf(StoreUnavailable);
        expect(performance.now() - from).to.be.lessThan(boundMs);
      }
    }
    const countersCalls = (counters: Counters) => [
      () => counters.hit('a', MINUTE),
      () => counters.undoHit('a'),
      () => counters.addMember('s', 'a', MINUTE),
      () => counters.removeMember('s', 'a'),
    ];
    const queueCalls = (queue: JobQueue) => [() => add(queue, 'a'), () => queue.get('a'), () => queue.list('rebuild')];

    it('refuse to count at once while Redis is down, and recover by themselves', async () => {
      const counters = counting();
      await expectUnavailable(COUNTER_BOUND_MS, countersCalls(counters));
      await redis.start();
      await served(() => counters.hit('a', MINUTE));
      expect((await counters.hit('a', MINUTE)).count).to.equal(2);
      await redis.kill();
      await expectUnavailable(COUNTER_BOUND_MS, countersCalls(counters));
      await redis.start();
      await served(() => counters.undoHit('a'));
      expect((await counters.hit('a', MINUTE)).count).to.equal(1); // Nothing was kept and sent later.
    });

    it('refuse to count in time while Redis is frozen', async () => {
      await redis.start();
      const counters = counting();
      await counters.hit('a', MINUTE);
      redis.hang();
      for (let i = 0; i < 3; i++) await expectUnavailable(COUNTER_BOUND_MS, countersCalls(counters));
      redis.unhang();
      await served(() => counters.hit('a', MINUTE));
    });

    it('refuse jobs in time while Redis is down or frozen', async () => {
      const queue = queueing();
      await expectUnavailable(QUEUE_BOUND_MS, queueCalls(queue));
      await redis.start();
      await served(() => add(queue, 'a'));
      redis.hang();
      await expectUnavailable(QUEUE_BOUND_MS, [() => add(queue, 'b')]);
      redis.unhang();
      await served(() => queue.get('a'));
      await redis.kill();
      await expectUnavailable(QUEUE_BOUND_MS, queueCalls(queue));
    });

    it('work again when Redis comes back empty: jobs can be added, and an idle worker takes them', async () => {
      await redis.start();
      const queue = queueing();
      const ran: string[] = [];
      queue.work('rebuild', async ({ job }) => void ran.push(job.id));
      await add(queue, 'a');
      await until('a ran', () => ran.includes('a'));
      await redis.kill();
      await wait(300);
      await redis.start();
      await served(() => queue.get('a'));
      expect(await queue.get('a')).to.equal(null);
      expect(await add(queueing(), 'a')).to.equal(true); // By another process, which wakes nobody here.
      await until('a ran again', () => ran.length === 2);
      expect((await queue.get('a'))?.attempts).to.equal(1);
    });

    it('tell a worker to stop when its lock cannot be renewed, and start its next job', async () => {
      await redis.start();
      const queue = queueing();
      const runs: JobRun[] = [];
      queue.work('rebuild', (run) => {
        runs.push(run);
        return new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(new Error('aborted'))));
      });
      await add(queue, 'a');
      await until('begun', () => runs.length === 1);
      await redis.kill();
      await until('aborted', () => runs[0]?.signal.aborted === true);
      await redis.start();
      await served(() => add(queue, 'b'));
      await until('next begun', () => runs.length === 2);
      expect(runs[1]?.job).to.include({ id: 'b', attempts: 1 });
    });

    it('close in time while Redis is down, even with a job running', async () => {
      await redis.start();
      const queue = queueing();
      let begun = false;
      queue.work('rebuild', async ({ signal }) => {
        begun = true;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      });
      await add(queue, 'a');
      await until('begun', () => begun);
      redis.hang();
      const from = performance.now();
      await Promise.all([queue.close(), counting().close(), queueing().close()]);
      expect(performance.now() - from).to.be.lessThan(2 * QUEUE_BOUND_MS);
    });

    it('report once each time Redis goes down, and never the password', async () => {
      await redis.start('--requirepass', 'right');
      const counters = counting(`redis://:s3cret-w0rd@127.0.0.1:${redis.port}`);
      await until('reported', () => errors.length > 0);
      const refused = await rejection(counters.hit('a', MINUTE));
      await wait(500);
      expect(errors).to.have.length(1);
      for (const error of [errors[0], refused]) {
        expect(error).to.be.instanceOf(StoreUnavailable);
        expect(String(error)).to.match(/127\.0\.0\.1:\d+.*WRONGPASS/);
        expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).to.not.include('s3cret');
      }
    });

    it('take password and database from the URL', async () => {
      await redis.start('--requirepass', 'p@ss/word');
      const url = `redis://:p%40ss%2Fword@127.0.0.1:${redis.port}/3`;
      await counting(url).hit('a', MINUTE);
      const client = new Redis({ port: redis.port, password: 'p@ss/word', db: 3 });
      expect(await client.keys('creator-dashboards:*')).to.have.length(1);
      client.disconnect();
      expect(errors).to.deep.equal([]);
    });

    it('report a server that may evict or forget jobs', async () => {
      await redis.start('--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no');
      await add(queueing(), 'a');
      await until('reported', () => errors.length === 2);
      expect(errors.map(String).join()).to.include('allkeys-lru').and.include('appendonly');
    });

    it('are unavailable, not failed, while Redis is out of memory', async () => {
      await redis.start('--maxmemory', '1', '--maxmemory-policy', 'noeviction', '--appendonly', 'yes');
      await expectUnavailable(COUNTER_BOUND_MS, [() => counting().hit('a', MINUTE)]);
      await expectUnavailable(QUEUE_BOUND_MS, [() => add(queueing(), 'a')]);
    });

    it('add jobs even after the server has forgotten its scripts', async () => {
      await redis.start('--appendonly', 'yes');
      const queue = queueing();
      for (const id of ['a', 'b']) await add(queue, id);
      const client = new Redis({ port: redis.port });
      await client.script('FLUSH', 'SYNC');
      client.disconnect();
      expect(await Promise.all(['c', 'd'].map((id) => add(queue, id)))).to.deep.equal([true, true]);
      expect(await queue.list('rebuild')).to.have.length(4);
      expect(errors).to.deep.equal([]);
    });

    /** Everything that the services do, once. */
    async function useAll(url: string): Promise<void> {
      const [counters, queue] = [counting(url), queueing({ lockMs: 60 }, url)];
      await served(() => counters.hit('a', MINUTE));
      await counters.hit('a', MINUTE);
      await counters.undoHit('a');
      expect(await counters.addMember('s', 'a', MINUTE)).to.equal(1);
      await counters.removeMember('s', 'a');
      let failures = 0;
      queue.work('rebuild', async ({ progress }) => {
        await progress({ at: 1 });
        await wait(100); // Longer than the lock lives without a heartbeat.
        if (failures++ === 0) throw new Error('again');
      });
      const completed = (id: string) => until(id, async () => (await queue.get(id))?.state === 'completed');
      for (const delayMs of [0, 50]) {
        const id = `after ${delayMs}`;
        expect(await queue.add({ id, name: 'rebuild', data: {}, delayMs })).to.equal(true);
        await completed(id);
        expect(await add(queue, id)).to.equal(true);
        await completed(id);
      }
      expect(await queue.list('rebuild')).to.have.length(2);
    }

    it('work on a cluster: no command touches keys of two slots', async () => {
      await redis.start('--cluster-enabled', 'yes', '--appendonly', 'yes');
      const client = new Redis({ port: redis.port });
      await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
      client.disconnect();
      await useAll(redis.url);
      expect(errors).to.deep.equal([]);
    });

    it('need no more than the permissions that the operations page lists', async () => {
      await redis.start('--appendonly', 'yes');
      const client = new Redis({ port: redis.port });
      const permitted =
        '~creator-dashboards:* ~{creator-dashboards}:* -@all +@connection +@scripting -script -function +@transaction ' +
        '+@hash +@set +@sortedset +@list +@stream +@string +@keyspace -@dangerous -@blocking +info';
      await client.call('ACL', 'SETUSER', 'services', 'on', '>word', ...permitted.split(' '));
      client.disconnect();
      await useAll(`redis://services:word@127.0.0.1:${redis.port}`);
      expect(errors).to.deep.equal([]);
    });
  });
}

if (hasRedis()) defineTests();
else console.log('skipped: there is no redis-server');
