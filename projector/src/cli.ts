/** The operator's command line. Exit codes: 0 done, 1 failed, 2 misuse. */
import { ConfigError } from '@creator-dashboards/shared/config';
import { Command, CommanderError } from 'commander';
import { Misuse } from './cli/command.js';
import { list, retry } from './cli/parked.js';
import { policyStart } from './cli/policy-start.js';
import { rebuild } from './cli/rebuild.js';
import { status } from './cli/status.js';
import { verify } from './cli/verify.js';
import { viewNames } from './projections.js';

const JSON_OPTION = ['--json', 'print one JSON value instead of text'] as const;

function createProgram(): Command {
  const program = new Command('projector')
    .description(
      'Looks after the read models. Works on the stores that the environment names (DATA_DIR, READ_STORE_URL …).',
    )
    .showHelpAfterError()
    .exitOverride()
    .addHelpText('after', `\nViews: ${viewNames.join(', ')}\nExit codes: 0 done, 1 failed, 2 misuse.`);

  program
    .command('status')
    .description('show what is served, by whom it is fed, how far it is behind, and what is parked or rebuilt')
    .option(...JSON_OPTION)
    .action(status);

  program
    .command('rebuild')
    .description('build a view anew from the log beside the served one, then serve it; reads go on all the time')
    .argument('<view>', 'name of the view')
    .option('--wait <seconds>', 'how long a running projector has to take it before this process does it', '5')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nMay be interrupted: the rebuild goes on, or is taken up again by the next projector.')
    .action(rebuild);

  program
    .command('verify')
    .description('compare served documents with a plain fold of the log; exit code 1 when any differs')
    .argument('[view]', 'name of the view, all by default')
    .option(...JSON_OPTION)
    .action(verify);

  const parked = program
    .command('parked')
    .description('keys that are held because an event of theirs could not be applied');
  parked
    .command('list')
    .description('show parked keys, the event they stopped at, and why')
    .argument('[consumer]', 'a view, policy.<name> or lookup.<name>.v<version>; all by default')
    .option(...JSON_OPTION)
    .action(list);
  parked
    .command('retry')
    .description('have the runner apply again what was held, at its next batch')
    .argument('<consumer>', 'a view, policy.<name> or lookup.<name>.v<version>')
    .argument('[key]', 'one parked key')
    .option('--all', 'all parked keys of the consumer')
    .option(...JSON_OPTION)
    .action(retry);

  program
    .command('policy-start')
    .description('say from where on a policy without a checkpoint acts; it refuses to guess on a log that is not empty')
    .argument('<policy>', 'name of the policy')
    .requiredOption('--at <position>', 'it acts on events after this position: 0, a position, or "head"')
    .option(...JSON_OPTION)
    .action(policyStart);

  return program;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`projector: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof Misuse || error instanceof ConfigError ? 2 : 1;
  }
}
