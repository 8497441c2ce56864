/** The Redis adapters on the server that QUEUE_URL names; everything they leave there is deleted. */
import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import { openRedisCounters } from '../../src/adapters/redis/counters.js';
import { openRedisJobQueue, type JobQueueOptions } from '../../src/adapters/redis/job-queue.js';
import type { Job, JobQueue, JobRun } from '../../src/ports.js';
import { MINUTE, systemClock } from '../../src/time.js';
import { countersContract } from '../../testing/counters-contract.js';
import { jobQueueContract } from '../../testing/job-queue-contract.js';
import { freezable } from '../../testing/manual-time.js';
import { createPlace, until, url, withRedis } from './redis-place.js';

const POLL_MS = 30;
const LOCK_MS = 600;
const FAST: JobQueueOptions = { pollMs: POLL_MS, lockMs: LOCK_MS, backOffMs: 40 };
/** The lock expires, two checks notice it, a worker looks for a job; the rest is for a loaded machine. */
const TAKE_OVER_MS = LOCK_MS * 1.5 + 2 * POLL_MS + 240;

function defineTests(): void {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);

  countersContract('Redis', async () => ({
    ...createPlace((prefix) => openRedisCounters(url, { prefix, onError })),
    windowMs: 300,
    advance: (ms) => wait(ms + 5),
  }));

  jobQueueContract('Redis', async () => {
    const processes = new Map<JobQueue, ReturnType<typeof freezable>>();
    const place = createPlace((prefix) => {
      const process = freezable(systemClock);
      const queue = openRedisJobQueue(url, { ...FAST, prefix, onError, clock: process.clock });
      processes.set(queue, process);
      return queue;
    });
    return {
      ...place,
      advance: async (ms) => void (await wait(ms)),
      pollMs: 100,
      beatMs: LOCK_MS,
      takeOverMs: TAKE_OVER_MS,
      backOffMs: 200,
      freeze: (queue) => processes.get(queue)?.freeze(),
      thaw: (queue) => processes.get(queue)?.thaw(),
    };
  });

  describe('Redis: the counters', () => {
    let place: ReturnType<typeof createPlace<ReturnType<typeof openRedisCounters>>>;
    beforeEach(() => (place = createPlace((prefix) => openRedisCounters(url, { prefix, onError }))));
    afterEach(() => place.dispose());

    it('stores nothing readable, and nothing for ever', async () => {
      const counters = await place.connect();
      await counters.hit('ip:203.0.113.7', MINUTE);
      await counters.addMember('fan:a@example.com', 'b@example.com', MINUTE);
      await withRedis(async (redis) => {
        const keys = await redis.keys(`*${place.prefix}*`);
        expect(keys).to.have.length(2);
        for (const key of keys) {
          expect(key).to.match(new RegExp(`^${place.prefix}:(hits|set):[\\w-]{43}$`));
          expect(await redis.pttl(key)).to.be.within(1, MINUTE);
        }
        const set = keys.find((key) => key.includes(':set:')) ?? '';
        expect((await redis.smembers(set))[0]).to.match(/^[\w-]{43}$/);
      });
    });
  });

  describe('Redis: the job queue', () => {
    let place: ReturnType<typeof createPlace<JobQueue>>;
    let more: JobQueueOptions;
    /** Runs that nobody waits for any more; ended, so that their queues can close. */
    let openRuns: { finish(): void }[];
    beforeEach(() => {
      more = {};
      openRuns = [];
      place = createPlace((prefix) => openRedisJobQueue(url, { ...FAST, prefix, onError, ...more }));
    });
    afterEach(async () => {
      openRuns.forEach((run) => run.finish());
      await place.dispose();
    });

    const settled = (queue: JobQueue, id: string, state: Job['state']) =>
      until(`${id} ${state}`, async () => (await queue.get(id))?.state === state);

    /** Works with a handler whose runs the test ends. */
    function held(queue: JobQueue) {
      const runs: (JobRun & { finish(): void; fail(error: Error): void })[] = [];
      queue.work(
        'rebuild',
        (run) =>
          new Promise<void>((finish, fail) => {
            runs.push({ ...run, finish, fail });
            openRuns.push({ finish });
          }),
      );
      return runs;
    }

    it('gives up on a job that has killed eleven workers', async () => {
      more = { lockMs: 60, pollMs: 10 };
      const watching = await place.connect();
      await watching.add({ id: 'deadly', name: 'rebuild', data: {} });
      for (let i = 1; i <= 11; i++) {
        const process = freezable(systemClock);
        more = { lockMs: 60, pollMs: 10, clock: process.clock };
        const runs = held(await place.connect());
        await until(`worker ${i} began`, () => runs.length === 1);
        process.freeze();
      }
      const last = held(watching);
      await settled(watching, 'deadly', 'failed');
      expect(last).to.have.length(0);
      expect(await watching.get('deadly')).to.include({ attempts: 11, error: 'its worker died 11 times' });
    });

    it('accepts exactly one of many jobs that replace a finished one at the same time, under one name or several', async () => {
      const [queue, other] = [await place.connect(), await place.connect()];
      const stop = queue.work('rebuild', async () => undefined);
      await queue.add({ id: 'a', name: 'rebuild', data: {} });
      await settled(queue, 'a', 'completed');
      await stop();
      const added = await Promise.all(
        Array.from({ length: 24 }, (_, i) =>
          (i % 2 ? queue : other).add({ id: 'a', name: i % 3 ? 'rebuild' : 'schedule', data: { i }, delayMs: i % 4 }),
        ),
      );
      expect(added.filter(Boolean)).to.have.length(1);
      expect((await queue.get('a'))?.data).to.deep.equal({ i: added.indexOf(true) });
      expect([...(await queue.list('rebuild')), ...(await queue.list('schedule'))]).to.have.length(1);
      let runs = 0;
      for (const name of ['rebuild', 'schedule']) queue.work(name, async () => void runs++);
      await settled(queue, 'a', 'completed');
      await wait(3 * POLL_MS);
      expect(runs).to.equal(1);
    });

    it('keeps ids that look like its own records apart from them', async () => {
      const queue = await place.connect();
      const ids = ['wait', 'active', 'meta', 'id', 'a:lock', 'a', 'job-a', '%003a', ':', '\ud800', 'x'.repeat(10_000)];
      for (const id of ids) expect(await queue.add({ id, name: 'names', data: {} }), id).to.equal(true);
      const listed = (await queue.list('names')).map(({ id }) => id);
      expect(listed.sort()).to.deep.equal([...ids].sort());
      queue.work('names', async () => undefined);
      for (const id of ids) await settled(queue, id, 'completed');
    });

    it('keeps the latest thousand completed jobs of a name', async () => {
      more = { pollMs: 1_000 };
      const queue = await place.connect();
      await Promise.all(Array.from({ length: 1_010 }, (_, i) => queue.add({ id: `n${i}`, name: 'many', data: {} })));
      queue.work('many', async () => undefined);
      await until('all done', async () => (await queue.list('many')).every(({ state }) => state === 'completed'));
      expect(await queue.list('many')).to.have.length(1_000);
      expect(await queue.get('n0')).to.equal(null);
    });
  });

  after(() => {
    const faults = errors.filter((error) => !/appendonly/.test(String(error)));
    if (faults.length > 0) throw new AggregateError(faults, 'faults were reported');
  });
}

if (url) describe('On the server of QUEUE_URL', defineTests);
else console.log('skipped: QUEUE_URL names no Redis');
