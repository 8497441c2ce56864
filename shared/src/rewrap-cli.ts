/**
 * `npm run rewrap` rewraps all keys with the first MASTER_KEY, after which the others may be discarded. It may run beside the
 * services, once all of them have the new one in first place. Exit codes: 0 done, 1 failed, 2 misuse.
 */
import { pathToFileURL } from 'node:url';
import { openKeys } from './process/connect.js';
import { demandFiles, isEmbedded, KEYS_FILE } from './process/embedded.js';
import { EnvironmentError, readEnvironment, type Env } from './process/environment.js';
import { sayingWaits } from './process/opening.js';
import { systemClock } from './time.js';

interface CommandResult {
  readonly exitCode: 0 | 1 | 2;
  readonly output: string;
}

/** What the command prints, and its exit code; `say` is told what it waits for. The output of a failure belongs on standard error. */
export async function rewrapCommand(
  args: readonly string[],
  env?: Env,
  say: (text: string) => void = () => undefined,
): Promise<CommandResult> {
  if (args.length > 0) return { exitCode: 2, output: 'Usage: npm run rewrap, with MASTER_KEY=new,old' };
  try {
    const environment = readEnvironment(env);
    if (isEmbedded(environment.keyStoreUrl)) demandFiles(environment.dataDir, [KEYS_FILE]);
    const keys = await sayingWaits(systemClock, say, (onOpening) => openKeys(environment, { onOpening }));
    try {
      return {
        exitCode: 0,
        output: `${await keys.rewrap()} keys were wrapped anew. MASTER_KEY needs its first part only.`,
      };
    } finally {
      await keys.close();
    }
  } catch (error) {
    return { exitCode: error instanceof EnvironmentError ? 2 : 1, output: (error as Error).message };
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { exitCode, output } = await rewrapCommand(
    process.argv.slice(2),
    undefined,
    (text) => void process.stderr.write(`${text}\n`),
  );
  (exitCode === 0 ? process.stdout : process.stderr).write(`${output}\n`);
  process.exitCode = exitCode;
}
