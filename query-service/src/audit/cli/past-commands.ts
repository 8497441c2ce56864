/** The commands that tell what was shown in the past, why, and where money went. */
import type { Command } from 'commander';
import { BY_OPTION, JSON_OPTION, REASON_OPTION, REVEAL_OPTION, type AskOptions } from './asking.js';
import { money } from './money.js';
import type { AuditIo } from './opened.js';
import { asOfCommand, diffCommand, explainCommand, type PastOptions } from './past.js';

export function addPastCommands(program: Command, io: AuditIo, finish: (isWell: boolean) => void): void {
  pastCommand(
    program,
    'as-of',
    'print what was shown: now, at a position or a time, or in the answer that had this ETag',
  )
    .option('--position <position>', 'of the log')
    .option('--at <time>', 'an ISO 8601 time, with an offset or Z')
    .option('--etag <etag>', 'of an answer')
    .addHelpText(
      'after',
      '\nExample: audit as-of creatorDashboard 9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d --at 2026-05-05T12:00:00Z',
    )
    .action(async (view: string, key: string, options: PastOptions) =>
      finish(await asOfCommand(io, view, key, options)),
    );

  pastCommand(program, 'diff', 'print the fields in which what was shown differs between two positions')
    .option('--from <position>', 'by default before the first event')
    .option('--to <position>', 'by default the end of the log')
    .addHelpText(
      'after',
      '\nExample: audit diff creatorProfile 9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d --from 120 --to 340',
    )
    .action(async (view: string, key: string, options: PastOptions) =>
      finish(await diffCommand(io, view, key, options)),
    );

  pastCommand(
    program,
    'explain',
    'print why a field of a dashboard is what it is: formula, inputs, and the events that moved it',
  )
    .requiredOption('--field <path>', 'as in the body: walletBalance, bioPage.links.<id>.title')
    .option('--position <position>', 'of the log, by default its end')
    .addHelpText(
      'after',
      '\nExample: audit explain creatorDashboard 9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d --field walletBalance',
    )
    .action(async (view: string, key: string, options: PastOptions) =>
      finish(await explainCommand(io, view, key, options)),
    );

  program
    .command('money')
    .description("print every movement of a creator's wallet, or of a fan's, with the balance after it")
    .argument('<creatorId|userId>', "a creator's id, or a fan's user id")
    .option('--order <order>', 'newest (by default) or oldest first')
    .option('--limit <limit>', 'of events on a page, at most 200; by default 50')
    .option('--cursor <cursor>', 'of the next page, as the page before shows it')
    .option(...BY_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample: audit money 9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d --order oldest')
    .action(async (id: string, options: AskOptions) => finish(await money(io, id, { ...options })));
}

/** A command on one document. */
function pastCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument('<view>', 'as creatorDashboard, creatorProfile, dmConfig, referralDashboard')
    .argument('<key>', 'of the document: a user id, of dmConfig a creator id')
    .option(...REVEAL_OPTION)
    .option(...REASON_OPTION)
    .option(...BY_OPTION)
    .option(...JSON_OPTION);
}
