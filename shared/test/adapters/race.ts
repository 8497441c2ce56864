import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Runs a task of racer.ts in two processes that start together; answers the result of each. */
export async function race<Result>(task: 'increments' | 'keys', file: string): Promise<Result[]> {
  const racer = fileURLToPath(new URL('racer.ts', import.meta.url));
  const processes = [fork(racer, [task, file]), fork(racer, [task, file])];
  try {
    await Promise.all(processes.map(nextMessage));
    const results = Promise.all(processes.map((process) => nextMessage(process) as Promise<Result>));
    for (const process of processes) process.send('go');
    return await results;
  } finally {
    for (const process of processes) process.kill();
  }
}

async function nextMessage(process: ChildProcess): Promise<unknown> {
  const ended = once(process, 'exit').then(([code]) => {
    throw new Error(`a racing process ended with ${String(code)}`);
  });
  const [message] = (await Promise.race([once(process, 'message'), ended])) as [unknown];
  ended.catch(() => undefined); // It ends by itself later.
  return message;
}
