/**
 * Ports for servers of tests that begin to listen later, or stop and begin again. They lie below those that systems give to whoever
 * connects or asks for any port (from 32768 on Linux): one of those may be taken at any moment in which nobody listens on it, even by
 * the very connection that is tried to it.
 */
import { createServer } from 'node:net';

const FIRST = 10_000;
/** Each process has a share of its own, so that two that run at the same time hardly ever meet. */
const SHARES = 40;
const PER_SHARE = 150;

let given = 0;

/** A port of 127.0.0.1 on which nobody listens. It comes again after 150 calls. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PER_SHARE; tries += 1) {
    const port = FIRST + (process.pid % SHARES) * PER_SHARE + (given++ % PER_SHARE);
    if (await isFree(port)) return port;
  }
  throw new Error('all ports of this process are taken');
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
