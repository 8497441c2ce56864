import { expect } from 'chai';
import { join } from 'node:path';
import { openDatabase } from '../../src/adapters/sqlite/database.js';
import type { WorkerOptions } from '../../src/adapters/job-worker.js';
import { openJobQueue } from '../../src/adapters/sqlite/job-queue.js';
import { createJobTable } from '../../src/adapters/sqlite/job-table.js';
import type { JobQueue, JobRun } from '../../src/ports.js';
import { SECOND } from '../../src/time.js';
import { jobQueueContract } from '../../testing/job-queue-contract.js';
import { createManualTime, freezable, type ManualTime } from '../../testing/manual-time.js';
import { placeOnFile, temporaryFolder } from './temporary-file.js';

const POLL_MS = 100;
const LOCK_MS = 2_000;
const NOON = Date.UTC(2026, 3, 29, 12);

/** A process of its own, which can be frozen and thawed. */
function processOn(time: ManualTime) {
  const { clock, freeze, thaw } = freezable(time);
  const onError = (error: unknown) => {
    throw error;
  };
  return { options: { clock, pollMs: POLL_MS, lockMs: LOCK_MS, onError }, freeze, thaw };
}

jobQueueContract('SQLite', async () => {
  const time = createManualTime(NOON);
  const processes = new Map<JobQueue, ReturnType<typeof processOn>>();
  const place = placeOnFile((file) => {
    const process = processOn(time);
    const queue = openJobQueue(file, process.options);
    processes.set(queue, process);
    return queue;
  });
  return {
    ...place,
    advance: (ms) => time.advance(ms),
    pollMs: POLL_MS,
    beatMs: LOCK_MS / 4,
    takeOverMs: LOCK_MS + 2 * POLL_MS,
    backOffMs: 2 * SECOND + POLL_MS,
    freeze: (queue) => processes.get(queue)?.freeze(),
    thaw: (queue) => processes.get(queue)?.thaw(),
  };
});

describe('SQLite: the job queue', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let time: ManualTime;
  let queues: JobQueue[];
  /** Runs that nobody waits for any more; ended, so that their queues can close. */
  let openRuns: { finish(): void }[];
  beforeEach(() => {
    openRuns = [];
    folder = temporaryFolder();
    file = join(folder.path, 'views.db');
    time = createManualTime(NOON);
    queues = [];
  });
  afterEach(async () => {
    openRuns.forEach((run) => run.finish());
    await Promise.all(queues.map((queue) => queue.close()));
    folder.remove();
  });

  /** A queue in a process of its own. */
  function start(more: Partial<WorkerOptions> = {}) {
    const process = processOn(time);
    const queue = openJobQueue(file, { ...process.options, ...more });
    queues.push(queue);
    return { ...process, queue };
  }
  const add = (queue: JobQueue, id: string) => queue.add({ id, name: 'rebuild', data: {} });

  /** Works with a handler whose runs the test ends. */
  function held(queue: JobQueue) {
    const runs: (JobRun & { finish(): void; fail(error: Error): void })[] = [];
    const hold = (run: JobRun) =>
      new Promise<void>((finish, fail) => {
        runs.push({ ...run, finish, fail });
        openRuns.push({ finish });
      });
    queue.work('rebuild', hold);
    return runs;
  }

  it('does not take over a job whose heartbeat came after it was checked', async () => {
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    const table = createJobTable(database);
    table.add({ id: 'a', name: 'rebuild', data: {}, dueAt: 0, maxAttempts: 1 });
    const lock = table.begin({ id: 'a', token: 0 })?.lock;
    const [seen] = table.active('rebuild');
    if (!lock || !seen) throw new Error('the job was not begun');
    expect(table.beat(lock)).to.equal(true);
    expect(table.takeOver(seen, NOON)).to.equal(null);
    expect(table.get('a')).to.include({ state: 'active', attempts: 1 });
    database.close();
  });

  it('returns a job that it was about to start when it was stopped', async () => {
    const { queue } = start();
    await add(queue, 'a');
    const runs: string[] = [];
    const stop = queue.work('rebuild', async ({ job }) => void runs.push(job.id));
    await stop();
    expect(runs).to.deep.equal([]);
    expect((await queue.get('a'))?.state).to.equal('waiting');
  });

  it('waits 1 s after the first failure and 2 s after the second', async () => {
    const { queue } = start();
    const begunAt: number[] = [];
    queue.work('rebuild', () => {
      begunAt.push(time.now() - NOON);
      return Promise.reject(new Error('no'));
    });
    await add(queue, 'a');
    await time.advance(10 * SECOND);
    expect(begunAt).to.deep.equal([0, 1_000, 3_000]);
  });

  it('starts jobs in the order in which they became due', async () => {
    const { queue } = start();
    await queue.add({ id: 'late', name: 'rebuild', data: {}, delayMs: 300 });
    await queue.add({ id: 'soon', name: 'rebuild', data: {}, delayMs: 200 });
    await add(queue, 'now');
    await time.advance(300);
    const order: string[] = [];
    queue.work('rebuild', async ({ job }) => void order.push(job.id));
    await time.advance(0);
    expect(order).to.deep.equal(['now', 'soon', 'late']);
  });

  it('gives up on a job that has killed eleven workers', async () => {
    const { queue } = start();
    await add(queue, 'deadly');
    for (let i = 1; i <= 11; i++) {
      const doomed = start();
      const runs = held(doomed.queue);
      await time.advance(LOCK_MS + 2 * POLL_MS);
      expect(runs, `worker ${i}`).to.have.length(1);
      doomed.freeze();
    }
    const runs = held(queue);
    await time.advance(LOCK_MS + 2 * POLL_MS);
    expect(runs).to.have.length(0);
    expect(await queue.get('deadly')).to.include({ state: 'failed', attempts: 11, error: 'its worker died 11 times' });
  });

  it('reports a store failure under a worker, and continues when the store is back', async () => {
    const errors: unknown[] = [];
    const { queue } = start({ onError: (error) => errors.push(error) });
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    database.exec('ALTER TABLE jobs RENAME TO away');
    const ran: string[] = [];
    queue.work('rebuild', async ({ job }) => void ran.push(job.id));
    await time.advance(POLL_MS);
    expect(errors).to.not.deep.equal([]);
    database.exec('ALTER TABLE away RENAME TO jobs');
    database.close();
    await add(queue, 'a');
    await time.advance(2 * POLL_MS);
    expect(ran).to.deep.equal(['a']);
  });

  it('keeps the latest thousand finished jobs of a name', async () => {
    const { queue } = start();
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    database.exec(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1010)
      INSERT INTO jobs (id, name, data, state, due_at, max_attempts, finished_at)
      SELECT 'old-' || i, 'rebuild', '{}', 'completed', i, 3, i FROM n`);
    database.close();
    queue.work('rebuild', async () => {});
    await add(queue, 'new');
    await time.advance(POLL_MS);
    const ids = (await queue.list('rebuild')).map(({ id }) => id);
    expect(ids).to.have.length(1_000).and.include.members(['new', 'old-1010', 'old-12']).and.not.include('old-11');
  });

  it('uses real clocks and timers by default', async () => {
    const queue = openJobQueue(file);
    queues.push(queue);
    const ran = new Promise<string>((resolve) => queue.work('rebuild', async ({ job }) => resolve(job.id)));
    await add(queue, 'a');
    expect(await ran).to.equal('a');
  });
});
