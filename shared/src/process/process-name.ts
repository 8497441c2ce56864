/** Names a process as a lease holder, so that others on the same host can tell when it is gone. */
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { newId } from '../ids.js';

/** The scope in which a process id is unique: two containers may share a host name but have process ids of their own. */
const HERE = `${hostname()}/${processNamespace()}`;

/** host/namespace:pid:unique */
export function processName(): string {
  return `${HERE}:${process.pid}:${newId()}`;
}

/** Whether this names a process of this host that has ended. False when in doubt: then its leases must expire. */
export function isDeadProcess(name: string): boolean {
  const [host, pid] = name.split(':');
  if (host !== HERE || !pid) return false;
  if (Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Linux names the namespace of process ids; elsewhere there is one per host. */
function processNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return '';
  }
}
