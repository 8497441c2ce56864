/** The auditor's commands, which work on the stores themselves, whether services run or not. */
import { programNamed, runProgram } from '@creator-dashboards/shared/command-line/frame';
import type { Command } from 'commander';
import { querySchema } from '../events.js';
import {
  BY_OPTION,
  dashed,
  JSON_OPTION,
  REASON_OPTION,
  REVEAL_OPTION,
  type AskOptions,
  type RevealOptions,
} from './asking.js';
import { exportBundle, type ExportOptions } from './export.js';
import { keysShown } from './keys.js';
import type { AuditIo } from './opened.js';
import { addPastCommands } from './past-commands.js';
import { receipt } from './receipt.js';
import { searchLog, show, tree } from './search.js';
import { verify, type VerifyCommandOptions } from './verify.js';

function createProgram(io: AuditIo, finish: (isWell: boolean) => void): Command {
  const program = programNamed(
    'audit',
    'Answers what happened, and proves it. Works on the stores that the environment names (EVENT_STORE_URL, DATA_DIR …).',
    io,
  ).addHelpText('after', '\nExit codes: 0 done, 1 something is wrong, 2 misuse.');

  const search = program
    .command('search')
    .description('list events of the log by whatever they name; several filters must all be true')
    .addHelpText('after', '\nExample: audit search --type MessageReplied --order newest --limit 10');
  for (const name of Object.keys(querySchema.shape)) search.option(`--${dashed(name)} <${name}>`);
  search
    .option(...BY_OPTION)
    .option(...JSON_OPTION)
    .action(async ({ json, by, ...filters }: AskOptions & Record<string, string>) =>
      finish(await searchLog(io, filters, { ...(json && { json }), ...(by !== undefined && { by }) })),
    );

  program
    .command('show')
    .description('print one event, with its personal data if that is revealed')
    .argument('<eventId>', 'as "search" shows it')
    .option(...REVEAL_OPTION)
    .option(...REASON_OPTION)
    .option(...BY_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: audit show 6613aacd-a48d-5c4b-b709-ad2f7b2d9ea1')
    .action(async (eventId: string, options: RevealOptions) => finish(await show(io, eventId, options)));

  program
    .command('tree')
    .description('print what a request led to: commands, events, what policies did about these, and documents')
    .argument('<correlationId>', 'of an answer, or of an event')
    .option(...BY_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: audit tree 01a21c9d-9200-745c-ac46-1560b6cf54a7')
    .action(async (correlationId: string, options: AskOptions) => finish(await tree(io, correlationId, options)));

  addPastCommands(program, io, finish);

  program
    .command('verify')
    .description('compare the whole log with what was signed of it, and name each event that is not that')
    .option('--resume <file>', 'go on from where this file says, and keep there how far it is')
    .option(
      '--receipt <file...>',
      'receipts that were kept elsewhere: only these prove that nothing was cut off at the end',
    )
    .option('--public-key <hex...>', 'public keys of before, which have signed older heads')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: audit verify --receipt receipt-2026-05-01.json')
    .action(async (options: VerifyCommandOptions) => finish(await verify(io, options)));

  program
    .command('receipt')
    .description('print the proof that an event is in the log that was signed; keep it where nobody here can change it')
    .argument('[eventId]', 'by default the newest event')
    .addHelpText('after', '\nExample: audit receipt > /mnt/elsewhere/receipt-$(date +%F).json')
    .action(async (eventId: string | undefined) => finish(await receipt(io, eventId)));

  program
    .command('export')
    .description('print a part of the log with the proofs by which anybody can check it; see docs/audit.md')
    .option('--from <edge>', 'the first event: a position, or an ISO 8601 time; by default the first of the log')
    .option('--to <edge>', 'the last event, likewise; by default the newest')
    .option(...BY_OPTION)
    .addHelpText('after', '\nExample: audit export --from 2026-05-01T00:00:00Z --to 2026-06-01T00:00:00Z > may.ndjson')
    .action(async (options: ExportOptions) => finish(await exportBundle(io, options)));

  program
    .command('keys')
    .description('show the public keys by which anybody can check what is signed here')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: audit keys')
    .action((options: { json?: boolean }) => finish(keysShown(io, options)));

  return program;
}

/** Runs one command line, given without the program's name. Returns the exit code. */
export function runAudit(args: readonly string[], io: AuditIo): Promise<number> {
  return runProgram(args, io, (finish) => createProgram(io, finish));
}
