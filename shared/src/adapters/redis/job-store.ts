/**
 * The jobs in Redis, by BullMQ's own commands wherever it has one: what its Worker does is done here step by step, because
 * the port wants more (a worker that stops gives its job back; losses do not count as failures; waits are bounded).
 * A job that was begun is locked under a token that is never used again, so a worker whose job was taken over says in vain
 * whatever it says about it.
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
import type { Connection } from './connection.js';
import { CLAIM, LIST, PROGRESS, READ, storedJob, type StoredJob } from './job-scripts.js';
import { decodeId, decodeName, encodeId, encodeName, jobsPrefix } from './keys.js';

export interface NewJob {
  readonly id: string;
  readonly name: string;
  readonly data: JsonObject;
  readonly delayMs: number;
  readonly attempts: number;
}

/** A job that was just begun, with what is needed to settle it. */
export interface Begun {
  readonly job: Job;
  readonly lock: Lock;
  /** Times that a handler of it failed before, and how often it may. */
  readonly failures: number;
  readonly maxAttempts: number;
  /** Workers that died of it, when that is too many: it shall not be run again. */
  readonly deadly: number | null;
}

/** What a worker holds while it runs a job. */
export interface Lock {
  readonly bull: BullJob;
  readonly token: string;
}

export interface StoreOptions {
  readonly prefix: string;
  /** A lock without a sign of life for this long is free. */
  readonly lockMs: number;
  /** Free locks are looked for so often, by all workers of a name together; a job whose lock was free at two looks waits again. */
  readonly recoverMs: number;
}

export type JobStore = ReturnType<typeof createJobStore>;

/** A job that killed this many workers is given to one more, and then no more. */
const MAX_LOSSES = 10;
/** So many completed jobs of a name are kept, and so many failed ones; older ones go. */
const KEEP = { count: 1_000 };

/** Its functions reject as Connection.run does. */
export function createJobStore({ redis, run, renew }: Connection, { prefix, lockMs, recoverMs }: StoreOptions) {
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
      queue.on('error', () => undefined); // heard by the connection already
      queues.set(name, (found = { queue, backend }));
    }
    return found;
  }

  /** Null when the server had forgotten BullMQ's script, which cannot be sent again in a transaction. */
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

  return {
    /** False when a job with this id is waiting or active. */
    async add(job: NewJob): Promise<boolean> {
      const added = await run(() => tryToAdd(job));
      if (added !== null) return added;
      await renew(); // on a new connection ioredis sends the whole script again
      const again = await run(() => tryToAdd(job));
      if (again === null) throw new StoreUnavailable('Redis forgets its scripts');
      return again;
    },

    async get(id: string): Promise<Job | null> {
      const answer = await run(() => redis.eval(READ, 1, names, `${all}:`, encodeId(id)));
      return answer === null ? null : jobOf(storedJob(answer));
    },

    async list(name: string): Promise<Job[]> {
      const { backend } = queueOf(name);
      const answer = await run(() => redis.eval(LIST, 1, backend.toKey('wait'), backend.toKey(''), encodeName(name)));
      return (answer as unknown[]).map((each) => jobOf(storedJob(each)));
    },

    /** Begins the next job that is due under a token of its own; null when there is none. */
    async begin(name: string, token: string): Promise<Begun | null> {
      const { queue, backend } = queueOf(name);
      const [json, bullId] = (await run(() => backend.moveToActive(token))) as [JobJson | null, string];
      return json ? begun(BullJob.fromJSON(queue, json, bullId), token) : null;
    },

    /** Lets the jobs of dead workers wait again. */
    async recover(name: string): Promise<void> {
      await run(() => queueOf(name).backend.moveStalledJobsToWait());
    },

    /** A sign of life. This and the following are false when the lock was lost; then they change nothing. */
    beat: (lock: Lock): Promise<boolean> =>
      run(async () => (await backendOf(lock).extendLock(idOf(lock), lock.token, lockMs)) === 1),

    progress: (lock: Lock, progress: JsonObject): Promise<boolean> =>
      run(async () => {
        const key = backendOf(lock).toKey(idOf(lock));
        return (await redis.eval(PROGRESS, 2, key, `${key}:lock`, lock.token, JSON.stringify(progress))) === 1;
      }),

    complete: (lock: Lock): Promise<boolean> =>
      held(() => backendOf(lock).moveToCompleted(lock.bull, null, KEEP, lock.token, false)),

    /** `attempts` as the job shall tell them. */
    fail: (lock: Lock, { error, attempts }: { error: string; attempts: number }): Promise<boolean> =>
      held(() => backendOf(lock).moveToFailed(lock.bull, error, KEEP, lock.token, false, { ats: attempts })),

    /** To be tried again after a failure. */
    retry: (lock: Lock, { error, delayMs }: { error: string; delayMs: number }): Promise<boolean> =>
      held(() =>
        backendOf(lock).moveToDelayed(idOf(lock), Date.now(), delayMs, lock.token, {
          fieldsToUpdate: { failedReason: error },
        }),
      ),

    /** To be run again by another worker, through no fault of its own. */
    release: (lock: Lock): Promise<boolean> =>
      held(() => backendOf(lock).moveJobFromActiveToWait(idOf(lock), lock.token)),
  };
}

/** BullMQ's answers for a job that is gone, not locked, not active, or locked by somebody else. */
function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && [-1, -2, -3, -6].includes(error.code as number);
}

function begun(bull: BullJob, token: string): Begun {
  const { attemptsStarted, attemptsMade, opts, progress, stalledCounter, deferredFailure } = bull;
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
    deadly: deferredFailure ? stalledCounter : null,
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
