/**
 * What BullMQ has no atomic command for, as Lua on BullMQ's own records: a hash `<prefix>:<name>:<id>` per job, with its id
 * in the list "wait" or "active" or the sorted set "delayed", "completed" or "failed" of its queue, and a lock beside it.
 * The keys that a script finds by itself lie in the slot of the one it is given (keys.ts).
 */

/** The fields of a job's hash that READ and LIST answer after its name, id and state. */
const FIELDS = `'data', 'ats', 'progress', 'failedReason'`;

export interface StoredJob {
  readonly name: string;
  readonly id: string;
  readonly state: 'waiting' | 'active' | 'completed' | 'failed';
  readonly data: string;
  readonly attempts: string | null;
  readonly progress: string | null;
  readonly failedReason: string | null;
}

/**
 * KEYS: the set of all names. ARGV: prefix of all queues, name, id. Makes room for a job: 1 if the id is free, after removing a
 * finished job; 0 if a job of this id is waiting or active under any name. Then BullMQ's add, which follows in the same transaction,
 * finds a job there and adds none; under another name that is a placeholder, which is removed by deleting its only field "taken".
 */
export const CLAIM = `
  redis.call('SADD', KEYS[1], ARGV[2])
  for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    local queue = ARGV[1] .. name .. ':'
    local job = queue .. ARGV[3]
    if redis.call('EXISTS', job) == 1 then
      local finished = redis.call('ZREM', queue .. 'completed', ARGV[3]) + redis.call('ZREM', queue .. 'failed', ARGV[3])
      if finished == 0 then
        if name ~= ARGV[2] then redis.call('HSET', ARGV[1] .. ARGV[2] .. ':' .. ARGV[3], 'taken', '1') end
        return 0
      end
      redis.call('DEL', job, job .. ':logs')
    end
  end
  return 1`;

/** KEYS: the set of all names. ARGV: prefix of all queues, id. The job, under whatever name, as `storedJob` takes it, or null. */
export const READ = `
  for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    local queue = ARGV[1] .. name .. ':'
    local id = ARGV[2]
    local fields = redis.call('HMGET', queue .. id, ${FIELDS})
    if fields[1] then
      local state = 'waiting'
      if redis.call('ZSCORE', queue .. 'completed', id) then state = 'completed'
      elseif redis.call('ZSCORE', queue .. 'failed', id) then state = 'failed'
      elseif redis.call('LPOS', queue .. 'active', id) then state = 'active' end
      return {name, id, state, fields}
    end
  end
  return false`;

/** KEYS: any of the queue. ARGV: prefix of this queue, name. All jobs of a name, each as `storedJob` takes it. */
export const LIST = `
  local found = {}
  local function take(state, ids)
    for _, id in ipairs(ids) do
      local fields = redis.call('HMGET', ARGV[1] .. id, ${FIELDS})
      if fields[1] then found[#found + 1] = {ARGV[2], id, state, fields} end
    end
  end
  take('completed', redis.call('ZRANGE', ARGV[1] .. 'completed', 0, -1))
  take('failed', redis.call('ZRANGE', ARGV[1] .. 'failed', 0, -1))
  take('active', redis.call('LRANGE', ARGV[1] .. 'active', 0, -1))
  take('waiting', redis.call('LRANGE', ARGV[1] .. 'wait', 0, -1))
  take('waiting', redis.call('ZRANGE', ARGV[1] .. 'delayed', 0, -1))
  return found`;

/** KEYS: job, lock. ARGV: token, progress. 1 if the token holds the lock; else 0, and nothing changes. */
export const PROGRESS = `
  if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'progress', ARGV[2])
  return 1`;

/** One job, from the reply of READ or LIST. */
export function storedJob(answer: unknown): StoredJob {
  const [name, id, state, fields] = answer as [string, string, StoredJob['state'], (string | null)[]];
  const [data = null, attempts = null, progress = null, failedReason = null] = fields;
  return { name, id, state, data: data ?? '{}', attempts, progress, failedReason };
}
