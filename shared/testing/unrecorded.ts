/** Records nothing: for tests and benchmarks of what is read, not of who reads it. */
import type { AccessLog } from '../src/access/access-log.js';

const nothing = () => Promise.resolve();
const nowhere = () => Promise.resolve(0n);

export const unrecorded: AccessLog = {
  record: nowhere,
  exported: nowhere,
  revealed: nowhere,
  historyRead: () => undefined,
  searched: nothing,
  denied: nothing,
  flush: nothing,
  start: () => undefined,
  stop: nothing,
};
