/** Names a process as the holder of leases, so that others on the same host can tell that it is gone. */
import { hostname } from 'node:os';
import { newId } from './ids.js';

/** host:pid:unique */
export function ownerName(): string {
  return `${hostname()}:${process.pid}:${newId()}`;
}

/** Whether the owner was a process of this host that is no more. False when in doubt: then its lease must run out. */
export function isDeadOwner(owner: string): boolean {
  const [host, pid] = owner.split(':');
  if (host !== hostname() || !pid) return false;
  if (Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
