/**
 * The jobs in Redis, with BullMQ's own commands wherever possible. What BullMQ's Worker does is done here step by step, because the
 * port promises more (a worker that stops gives its job back; lost workers do not count as failures; waits are bounded). A job that
 * was begun is locked under a token that is never reused, so that a worker whose job was taken over can no longer change it.
 */
import {
  createIORedisClient,
  createRedisBackend,
  type IRedisClient,
  Job as BullJob,
  type JobJson,
  Queue,
  type RedisQueueBackend,
  type WorkerOptions,
} from 'bullmq';
import type { Job, JsonObject } from '../../ports.js';
import { StoreUnavailable } from '../../store-errors.js';
import { newId } from '../../ids.js';
import type { Clock } from '../../time.js';
import type { Begun, JobStore, NewJob } from '../job-worker.js';
import type { Connection } from './connection.js';
import { CLAIM, LIST, PROGRESS, READ, storedJob, type StoredJob } from './job-scripts.js';
import { decodeId, decodeName, encodeId, encodeName, jobsPrefix } from './keys.js';

/** What a worker holds while it runs a job. */
export interface Lock {
  readonly bull: BullJob;
  readonly token: string;
}

export interface StoreOptions {
  readonly prefix: string;
  /** A lock without a heartbeat for this long, by the server's clock, is free. */
  readonly lockMs: number;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/** A job that killed this many workers is given to one more worker, and then to none. */
const MAX_LOSSES = 10;
/** How often per lockMs all workers of a name together look for free locks; a job whose lock was free twice is put back. */
const LOOKS_PER_LOCK = 4;
/** How many completed and how many failed jobs of a name are kept; older ones are removed. */
const KEEP = { count: 1_000 };

/** Its functions reject as Connection.run does. */
export function createJobStore(
  { redis, run, renew }: Connection,
  { prefix, lockMs, clock }: StoreOptions,
): JobStore<Lock> {
  const recoverMs = Math.ceil(lockMs / LOOKS_PER_LOCK);
  const all = jobsPrefix(prefix);
  const names = `${all}:names`;
  const options: WorkerOptions = {
    connection: redis,
    prefix: all,
    lockDuration: lockMs,
    maxStalledCount: MAX_LOSSES,
    stalledInterval: recoverMs,
    skipWaitingForReady: true,
    skipVersionCheck: true, // it would write to the console; server-checks.ts does it
  };
  const client: IRedisClient = createIORedisClient(redis);
  const queues = new Map<string, { queue: Queue; backend: RedisQueueBackend }>();

  function queueOf(name: string) {
    let found = queues.get(name);
    if (!found) {
      const backend = createRedisBackend(encodeName(name), options);
      const queue = new Queue(encodeName(name), { ...options, skipMetasUpdate: true }, () => backend);
      queue.on('error', () => undefined); // already handled by the connection
      queues.set(name, (found = { queue, backend }));
    }
    return found;
  }

  /** Null if the server no longer has BullMQ's script, which cannot be sent again inside a transaction. */
  async function tryToAdd({ id, name, data, delayMs, attempts }: NewJob): Promise<boolean | null> {
    const { backend } = queueOf(name);
    const jobId = encodeId(id);
    const transaction = client.multi();
    transaction.runCommand('eval', [CLAIM, 1, names, `${all}:`, encodeName(name), jobId]);
    const bull = new BullJob(queueOf(name).queue, name, data, { attempts, delay: delayMs }, jobId);
    await backend.addJobToTransaction(transaction, bull.asJSON(), jobId);
    transaction.runCommand('hdel', [backend.toKey(jobId), 'taken']);
    const results = (await transaction.exec()) ?? [];
    const faults = results.flatMap(([error]) => (error ? [error] : []));
    if (faults.some(({ message }) => message.startsWith('NOSCRIPT'))) return null;
    if (faults[0]) throw faults[0];
    return results[0]?.[1] === 1;
  }

  /** Whether the lock was still held. */
  async function held(settle: () => Promise<unknown>): Promise<boolean> {
    try {
      await run(settle);
      return true;
    } catch (error) {
      if (isLost(error)) return false;
      throw error;
    }
  }
  const backendOf = ({ bull }: Lock) => queueOf(bull.name).backend;
  const idOf = ({ bull }: Lock) => bull.id ?? '';

  /** `attempts`: the number that the job reports. */
  const fail = (lock: Lock, error: string, attempts: number) =>
    held(() => backendOf(lock).moveToFailed(lock.bull, error, KEEP, lock.token, false, { ats: attempts }));

  /** Begins the next job that is due, under a token of its own. */
  async function begin(name: string): Promise<Begun<Lock> | null> {
    const { queue, backend } = queueOf(name);
    const token = newId();
    const [json, bullId] = (await run(() => backend.moveToActive(token))) as [JobJson | null, string];
    if (!json) return null;
    const bull = BullJob.fromJSON(queue, json, bullId);
    if (!bull.deferredFailure) return begun(bull, token);
    const attempts = bull.attemptsStarted - 1; // this one does not start: the job killed too many workers
    await fail({ bull, token }, `its worker died ${bull.stalledCounter} times`, attempts);
    return null;
  }

  return {
    async add(job) {
      const added = await run(() => tryToAdd(job));
      if (added !== null) return added;
      await renew(); // on a new connection ioredis sends the whole script again
      const again = await run(() => tryToAdd(job));
      if (again === null) throw new StoreUnavailable('Redis', 'forgets its scripts');
      return again;
    },

    async get(id) {
      const answer = await run(() => redis.eval(READ, 1, names, `${all}:`, encodeId(id)));
      return answer === null ? null : jobOf(storedJob(answer));
    },

    async list(name) {
      const { backend } = queueOf(name);
      const answer = await run(() => redis.eval(LIST, 1, backend.toKey('wait'), backend.toKey(''), encodeName(name)));
      return (answer as unknown[]).map((each) => jobOf(storedJob(each)));
    },

    next(name) {
      let recoveredAt = -Infinity;
      return async () => {
        if (clock.monotonic() - recoveredAt >= recoverMs) {
          await run(() => queueOf(name).backend.moveStalledJobsToWait());
          recoveredAt = clock.monotonic();
        }
        return begin(name);
      };
    },

    beat: (lock) => run(async () => (await backendOf(lock).extendLock(idOf(lock), lock.token, lockMs)) === 1),

    progress: (lock, progress) =>
      run(async () => {
        const key = backendOf(lock).toKey(idOf(lock));
        return (await redis.eval(PROGRESS, 2, key, `${key}:lock`, lock.token, JSON.stringify(progress))) === 1;
      }),

    complete: (lock) => held(() => backendOf(lock).moveToCompleted(lock.bull, null, KEEP, lock.token, false)),

    fail: (lock, error) => fail(lock, error, lock.bull.attemptsStarted),

    retry: (lock, error, delayMs) =>
      held(() =>
        backendOf(lock).moveToDelayed(idOf(lock), clock.now(), delayMs, lock.token, {
          fieldsToUpdate: { failedReason: error },
        }),
      ),

    release: (lock) => held(() => backendOf(lock).moveJobFromActiveToWait(idOf(lock), lock.token)),
  };
}

/** BullMQ's replies for a job that is gone, not locked, not active, or locked by another worker. */
function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && [-1, -2, -3, -6].includes(error.code as number);
}

function begun(bull: BullJob, token: string): Begun<Lock> {
  const { attemptsStarted, attemptsMade, opts, progress } = bull;
  return {
    job: {
      id: decodeId(bull.id ?? ''),
      name: bull.name,
      data: bull.data as JsonObject,
      state: 'active',
      attempts: attemptsStarted,
      progress: typeof progress === 'object' ? (progress as JsonObject) : null,
      error: bull.failedReason ?? null,
    },
    lock: { bull, token },
    failures: attemptsMade,
    maxAttempts: opts.attempts ?? 1,
  };
}

function jobOf({ id, name, data, state, attempts, progress, failedReason }: StoredJob): Job {
  return {
    id: decodeId(id),
    name: decodeName(name),
    data: JSON.parse(data) as JsonObject,
    state,
    attempts: Number(attempts ?? 0),
    progress: progress === null ? null : (JSON.parse(progress) as JsonObject),
    error: state === 'completed' ? null : failedReason,
  };
}
