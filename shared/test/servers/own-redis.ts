/** A Redis of the test's own, which can be ended, frozen, and started again empty. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../testing/free-port.js';
import { temporaryFolder } from '../adapters/temporary-file.js';

export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** On a port where nobody listens; `start` runs an empty server there, and waits until it answers. */
export async function createRedis() {
  const port = await freePort();
  const folder = temporaryFolder();
  let child: ChildProcess | null = null;

  async function start(...options: string[]): Promise<void> {
    const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder.path];
    child = spawn('redis-server', [...fixed, ...options], { stdio: 'ignore' });
    for (let tries = 0; !(await answers(port)); tries++) {
      if (tries > 6_000) throw new Error('redis-server did not start');
      await wait(20);
    }
  }

  async function kill(): Promise<void> {
    const ending = child;
    child = null;
    if (!ending) return;
    const exited = once(ending, 'exit');
    ending.kill('SIGKILL');
    await exited;
  }

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    /** It keeps its connections, accepts new ones, and answers nothing. */
    hang: () => child?.kill('SIGSTOP'),
    unhang: () => child?.kill('SIGCONT'),
    async remove(): Promise<void> {
      await kill();
      folder.remove();
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answered = new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false));
    socket.once('data', (data) => resolve(/^(\+PONG|-NOAUTH)/.test(data.toString())));
    socket.write('PING\r\n');
  });
  const answer = await answered;
  socket.destroy();
  return answer;
}
