/** What every command runs in: stores by the environment, an output, and an end. */
import { loadConfig, type Config } from '@creator-dashboards/shared/config';
import { connect, type Stores } from '@creator-dashboards/shared/connect';
import { isViewName, viewNames } from '../projections.js';
import { createOutput, type Output } from './output.js';
import type { ViewName } from '@creator-dashboards/shared/views';

export interface CommandRun {
  readonly config: Config;
  readonly stores: Stores;
  readonly output: Output;
}

/** The command was asked for something that cannot be (exit code 2). */
export class Misuse extends Error {}

/** Runs the work with open stores and closes them. It answers whether all is well: exit code 0 or 1. */
export async function withStores(
  { json = false }: { json?: boolean },
  work: (run: CommandRun) => Promise<boolean>,
): Promise<void> {
  const config = loadConfig();
  const stores = await connect(config);
  try {
    const output = createOutput(json, process.stdout, process.stderr);
    if (!(await work({ config, stores, output }))) process.exitCode = 1;
  } finally {
    await stores.close();
  }
}

export function viewNamed(name: string): ViewName {
  if (!isViewName(name)) throw new Misuse(`no view is named "${name}"; there are: ${viewNames.join(', ')}`);
  return name;
}
