/** The commands "plan" and "rebuild". */
import type { Command } from 'commander';
import type { Io } from './command.js';
import { dryRun, plan, selectionOf, type PlanOptions } from './plan.js';
import { rebuild, type ReplayOptions } from './rebuild.js';
import { repair } from './repair.js';

type Option = readonly [flags: string, description: string, value?: string];

const SELECTION: readonly Option[] = [
  ['--id <key...>', 'only the documents of these keys, made anew in what is served'],
  ['--creator <id>', 'only the documents with events of this creator, by creatorId or userId'],
  ['--event <event>', 'only the documents that an event touched: its id, its position, or a type of events'],
];

/** `options`: --rate, --by, --reason, --wait and --json. */
export function addRebuild(
  program: Command,
  io: Io,
  finish: (isWell: boolean) => void,
  options: Readonly<Record<'rate' | 'by' | 'reason' | 'wait' | 'json', Option>>,
): void {
  const withOptions = (command: Command, all: readonly Option[]) => {
    for (const option of all) command.option(...option);
    return command;
  };

  withOptions(
    program
      .command('plan')
      .description('show what a rebuild would be: of which kind and why, how many documents and events, about how long')
      .argument('<view>', 'name of the view'),
    [...SELECTION, options.json],
  )
    .addHelpText(
      'after',
      `
Kinds: nothing to do; full, beside what is served; and repairs of single documents in what is served: by key, one creator,
touched by an event. Writes nothing.
Examples: projector plan message
          projector plan creatorDashboard --event MessageReplied`,
    )
    .action(async (view: string, given: PlanOptions) => finish(await plan(io, view, given)));

  withOptions(
    program
      .command('rebuild')
      .description('build a view anew from the log beside the served one, then serve it; reads go on meanwhile')
      .argument('<view>', 'name of the view'),
    [
      ...SELECTION,
      ['--dry-run', 'only show the plan: how many documents and events, about how long'],
      ...[options.rate, options.by, options.reason, options.wait, options.json],
    ],
  )
    .addHelpText(
      'after',
      `
May be interrupted: the rebuild goes on, or is taken up again by the next projector.
Examples: projector rebuild message --rate 5000
          projector rebuild message --id 0f8c2a4e-51d1-5c4b-9d0e-7a1b2c3d4e5f --dry-run`,
    )
    .action(async (view: string, given: ReplayOptions & PlanOptions & { dryRun?: true }) => {
      const selection = selectionOf(given);
      if (given.dryRun) finish(await dryRun(io, view, given));
      else finish(await (selection ? repair(io, view, given, selection) : rebuild(io, view, given)));
    });
}
