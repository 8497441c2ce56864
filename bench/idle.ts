/** What a process costs that nobody uses, and a second one on the same stores, each beside one that does nothing but wake up. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { holds, short } from './figures.js';
import type { Spent } from './idle-process.js';

const SETTLE_MS = 5_000;
const RUN_MS = 10_000;

/** False where one of them costs more than it may. */
export async function benchIdle(): Promise<boolean> {
  const embedded = await measure('embedded', {});
  const servers = fork(path('../test/support/fake-servers.ts'), ['events', 'documents']);
  try {
    const [env] = (await once(servers, 'message')) as [Record<string, string>];
    return (await measure('on fakes of the servers', env)) && embedded;
  } finally {
    await end(servers);
  }
}

async function measure(where: string, env: Record<string, string>): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-idle-'));
  const bare = await started([]);
  const running: ChildProcess[] = [];
  let isHeld = true;
  try {
    for (const who of ['one process', 'the second of two'] as const) {
      running.push(await started([JSON.stringify({ DATA_DIR: place, ...env })]));
      await pass(SETTLE_MS);
      const before = await Promise.all([bare, ...running].map(spentBy));
      await pass(RUN_MS);
      const after = await Promise.all([bare, ...running].map(spentBy));
      const used = after.map(({ cpuUs, writes }, n) => ({
        percent: (cpuUs - (before[n]?.cpuUs ?? 0)) / (RUN_MS * 10),
        writes: (writes - (before[n]?.writes ?? 0)) / (RUN_MS / 1_000),
      }));
      const { percent = NaN, writes = NaN } = used.at(-1) ?? {};
      const beside = `${short(writes)} writes/s, ${short(used[0]?.percent ?? NaN)} % for 40 timers a second`;
      const name = `Idle, ${where}: CPU of ${who}`;
      isHeld = holds({ name, value: percent, unit: '%', most: 1, goal: 0.5, beside }) && isHeld;
    }
  } finally {
    await Promise.all([bare, ...running].map(end));
    rmSync(place, { recursive: true });
  }
  return isHeld;
}

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

async function started(stores: readonly string[]): Promise<ChildProcess> {
  const child = fork(path('idle-process.ts'), stores);
  await once(child, 'message');
  return child;
}

async function spentBy(child: ChildProcess): Promise<Spent> {
  child.send('spent');
  const [spent] = (await once(child, 'message')) as [Spent];
  return spent;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
