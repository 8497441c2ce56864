// Fails a file whose tests leave something open (a server, a socket, a child, a timer), or ignore a promise that rejects;
// and a run that ends without its count.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GRACE_MS = 60_000;
const LOOK_MS = 20;
/** These come and go by themselves. */
const PASSING = ['Immediate', 'FSReqCallback', 'CloseReq', 'TickObject', 'Microtask'];

let before;
const unheard = [];
const hear = (reason) => unheard.push(reason);

export const mochaHooks = {
  async beforeAll() {
    // In a parallel run mocha itself ignores these, and removes all listeners after each file.
    if (!process.listeners('unhandledRejection').includes(hear)) process.on('unhandledRejection', hear);
    await null; // Mocha's own timer runs for asynchronous hooks only, and afterAll is one.
    before ??= openNow();
  },
  async afterAll() {
    this.timeout(2 * GRACE_MS);
    if (unheard.length > 0) throw unheard.splice(0)[0];
    const deadline = performance.now() + GRACE_MS;
    for (;;) {
      const open = openNow();
      const left = [...open].filter(([kind, count]) => count > (before.get(kind) ?? 0));
      if (left.length === 0) return;
      if (performance.now() > deadline)
        throw new Error(
          `${fileOf(this.test)}: still open ${GRACE_MS / 1000} s after the last test: ${left.map(([kind]) => kind).join(', ')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  },
};

// In a parallel run mocha misses a worker that dies between files (an exception in a timer that outlived its test): it ends as if all
// had passed, or waits for that worker until nothing keeps it alive, and ends with status 0 without a summary.
const isWorker = process.send !== undefined;
const died = join(tmpdir(), `mocha-${isWorker ? process.ppid : process.pid}-worker-died`);
if (isWorker) process.once('exit', (status) => status !== 0 && writeFileSync(died, ''));
let counted = false;

export function mochaGlobalSetup() {
  process.once('exit', () => {
    const isLost = existsSync(died);
    rmSync(died, { force: true });
    if (counted && !isLost) return;
    console.error('A worker of mocha died: see above.');
    process.exit(1); // mocha's own status would come last
  });
}
export function mochaGlobalTeardown() {
  counted = true;
}

/** What keeps the process alive, counted by kind. */
function openNow() {
  const kinds = new Map();
  for (const kind of process.getActiveResourcesInfo())
    if (!PASSING.includes(kind)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return kinds;
}

/** In a parallel run each file has a root of its own; in a serial one the last file stands for all. */
function fileOf(hook) {
  return hook.parent.suites.at(-1)?.file ?? 'a test';
}
