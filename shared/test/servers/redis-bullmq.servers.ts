/**
 * Our job queue beside a stock `Queue` and `Worker` of BullMQ on the same records, as Bull Board or an operator's
 * script would have them. Our queue calls BullMQ's own scripts and reads its records, so each new BullMQ must pass
 * this.
 */
import { Queue, Worker, type Processor } from 'bullmq';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { setTimeout as wait } from 'node:timers/promises';
import { openRedisJobQueue } from '../../src/adapters/redis/job-queue.js';
import type { JobQueue } from '../../src/ports.js';
import { systemClock } from '../../src/time.js';
import { freezable } from '../../testing/manual-time.js';
import { createPlace, until, url } from './redis-place.js';

const POLL_MS = 30;
const LOCK_MS = 400;

function defineTests(): void {
  let place: ReturnType<typeof createPlace<JobQueue>>;
  let ours: JobQueue;
  let redis: Redis;
  let stock: Queue;
  let stockWorkers: Worker[];
  let process: ReturnType<typeof freezable>;
  /** Ended after each test, so that their workers can stop. */
  let openRuns: (() => void)[];

  beforeEach(async () => {
    process = freezable(systemClock);
    place = createPlace((prefix) =>
      openRedisJobQueue(url, {
        prefix,
        pollMs: POLL_MS,
        lockMs: LOCK_MS,
        backOffMs: 20,
        clock: process.clock,
        onError: () => undefined,
      }),
    );
    ours = await place.connect();
    redis = new Redis(url, { maxRetriesPerRequest: null });
    stock = new Queue('rebuild', { connection: redis, prefix: `{${place.prefix}}` });
    stockWorkers = [];
    openRuns = [];
  });
  afterEach(async () => {
    process.thaw();
    openRuns.forEach((finish) => finish());
    await Promise.all(stockWorkers.map((worker) => worker.close(true)));
    await stock.close();
    await place.dispose();
    redis.disconnect();
  });

  function stockWork(processor: Processor): Worker {
    const worker = new Worker('rebuild', processor, {
      connection: redis,
      prefix: `{${place.prefix}}`,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      drainDelay: 1,
    });
    worker.on('error', () => undefined);
    stockWorkers.push(worker);
    return worker;
  }
  /** A handler of any worker whose runs wait until the test ends them. */
  function createHold() {
    const runs: (() => void)[] = [];
    const handle = () =>
      new Promise<void>((finish) => {
        runs.push(finish);
        openRuns.push(finish);
      });
    return { runs, handle };
  }
  const add = (id: string, more: { delayMs?: number; attempts?: number } = {}) =>
    ours.add({ id, name: 'rebuild', data: { view: id }, ...more });
  const settled = (id: string, state: string) =>
    until(`${id} ${state}`, async () => (await ours.get(id))?.state === state);
  const stockJob = async (id: string) => (await stock.getJob(`job-${id}`)) ?? expect.fail(`BullMQ knows no job ${id}`);

  it('runs our jobs on a stock worker, and our queue shows the result', async () => {
    await add('a');
    const seen: unknown[] = [];
    stockWork(async (job) => {
      seen.push([job.name, job.id, job.data]);
      await job.updateProgress({ done: 1 });
    });
    await settled('a', 'completed');
    expect(seen).to.deep.equal([['rebuild', 'job-a', { view: 'a' }]]);
    expect(await ours.get('a')).to.deep.equal({
      id: 'a',
      name: 'rebuild',
      data: { view: 'a' },
      state: 'completed',
      attempts: 1,
      progress: { done: 1 },
      error: null,
    });
  });

  it('retries a failing job on a stock worker as often as our queue was told, and keeps its error', async () => {
    await add('a', { attempts: 2 });
    stockWork(async () => {
      throw new Error('broken');
    });
    await settled('a', 'failed');
    expect(await ours.get('a')).to.include({ attempts: 2, error: 'broken' });
  });

  it('runs jobs of a stock queue on our worker', async () => {
    await stock.add('rebuild', { view: 'b' }, { jobId: 'job-b' });
    const seen: unknown[] = [];
    ours.work('rebuild', async ({ job }) => void seen.push([job.name, job.id, job.data]));
    await until('done', async () => (await (await stockJob('b')).getState()) === 'completed');
    expect(seen).to.deep.equal([['rebuild', 'b', { view: 'b' }]]);
    expect((await ours.list('rebuild')).map(({ id, state }) => [id, state])).to.deep.equal([['b', 'completed']]);
  });

  it('shows our jobs in a stock queue in the state that they are in', async () => {
    const held = createHold();
    ours.work('rebuild', async ({ job, progress }) => {
      if (job.id === 'failing') throw new Error('broken');
      if (job.id === 'held') {
        await progress({ done: 3 });
        await held.handle();
      }
    });
    await add('fine');
    await settled('fine', 'completed');
    await add('failing', { attempts: 1 });
    await settled('failing', 'failed');
    await add('held');
    await until('held', () => held.runs.length === 1);
    await add('next');
    await add('later', { delayMs: 60_000 });

    expect(await stock.getJobCounts('completed', 'failed', 'active', 'waiting', 'delayed')).to.deep.equal({
      completed: 1,
      failed: 1,
      active: 1,
      waiting: 1,
      delayed: 1,
    });
    expect(await stockJob('failing')).to.include({ failedReason: 'broken', attemptsMade: 1 });
    expect((await stockJob('held')).progress).to.deep.equal({ done: 3 });
    expect((await stockJob('later')).delay).to.equal(60_000);
  });

  it('lets a stock queue retry, promote and remove jobs of our worker', async () => {
    let broken = true;
    const runs: string[] = [];
    ours.work('rebuild', async ({ job }) => {
      runs.push(job.id);
      if (broken) throw new Error('broken');
    });
    await add('failing', { attempts: 1 });
    await settled('failing', 'failed');
    broken = false;
    await (await stockJob('failing')).retry();
    await settled('failing', 'completed');
    expect(await ours.get('failing')).to.include({ attempts: 2, error: null });

    await add('later', { delayMs: 60_000 });
    await (await stockJob('later')).promote();
    await settled('later', 'completed');

    await add('removed', { delayMs: 60_000 });
    await (await stockJob('removed')).remove();
    expect(await ours.get('removed')).to.equal(null);
    expect(await add('removed')).to.equal(true);
    await settled('removed', 'completed');
    expect(runs).to.deep.equal(['failing', 'failing', 'later', 'removed']);
  });

  it('starts nothing on our worker while a stock queue is paused, and shows the waiting jobs', async () => {
    await stock.pause();
    await add('a');
    let runs = 0;
    ours.work('rebuild', async () => void runs++);
    await wait(5 * POLL_MS);
    expect(runs).to.equal(0);
    expect((await ours.list('rebuild')).map(({ id, state }) => [id, state])).to.deep.equal([['a', 'waiting']]);
    await stock.resume();
    await settled('a', 'completed');
  });

  for (const holder of ['ours', 'stock'] as const)
    it(`gives no job of a live worker to one of the other kind (${holder})`, async () => {
      const [held, other] = [createHold(), createHold()];
      const begin = {
        ours: (hold: typeof held) => void ours.work('rebuild', hold.handle),
        stock: (hold: typeof held) => void stockWork(hold.handle),
      };
      await add('a');
      begin[holder](held);
      await until('begun', () => held.runs.length === 1);
      begin[holder === 'ours' ? 'stock' : 'ours'](other);
      await wait(3 * LOCK_MS);
      expect(await ours.get('a')).to.include({ state: 'active', attempts: 1 });
      held.runs[0]?.();
      await settled('a', 'completed');
      expect(other.runs).to.have.length(0);
    });

  it('lets our worker take over from a stock worker that died', async () => {
    const held = createHold();
    await add('a');
    const dying = stockWork(held.handle);
    await until('begun', () => held.runs.length === 1);
    await dying.close(true);
    ours.work('rebuild', async () => undefined);
    await settled('a', 'completed');
    expect((await ours.get('a'))?.attempts).to.equal(2);
  });

  it('lets a stock worker take over from one of ours that died', async () => {
    const held = createHold();
    await add('a');
    ours.work('rebuild', held.handle);
    await until('begun', () => held.runs.length === 1);
    process.freeze();
    stockWork(async () => undefined);
    await settled('a', 'completed');
    expect((await ours.get('a'))?.attempts).to.equal(2);
  });
}

if (url) describe('Our job queue beside BullMQ itself', defineTests);
else console.log('skipped: QUEUE_URL names no Redis');
