/** Names a process as the holder of leases, so that others on the same host can tell that it is gone. */
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { newId } from '../ids.js';

/** Where a process id means one process: two containers may bear one host's name, and then have process ids of their own. */
const HERE = `${hostname()}/${processNamespace()}`;

/** host/namespace:pid:unique */
export function processName(): string {
  return `${HERE}:${process.pid}:${newId()}`;
}

/** Whether this names a process of this host that is no more. False when in doubt: then its leases must run out. */
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

/** Linux names the namespace of process ids; elsewhere a host is one. */
function processNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return '';
  }
}
