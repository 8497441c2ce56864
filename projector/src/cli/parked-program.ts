/** The commands under "parked". */
import type { Command } from 'commander';
import type { WhoOptions } from '@creator-dashboards/shared/command-line/frame';
import type { Io } from './command.js';
import { discard, list, retry, show, type ChoiceOptions } from './parked.js';

const JSON_OPTION = ['--json', 'print one JSON value instead of text'] as const;
const CONSUMER = 'a view, policy.<name> or lookup.<name>.v<version>';

export function addParked(program: Command, io: Io, finish: (isWell: boolean) => void): void {
  const parked = program
    .command('parked')
    .description('keys that are held because an event of theirs could not be applied')
    .addHelpText('after', '\nExample: projector parked list');
  parked
    .command('list')
    .description('show why keys are parked: each kind of event and of error, how many keys, where, and for how long')
    .argument('[consumer]', `${CONSUMER}; all by default`)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector parked list creatorDashboard')
    .action(async (name: string | undefined, options: { json?: boolean }) => finish(await list(io, name, options)));
  parked
    .command('show')
    .description('show the parked keys of one cause, or where one key is parked: event, position, time and whole error')
    .argument('<cause or key>', 'a cause as "parked list" names it, or a key')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector parked show 1f0c52aa')
    .action(async (what: string, options: { json?: boolean }) => finish(await show(io, what, options)));
  parked
    .command('retry')
    .description('have the runner apply again what was held, in order, at its next batch')
    .argument('[consumer]', `${CONSUMER}; all by default`)
    .argument('[key]', 'one parked key')
    .option('--cause <cause>', 'the keys of this cause')
    .option('--all', 'all parked keys')
    .option('--reason <text>', 'why; it is kept in the log')
    .option('--by <name>', 'who says so; it is kept in the log')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: projector parked retry --cause 1f0c52aa')
    .action(async (name: string | undefined, key: string | undefined, options: ChoiceOptions & WhoOptions) =>
      finish(await retry(io, name, key, options)),
    );
  parked
    .command('discard')
    .description(
      'leave out the event that a key is parked at, for good: in every generation, fed or rebuilt; then apply what was held',
    )
    .argument('[consumer]', `${CONSUMER}; all by default`)
    .argument('[key]', 'one parked key')
    .option('--cause <cause>', 'the keys of this cause')
    .requiredOption('--reason <text>', 'why; it is kept in the log')
    .option('--by <name>', 'who says so; it is kept in the log')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      "\nExample: projector parked discard --cause 1f0c52aa --reason 'sent by a broken importer' --by anna",
    )
    .action(
      async (name: string | undefined, key: string | undefined, options: Omit<ChoiceOptions, 'all'> & WhoOptions) =>
        finish(await discard(io, name, key, options)),
    );
}
