/** The frame of every command: opens stores from the environment, provides the output, closes the stores. */
import { readEnvironment, type Environment, type Env } from '@creator-dashboards/shared/process/environment';
import { connect, type Stores } from '@creator-dashboards/shared/process/connect';
import { HOST, recordAccess, type Accessor } from '@creator-dashboards/shared/access/record';
import { demandStores } from '@creator-dashboards/shared/process/embedded';
import { sayingWaits } from '@creator-dashboards/shared/process/opening';
import { createSealer } from '@creator-dashboards/shared/seal';
import { systemClock } from '@creator-dashboards/shared/time';
import type { View, ViewRegistry } from '@creator-dashboards/shared/views/view';
import type { OperatePorts } from '../operate.js';
import { createOutput, type Output, type Sink } from './output.js';

export interface CommandRun {
  readonly views: ViewRegistry;
  readonly environment: Environment;
  readonly stores: Stores;
  readonly output: Output;
}

/** The command was called with something impossible (exit code 2). */
export class Misuse extends Error {}

/** What a command works on: the views of this code, its environment, by default the process's, and where it prints. */
export interface Io {
  readonly views: ViewRegistry;
  readonly env?: Env;
  readonly out: Sink;
  readonly err: Sink;
}

/** Runs the work with open stores, which must exist, and closes them. Returns the work's result: whether all is well. */
export async function withStores(
  { views, env, out, err }: Io,
  { json = false }: { json?: boolean },
  work: (run: CommandRun) => Promise<boolean>,
): Promise<boolean> {
  const environment = readEnvironment(env);
  demandStores(environment);
  const output = createOutput(json, out, err);
  const stores = await sayingWaits(systemClock, output.progress, (onOpening) => connect(environment, { onOpening }));
  try {
    return await work({ views, environment, stores, output });
  } finally {
    await stores.close();
  }
}

/** Options of every command that decides something: who says so, and why. */
export interface WhoOptions {
  readonly by?: string;
  readonly reason?: string;
}

const MAX_TEXT = 500;

/** Throws Misuse for a name or a reason that is blank or too long. */
export function operatorOf({ by, reason }: WhoOptions): Accessor {
  for (const [option, text] of Object.entries({ by, reason }))
    if (text !== undefined && (text.trim() === '' || text.length > MAX_TEXT))
      throw new Misuse(`--${option} takes 1 to ${MAX_TEXT} characters`);
  return { actor: HOST, by: by ?? null, reason: reason ?? null };
}

/** What decisions are made with. */
export function portsOf({ stores }: CommandRun): OperatePorts {
  const clock = systemClock;
  const sealer = createSealer({ ...stores, clock });
  return {
    ...stores,
    clock,
    record: (operator, access) => recordAccess({ ...stores, sealer, clock }, operator, access),
  };
}

export function viewNamed({ views }: Io, name: string): View {
  const view = Object.hasOwn(views, name) ? views[name] : undefined;
  if (!view) throw new Misuse(`no view is named "${name}"; there are: ${Object.keys(views).join(', ')}`);
  return view;
}
