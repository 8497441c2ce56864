/** The auditor's commands, which work on the stores themselves, whether services run or not. */
import { programNamed, runProgram } from '@creator-dashboards/shared/command-line/frame';
import type { Command } from 'commander';
import { keysShown } from './keys.js';
import type { AuditIo } from './opened.js';
import { receipt } from './receipt.js';
import { verify, type VerifyCommandOptions } from './verify.js';

const JSON_OPTION = ['--json', 'print one JSON value instead of text'] as const;

function createProgram(io: AuditIo, finish: (isWell: boolean) => void): Command {
  const program = programNamed(
    'audit',
    'Answers what happened, and proves it. Works on the stores that the environment names (EVENT_STORE_URL, DATA_DIR …).',
    io,
  ).addHelpText('after', '\nExit codes: 0 done, 1 something is wrong, 2 misuse.');

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
    .addHelpText('after', '\nExample, for cron: audit receipt > /mnt/elsewhere/receipt-$(date +%F).json')
    .action(async (eventId: string | undefined) => finish(await receipt(io, eventId)));

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
