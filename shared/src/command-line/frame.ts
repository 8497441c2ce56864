/** The frame of every command line of ours: opens stores from the environment, provides the output, closes the stores, ends with a code. */
import { Command, CommanderError } from 'commander';
import { HOST, type Accessor } from '../access/record.js';
import { messageOf, Refused, statusOf } from '../errors.js';
import { connect, type Stores } from '../process/connect.js';
import { demandStores } from '../process/embedded.js';
import { EnvironmentError, readEnvironment, type Env, type Environment } from '../process/environment.js';
import { sayingWaits } from '../process/opening.js';
import { version } from '../process/version.js';
import { systemClock } from '../time.js';
import { createOutput, type Output, type Sink } from './output.js';

/** The command was called with something impossible (exit code 2). */
export class Misuse extends Error {}

/** The environment of a command, by default the process's, and where it prints. */
export interface Surroundings {
  readonly env?: Env;
  readonly out: Sink;
  readonly err: Sink;
}

export interface Opened {
  readonly environment: Environment;
  readonly stores: Stores;
  readonly output: Output;
}

/** Runs the work with open stores, which must exist, and closes them. Returns the work's result: whether all is well. */
export async function withStores(
  { env, out, err }: Surroundings,
  { json = false }: { json?: boolean },
  work: (opened: Opened) => Promise<boolean>,
): Promise<boolean> {
  const environment = readEnvironment(env);
  demandStores(environment);
  const output = createOutput(json, out, err);
  const stores = await sayingWaits(systemClock, output.progress, (onOpening) => connect(environment, { onOpening }));
  try {
    return await work({ environment, stores, output });
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

/** A program with this name, which prints where it is told to. */
export function programNamed(name: string, description: string, { out, err }: Surroundings): Command {
  return new Command(name)
    .description(description)
    .version(version)
    .showHelpAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => void out.write(text), writeErr: (text) => void err.write(text) });
}

/** Statuses of refusals of what cannot be done here whoever tries it again. */
const MISUSED = [400, 404];

/**
 * Runs one command line, given without the program's name. `create` makes the program; its commands call `finish` with whether they
 * succeeded. Returns the exit code: 0 done, 1 failed, 2 misuse.
 */
export async function runProgram(
  args: readonly string[],
  { err }: Surroundings,
  create: (finish: (isWell: boolean) => void) => Command,
): Promise<number> {
  let isWell = true;
  const program = create((result) => (isWell = result));
  try {
    await program.parseAsync(args, { from: 'user' });
    return isWell ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof Refused) {
      const said = [messageOf(error.key, error.vars), ...error.details.map(({ message }) => `  ${message}`)];
      err.write(`${program.name()}: ${said.join('\n')}\n`);
      return MISUSED.includes(statusOf(error.key)) ? 2 : 1;
    }
    err.write(`${program.name()}: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Misuse || error instanceof EnvironmentError ? 2 : 1;
  }
}
