/** Checks whether Redis is configured to keep jobs. Findings are warnings for the operator, not a reason to stop. */
import { isTransient } from '../../store-errors.js';
import type { Connection } from './connection.js';

const OLDEST = [6, 2] as const;

/** Asks the server and reports each problem of its configuration. Never rejects. */
export async function checkServer(
  { redis, run }: Pick<Connection, 'redis' | 'run'>,
  report: (fault: Error) => void,
): Promise<void> {
  try {
    for (const fault of faultsOf(await run(() => redis.info()))) report(new Error(fault));
  } catch (error) {
    if (!isTransient(error)) report(new Error('the configuration of Redis cannot be checked', { cause: error }));
  }
}

/** The problems that INFO shows. Fields that are missing there are not reported. */
export function faultsOf(info: string): string[] {
  const value = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
  const faults: string[] = [];
  const policy = value('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    faults.push(`Redis may evict jobs and counts: its maxmemory-policy is ${policy}, it must be noeviction`);
  if (value('aof_enabled') === '0')
    faults.push('Redis loses jobs and counts when it restarts: set appendonly yes, appendfsync everysec');
  const version = value('redis_version'); // Valkey reports the Redis version it is compatible with
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (version !== undefined && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])))
    faults.push(`Redis ${version} is too old: it must be ${OLDEST.join('.')} or newer`);
  return faults;
}
