/** What the commands that read the log have in common: options as the routes take them, and a record of who asked. */
import { createAccessLog, type AccessLog } from '@creator-dashboards/shared/access/access-log';
import type { Accessor } from '@creator-dashboards/shared/access/record';
import { Misuse, operatorOf, type WhoOptions } from '@creator-dashboards/shared/command-line/frame';
import { createSealer, type Sealer } from '@creator-dashboards/shared/seal';
import { systemClock } from '@creator-dashboards/shared/time';
import type { z } from 'zod';
import { withAudit, type AuditIo, type OpenedAudit } from './opened.js';

export const BY_OPTION = ['--by <name>', 'who asks; kept in the log'] as const;
export const JSON_OPTION = ['--json', 'print one JSON value instead of text'] as const;

export const REVEAL_OPTION = [
  '--reveal',
  'show personal data, which is masked otherwise; needs --reason and --by',
] as const;
export const REASON_OPTION = ['--reason <reason>', 'why personal data is shown; kept in the log'] as const;

export interface AskOptions extends Pick<WhoOptions, 'by'> {
  readonly json?: boolean;
}

export interface RevealOptions extends AskOptions {
  readonly reveal?: boolean;
  readonly reason?: string;
}

export interface Asked extends OpenedAudit {
  readonly accessor: Accessor;
  readonly access: AccessLog;
  readonly sealer: Sealer;
}

/** Runs the work on an index that is up to date. What it counts in the access log is recorded when it has ended. */
export function asking(io: AuditIo, options: AskOptions, work: (asked: Asked) => Promise<boolean>): Promise<boolean> {
  const accessor = operatorOf({ ...(options.by !== undefined && { by: options.by }) });
  return withAudit(io, options, async (opened) => {
    await opened.catchUp();
    const { stores, output } = opened;
    const sealer = createSealer({ ...stores, clock: systemClock });
    const onTrouble = (error: unknown) => output.progress(`not recorded yet: ${String(error)}`);
    const access = createAccessLog({ ...stores, sealer, clock: systemClock, onTrouble });
    try {
      return await work({ ...opened, accessor, access, sealer });
    } finally {
      await access.stop();
    }
  });
}

/** What was given on the command line, by the names that the route has. Throws Misuse, naming arguments and options as they are written. */
export function parsed<S extends z.ZodType>(
  schema: S,
  given: unknown,
  written: (name: string) => string = (name) => `--${dashed(name)}`,
): z.output<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${written(path.join('.'))}: ${message}`);
  throw new Misuse(faults.join('; '));
}

/** The options of a command that may reveal personal data, as the route takes them. Throws Misuse as `parsed`, and where nobody says who reveals. */
export function parsedRevealing<S extends z.ZodType>(
  schema: S,
  { reveal = false, by, ...rest }: Pick<RevealOptions, 'reveal' | 'by'> & Readonly<Record<string, unknown>>,
): z.output<S> {
  const query = parsed(schema, { ...rest, reveal: String(reveal) });
  if (reveal && by === undefined) throw new Misuse('--by: must say who, when personal data is revealed');
  return query;
}

/** As options are written: creatorId is --creator-id. */
export function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
