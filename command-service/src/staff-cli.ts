/**
 * `npm run staff -- grant | revoke`: who may log in as ADMIN or AUDITOR, decided on the host, as the first of them must be. It may run
 * beside the services. Exit codes: 0 done, 1 failed, 2 misuse.
 */
import {
  operatorOf,
  Misuse,
  programNamed,
  runProgram,
  withStores,
} from '@creator-dashboards/shared/command-line/frame';
import type { Opened, Surroundings } from '@creator-dashboards/shared/command-line/frame';
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { staffRole } from '@creator-dashboards/shared/events/user';
import { idText } from '@creator-dashboards/shared/http/fields';
import { newId } from '@creator-dashboards/shared/ids';
import { digestOfEmail, reservationStream } from '@creator-dashboards/shared/reservations';
import { createSealer, digestFrom } from '@creator-dashboards/shared/seal';
import { systemClock, toInstant } from '@creator-dashboards/shared/time';
import { pathToFileURL } from 'node:url';
import { reservation } from './domain/reservation.js';
import { user, userStream } from './domain/user.js';
import { createCommandHandler } from './runtime/command-loop.js';

interface Options {
  readonly user?: string;
  readonly email?: string;
  readonly role: string;
  readonly by: string;
  readonly reason: string;
}

/** Runs one command line, given without the program's name; returns the exit code. */
export function staffCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  return runProgram(args, surroundings, (finish) => {
    const program = programNamed('staff', 'Who may log in as ADMIN or AUDITOR', surroundings);
    for (const [name, type, says] of [
      ['grant', 'GrantRole', 'lets somebody with an account log in with this role'],
      ['revoke', 'RevokeRole', 'ends that: what she is logged in with ends within 15 minutes'],
    ] as const)
      program
        .command(name)
        .description(says)
        .option('--user <id>', 'whose account')
        .option('--email <address>', 'the same, by e-mail address')
        .requiredOption('--role <role>', 'ADMIN or AUDITOR')
        .requiredOption('--by <name>', 'who says so; it is kept in the log')
        .requiredOption('--reason <text>', 'why; it is kept in the log')
        .action(async (options: Options) =>
          finish(await withStores(surroundings, {}, (opened) => decide(opened, name, type, options))),
        );
    return program;
  });
}

async function decide(
  { stores, output }: Opened,
  name: string,
  type: 'GrantRole' | 'RevokeRole',
  options: Options,
): Promise<boolean> {
  const { actor, by: operator, reason } = operatorOf(options);
  const role = staffRole.safeParse(options.role);
  if (!role.success) throw new Misuse('--role takes ADMIN or AUDITOR');
  const commands = createCommandHandler(stores.events);
  const { seal } = createSealer({ ...stores, clock: systemClock });
  const userId = await accountOf(options);
  const commandId = newId();
  const context = {
    ...{ commandId, since: null, correlationId: commandId, causationId: commandId, actor },
    reason: reason === null ? null : await seal(kinds.reason, userId, reason),
    at: toInstant(systemClock.now()),
  };
  const by = operator === null ? null : await seal(kinds.operator, actor.userId ?? '', operator);
  orThrow(await commands.handle(user, { type, userId, role: role.data, by }, context));
  output.result({ userId, role: role.data }, `${name === 'grant' ? 'granted' : 'revoked'}: ${role.data} of ${userId}`);
  return true;

  async function accountOf({ user: id, email }: Options): Promise<string> {
    if ((id === undefined) === (email === undefined)) throw new Misuse('give either --user or --email');
    if (email === undefined) {
      const parsed = idText.safeParse(id);
      if (!parsed.success) throw new Misuse('--user takes an id');
      const { exists } = await commands.load(user, userStream(parsed.data));
      if (!exists) throw new Refused('error.user.not_found');
      return parsed.data;
    }
    const digest = digestOfEmail(await digestFrom(stores.keys)(), email);
    const { ownerId } = (await commands.load(reservation, reservationStream('email', digest))).state;
    if (ownerId === null) throw new Refused('error.user.not_found');
    return ownerId;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await staffCommand(process.argv.slice(2), { out: process.stdout, err: process.stderr });
