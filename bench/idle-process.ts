/**
 * A process that nobody uses, for `idle.ts`: the whole installation on the stores that its argument names (as JSON), or without an argument
 * one that does nothing but wake up. Says what it has spent and written when asked.
 */
import { createSystem } from '../system.js';
import { testFoundation } from '../test/support/in-process.js';

export interface Spent {
  readonly cpuUs: number;
  readonly writes: number;
}

const [, , stores] = process.argv;
let writes = 0;
const end = stores === undefined ? wakeUp() : await install(JSON.parse(stores) as Record<string, string>);

/** Forty times a second, as often as an installation does. */
function wakeUp(): () => Promise<void> {
  const timers = [100, 101, 102, 103].map((ms) => setInterval(() => undefined, ms));
  return async () => timers.forEach((timer) => clearInterval(timer));
}

async function install(env: Record<string, string>): Promise<() => Promise<void>> {
  const foundation = await testFoundation(env);
  foundation.stores.changes.listen(({ documents }) => {
    if (documents) writes += 1;
  });
  const system = createSystem(foundation);
  await system.start((error) => console.error(error));
  return async () => {
    await system.stop();
    await foundation.stores.close();
  };
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system, writes } satisfies Spent);
});
process.on('disconnect', () => void end().then(() => process.exit()));
process.send?.('started');
