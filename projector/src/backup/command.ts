/** `npm run backup`: takes a copy of the embedded stores, or checks one. Exit codes: 0 done, 1 failed, 2 misuse. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  demandFiles,
  EVENTS_FILE,
  isEmbedded,
  KEYS_FILE,
  VIEWS_FILE,
} from '@creator-dashboards/shared/process/embedded';
import { EnvironmentError, readEnvironment } from '@creator-dashboards/shared/process/environment';
import { systemClock, type WallClock } from '@creator-dashboards/shared/time';
import { version } from '@creator-dashboards/shared/process/version';
import { Misuse } from '@creator-dashboards/shared/command-line/frame';
import { type Io } from '../cli/command.js';
import { createOutput, type Output } from '@creator-dashboards/shared/command-line/output';
import { isWell, resultsOf, textOf } from '../cli/verify.js';
import { checkCopy } from './check.js';
import { takeBackup, withCopy } from './take.js';

const USAGE = `Usage: npm run backup -- --to FOLDER [--json]      copies the stores in DATA_DIR into a new folder in FOLDER
       npm run backup -- --check COPY [--json]     checks a copy, and changes nothing in it

The services may run meanwhile. A copy is named by its time (UTC) when it is whole and was checked: its files are sound, the documents
belong to the log, the chain of every stream holds, and the keys are there. --check also compares every view with a plain fold of the log.
Exit codes: 0 done, 1 failed or not sound, 2 misuse.`;

const FILES = [EVENTS_FILE, VIEWS_FILE, KEYS_FILE];

/** Runs one command line, given without the program's name. Returns the exit code. */
export async function runBackup(args: readonly string[], io: Io, clock: WallClock = systemClock): Promise<number> {
  try {
    const { to, check, help, json, version: isVersionAsked } = optionsIn(args);
    const output = createOutput(json ?? false, io.out, io.err);
    if (help || isVersionAsked) {
      io.out.write(`${help ? USAGE : version}\n`);
      return 0;
    }
    if ((to === undefined) === (check === undefined)) throw new Misuse(USAGE);
    if (check !== undefined) return (await checked(check, io, output)) ? 0 : 1;
    const { bytes, copy, events, head } = await takeBackup(embeddedFolder(io), to ?? '', new Date(clock.now()));
    const size = `${(bytes / 1e6).toFixed(1)} MB`;
    output.result({ copy, bytes, events, head }, `${copy}: ${size}, ${events} events up to position ${head}, checked`);
    return 0;
  } catch (error) {
    io.err.write(`backup: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Misuse || error instanceof EnvironmentError ? 2 : 1;
  }
}

function optionsIn(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ args: [...args], options: { to: text, check: text, help: flag, json: flag, version: flag } })
      .values;
  } catch (error) {
    throw new Misuse(`${(error as Error).message}\n${USAGE}`);
  }
}

/** DATA_DIR, if the stores are there and nowhere else. */
function embeddedFolder({ env }: Io): string {
  const { dataDir, eventStoreUrl, readStoreUrl, keyStoreUrl } = readEnvironment(env);
  const urls = { EVENT_STORE_URL: eventStoreUrl, READ_STORE_URL: readStoreUrl, KEY_STORE_URL: keyStoreUrl };
  const elsewhere = Object.entries(urls).flatMap(([name, url]) => (isEmbedded(url) ? [] : [name]));
  if (elsewhere.length > 0)
    throw new Misuse(
      `${elsewhere.join(', ')}: on servers. Back those up with the servers' own tools, in the order of docs/operations.md ` +
        '("Backup and restore of servers").',
    );
  demandFiles(dataDir, FILES);
  return dataDir;
}

async function checked(folder: string, { views }: Io, output: Output): Promise<boolean> {
  const missing = FILES.filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) throw new Misuse(`${folder} is no copy: it has no ${missing.join(', ')}`);
  if (FILES.some((file) => existsSync(join(folder, `${file}-wal`))))
    throw new Misuse(
      `${folder} is in use, or was when its process died: it is no copy. "projector verify" checks an installation`,
    );
  return withCopy(folder, async (copy) => {
    output.progress('looking at files, checkpoints, chains and keys');
    const findings = await checkCopy(copy);
    const results = await resultsOf(copy, Object.values(views), output.progress);
    const isSound = findings.problems.length === 0 && results.every(isWell);
    const summary = `${folder}: ${findings.events} events up to position ${findings.head}, ${isSound ? 'sound' : 'NOT SOUND'}`;
    output.result(
      { copy: folder, isSound, ...findings, views: results },
      [summary, ...findings.problems, '', textOf(results)].join('\n'),
    );
    return isSound;
  });
}
