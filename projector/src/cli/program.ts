/** The operator's commands. Exit codes: 0 done, 1 failed, 2 misuse. */
import type { Command } from 'commander';
import { programNamed, runProgram, type WhoOptions } from '@creator-dashboards/shared/command-line/frame';
import type { Io } from './command.js';
import { compare, type CompareOptions } from './compare.js';
import { drop, generations } from './generations.js';
import { history } from './history.js';
import { addParked } from './parked-program.js';
import { pause, resume } from './pause.js';
import { policyStart, type PolicyStartOptions } from './policy-start.js';
import { preview, type PreviewOptions } from './preview.js';
import { cancel, rollback, type RebuildOptions, type ReplayOptions } from './rebuild.js';
import { addRebuild } from './rebuild-program.js';
import { status } from './status.js';
import { switchView, type SwitchOptions } from './switch.js';
import { twice } from './twice.js';
import { verify } from './verify.js';

const WAIT_OPTION = [
  '--wait <seconds>',
  'how long a running projector has to take it before this process does it',
  '5',
] as const;
const RATE_OPTION = ['--rate <events>', 'events a second that may be read, 0 for no bound'] as const;
const BY_OPTION = ['--by <name>', 'who says so; kept in the log and in the history'] as const;
const REASON_OPTION = ['--reason <text>', 'why; kept in the log and in the history'] as const;
const JSON_OPTION = ['--json', 'print one JSON value instead of text'] as const;

