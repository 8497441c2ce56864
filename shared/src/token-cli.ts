/** `npm run token -- --user ID --role ADMIN [--minutes N]` prints an access token. Exit codes: 0 done, 2 misuse. */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { EnvironmentError, readEnvironment, type Env } from './process/environment.js';
import { claimsSchema, signToken, TOKEN_LIFETIME_SECONDS } from './http/auth.js';
import { MINUTE, SECOND, systemClock, type WallClock } from './time.js';

const usage = `Usage: npm run token -- --user ID --role USER|ADMIN|AUDITOR [--minutes N]
  ID is a UUID; N is 1 to 1440 (default ${TOKEN_LIFETIME_SECONDS / 60}). The token is signed with JWT_SECRET.`;

interface CommandResult {
  readonly exitCode: 0 | 2;
  readonly output: string;
}

/** What the command prints, and its exit code; the output of a failure belongs on standard error. */
export function tokenCommand(args: readonly string[], env?: Env, clock: WallClock = systemClock): CommandResult {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { user: { type: 'string' }, role: { type: 'string' }, minutes: { type: 'string' } },
    });
    const caller = claimsSchema.pick({ sub: true, role: true }).parse({ sub: values.user, role: values.role });
    const lifetime =
      values.minutes === undefined ? TOKEN_LIFETIME_SECONDS : (minutesOf(values.minutes) * MINUTE) / SECOND;
    return {
      exitCode: 0,
      output: signToken(readEnvironment(env), { userId: caller.sub, role: caller.role }, clock, lifetime),
    };
  } catch (error) {
    return { exitCode: 2, output: error instanceof EnvironmentError ? error.message : usage };
  }
}

function minutesOf(value: string): number {
  const minutes = Number(value);
  if (!/^\d{1,4}$/.test(value) || minutes < 1 || minutes > 1_440) throw new RangeError('minutes');
  return minutes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { exitCode, output } = tokenCommand(process.argv.slice(2));
  (exitCode === 0 ? process.stdout : process.stderr).write(`${output}\n`);
  process.exitCode = exitCode;
}
