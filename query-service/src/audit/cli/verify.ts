/** audit verify: compares the whole log with what was signed of it. */
import { FeedStopped } from '@creator-dashboards/shared/feed/consumer';
import { Misuse } from '@creator-dashboards/shared/command-line/frame';
import { table } from '@creator-dashboards/shared/command-line/output';
import { DamagedEvent, StoreFailed } from '@creator-dashboards/shared/store-errors';
import { systemClock } from '@creator-dashboards/shared/time';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { receiptSchema } from '../integrity.js';
import { receiptFault } from '../receipt-check.js';
import { NOTHING_VERIFIED, type Fault, type Verification, type Verified } from '../verification.js';
import { verifyLog } from '../verify.js';
import { withAudit, type AuditIo } from './opened.js';

export interface VerifyCommandOptions {
  readonly resume?: string;
  readonly receipt?: readonly string[];
  readonly publicKey?: readonly string[];
  readonly json?: boolean;
}

/** More than so many faults are counted only: on a screen, and in JSON. */
const SHOWN = { text: 100, json: 1_000 };

/** Whether the log is what was signed. */
export function verify(io: AuditIo, options: VerifyCommandOptions): Promise<boolean> {
  const { resume, receipt: receipts = [], publicKey: trusted = [], json } = options;
  for (const key of trusted) if (!/^[0-9a-f]{64}$/.test(key)) throw new Misuse('--public-key takes 64 hex digits');
  const kept = receipts.map((file) => ({ file, receipt: readJson(file, receiptSchema) }));
  const from = resume !== undefined && existsSync(resume) ? verifiedIn(resume) : NOTHING_VERIFIED;
  return withAudit(
    io,
    { json, trusted },
    async ({ stores: { events, audit: index }, heads: { keys }, output, catchUp }) => {
      const faults: Fault[] = [];
      let count = 0;
      let stopped = await endOf(catchUp());
      const began = systemClock.monotonic();
      const rateOf = (checked: number) =>
        Math.round(checked / Math.max(0.001, (systemClock.monotonic() - began) / 1_000));
      let result: Verification = NOTHING;
      const verifying = verifyLog({
        ...{ events, index, keys, from },
        snapshotFault: (event) => io.snapshotFault(events, event),
        onFault(fault) {
          count += 1;
          if (faults.length < SHOWN.json) faults.push(fault);
        },
        onProgress({ checked, position, verified }) {
          if (resume !== undefined && verified) keep(resume, verified);
          const [rate, at] = [rateOf(checked), position.toString()];
          output.progress(`${checked} events, up to position ${at}, ${rate} a second`, { checked, position: at, rate });
          result = { ...result, checked };
        },
      });
      stopped = (await endOf(verifying.then((all) => (result = all)))) ?? stopped;
      const refused: { file: string; fault: string }[] = [];
      for (const { file, receipt } of kept) {
        const fault = await receiptFault(index, keys, receipt);
        if (fault !== null) refused.push({ file, fault });
      }
      const value = { ...result, faults: count, broken: faults, receipts: kept.length, refused, stopped };
      output.result(value, textOf(value));
      return count === 0 && refused.length === 0 && stopped === null;
    },
  );
}

/** Why it could not come to its end, where that is the log's fault; null where it could. */
async function endOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof FeedStopped || error instanceof StoreFailed || error instanceof DamagedEvent)
      return error.message;
    throw error;
  }
}

const NOTHING: Verification = { checked: 0, head: null, root: '', unknownKeys: 0 };

type Result = Verification & {
  readonly faults: number;
  readonly broken: readonly Fault[];
  readonly receipts: number;
  /** Why no more of the log can be indexed, or read; null where it was to its end. */
  readonly stopped: string | null;
  readonly refused: readonly { readonly file: string; readonly fault: string }[];
};

function textOf({ checked, head, unknownKeys, faults, broken, receipts, refused, stopped }: Result): string {
  const shown = broken.slice(0, SHOWN.text);
  const rows = shown.map(({ kind, position, stream, eventId, message }) => [
    ...[kind, position, stream ?? '-', eventId ?? '-', message],
  ]);
  return [
    ...(faults > 0 ? [table(['FAULT', 'POSITION', 'STREAM', 'EVENT', ''], rows)] : []),
    ...(stopped === null ? [] : [stopped]),
    ...(faults > shown.length ? [`… and ${faults - shown.length} more`] : []),
    ...refused.map(({ file, fault }) => `${file}: ${fault}`),
    ...(unknownKeys > 0
      ? [`${unknownKeys} heads were signed with other keys than these: judged by their roots only (--public-key)`]
      : []),
    `${checked} events: ${faults === 0 && stopped === null ? 'nothing is wrong' : `${faults} ${faults === 1 ? 'fault' : 'faults'}`}. ${
      head ? `The log leads to what was signed at ${head.signedAt}, of ${head.size} events.` : 'Nothing was signed yet.'
    }`,
    receipts === 0
      ? 'What was cut off behind the last head can be found only by a receipt that was kept elsewhere (--receipt).'
      : `${receipts - refused.length} of ${receipts} receipts hold.`,
  ].join('\n');
}

const verifiedSchema = z.strictObject({ size: z.int(), position: z.string(), peaks: z.array(z.string()) });

function verifiedIn(file: string): Verified {
  const { size, position, peaks } = readJson(file, verifiedSchema);
  return { tree: { size, peaks: peaks.map((peak) => Buffer.from(peak, 'hex')) }, position: BigInt(position) };
}

function keep(file: string, { tree: { size, peaks }, position }: Verified): void {
  const text = JSON.stringify({
    size,
    position: position.toString(),
    peaks: peaks.map((peak) => peak.toString('hex')),
  });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** Throws Misuse for a file that cannot be read, or is none of these. */
function readJson<T>(file: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new Misuse(`${file} is not such a file, or cannot be read`);
  }
}