/** The program; `finish` is called with whether the command succeeded. */
function createProgram(io: Io, finish: (isWell: boolean) => void): Command {
  const program = programNamed(
    'projector',
    'Looks after the read models. Works on the stores that the environment names (DATA_DIR, READ_STORE_URL …).',
    io,
  ).addHelpText('after', `\nViews: ${Object.keys(io.views).join(', ')}\nExit codes: 0 done, 1 failed, 2 misuse.`);

  program
    .command('status')
    .description('show what is served, by whom it is fed, how far it is behind, and what is parked or rebuilt')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector status')
    .action(async (options: { json?: boolean }) => finish(await status(io, options)));

  addRebuild(program, io, finish, {
    ...{ rate: RATE_OPTION, by: BY_OPTION, reason: REASON_OPTION, wait: WAIT_OPTION, json: JSON_OPTION },
  });

  program
    .command('rollback')
    .description('serve the generation of before again, after it has caught up; by the code that built it only')
    .argument('<view>', 'name of the view')
    .option('--frozen', 'serve it as it stands where nobody can feed it any more: reads say X-Stale, and how old it is')
    .option(...BY_OPTION)
    .option(...REASON_OPTION)
    .option(...WAIT_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector rollback message --by anna --reason "wrong totals"')
    .action(async (view: string, options: RebuildOptions & { frozen?: true }) =>
      finish(await rollback(io, view, options)),
    );

  program
    .command('switch')
    .description('serve the candidate of a held rebuild, after another comparison in which nothing else differs')
    .argument('<view>', 'name of the view')
    .option('--accept <report>', 'the report that you have read: the paths in it may differ')
    .option('--expect <path...>', 'paths that may differ, as totalEarnings, levels.* or +document')
    .option(...BY_OPTION)
    .option(...REASON_OPTION)
    .option(...WAIT_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector switch creatorDashboard --accept creatorDashboard-7')
    .action(async (view: string, options: SwitchOptions) => finish(await switchView(io, view, options)));

  program
    .command('cancel')
    .description('end the rebuild or rollback of a view that is under way, or that has failed; what is served stays')
    .argument('<view>', 'name of the view')
    .option(...BY_OPTION)
    .option(...REASON_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector cancel message --by anna --reason "planned by mistake"')
    .action(async (view: string, options: WhoOptions & { json?: boolean }) => finish(await cancel(io, view, options)));

  program
    .command('pause')
    .description('stop the rebuild or rollback of a view at its next batch, until "resume"; what is served stays')
    .argument('<view>', 'name of the view')
    .option(...BY_OPTION)
    .option(...REASON_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector pause message --by anna --reason "the evening is busy"')
    .action(async (view: string, options: WhoOptions & { json?: boolean }) => finish(await pause(io, view, options)));

  program
    .command('resume')
    .description('let a paused rebuild go on where it stopped, in any projector')
    .argument('<view>', 'name of the view')
    .option(...RATE_OPTION)
    .option(...BY_OPTION)
    .option(...REASON_OPTION)
    .option(...WAIT_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector resume message --by anna')
    .action(async (view: string, options: ReplayOptions) => finish(await resume(io, view, options)));

  program
    .command('verify')
    .description('compare served documents with a plain fold of the log; exit code 1 when any differs')
    .argument('[view]', 'name of the view, all by default')
    .option('--twice', 'fold twice instead, and name the handlers that made different documents of the same events')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `
With --twice nothing served is needed: each event is applied in two orders of irrelevant interleaving, under two clocks,
time zones, locales and seeds of chance.
Examples: projector verify message
          projector verify message --twice`,
    )
    .action(async (view: string | undefined, options: { json?: boolean; twice?: boolean }) =>
      finish(await (options.twice ? twice : verify)(io, view, options)),
    );

  program
    .command('preview')
    .description(
      'fold a sample with this code and compare it with what is served; writes nothing; 1 if the gate would hold it',
    )
    .argument('<view>', 'name of the view')
    .option('--sample <documents>', 'how many documents, always the same ones', '500')
    .option('--id <key...>', 'the documents of these keys instead')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector preview creatorDashboard --sample 2000')
    .action(async (view: string, options: PreviewOptions) => finish(await preview(io, view, options)));

  program
    .command('compare')
    .description('show the fields in which two generations of a view differ; exit code 1 when any does')
    .argument('<view>', 'name of the view')
    .argument('[a]', 'a generation, as "generations" shows it; without it the newest report of a rebuild is shown')
    .argument('[b]', 'another')
    .option('--report <id>', 'show this report of a rebuild')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector compare creatorDashboard v3 v4')
    .action(async (view: string, a: string | undefined, b: string | undefined, options: CompareOptions) =>
      finish(await compare(io, view, a, b, options)),
    );

  program
    .command('history')
    .description('show the rebuilds and rollbacks that have ended: who wanted them, why, when, and what they cost')
    .argument('[view]', 'name of the view, all by default')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector history message')
    .action(async (view: string | undefined, options: { json?: boolean }) => finish(await history(io, view, options)));

  program
    .command('generations')
    .description('show what is built of each view: its role, how many documents, how far, and by whom it is fed')
    .argument('[view]', 'name of the view, all by default')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector generations message')
    .action(async (view: string | undefined, options: { json?: boolean }) =>
      finish(await generations(io, view, options)),
    );

  program
    .command('drop')
    .description('delete a generation that is neither served nor being built')
    .argument('<view>', 'name of the view')
    .argument('<generation>', 'as "generations" shows it')
    .option(...BY_OPTION)
    .option(...REASON_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector drop message v1-2 --by anna --reason "never served"')
    .action(async (view: string, generation: string, options: WhoOptions & { json?: boolean }) =>
      finish(await drop(io, view, generation, options)),
    );

  addParked(program, io, finish);

  program
    .command('policy-start')
    .description('say from where on a policy without a checkpoint acts; it refuses to guess on a log that is not empty')
    .argument('[policy]', 'name of the policy')
    .option('--at <position>', 'it acts on events after this position: 0, a position, or "head"')
    .option('--all', 'every policy without a checkpoint; those that must see no event twice start at the head')
    .option('--since <time>', 'with --all: they act on events since then (72 hours before the newest one unless given)')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector policy-start funds --at head')
    .action(async (policy: string | undefined, options: PolicyStartOptions) =>
      finish(await policyStart(io, policy, options)),
    );

  return program;
}

/** Runs one command line, given without the program's name. Returns the exit code. */
export function runCommandLine(args: readonly string[], io: Io): Promise<number> {
  return runProgram(args, io, (finish) => createProgram(io, finish));
}
