/** Copies of an installation whose log somebody has changed at random: the auditor's `verify` names what any read of it shows. */
import { snapshotFault } from '@creator-dashboards/command-service/runtime/snapshot-check';
import { SNAPSHOT_EVERY } from '@creator-dashboards/command-service/runtime/stream-states';
import { runAudit } from '@creator-dashboards/query-service/audit/cli/program';
import { newestHead } from '@creator-dashboards/query-service/audit/heads';
import { receiptSchema } from '@creator-dashboards/query-service/audit/integrity';
import { openDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { SECOND } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { createSender } from './support/commands.js';
import { readLog } from './support/invariants.js';
import { createLedger } from './support/ledger.js';
import { differences, readsOf, type LogReads } from './support/log-reads.js';
import { creatorWithDms, register, setDms } from './support/people.js';
import { createRandomUsers } from './support/random-users.js';
import { seeded } from './support/random.js';
import { openSystem, type TestSystem } from './support/system.js';
import { cut, tamper } from './support/tampering.js';

const TAMPERINGS = Number(process.env.TAMPERINGS ?? 60);
const SEED = Number(process.env.SEED ?? 20_260_429);

const CUTS = Math.max(5, Math.round(TAMPERINGS / 20));

const FILES = ['events.db', 'views.db', 'keys.db', 'audit.db'];

interface Told {
  readonly faults: number;
  readonly broken: readonly { readonly kind: string; readonly position: string; readonly stream: string | null }[];
  readonly stopped: string | null;
  readonly refused: readonly { readonly file: string }[];
}

type Receipt = z.infer<typeof receiptSchema>;

/** How reads of a changed log differ from those of the real one. */
type Outcome = 'named' | 'not opened' | 'same' | 'after the head';

/** More than so many faults are counted only. */
const SHOWN = 1_000;

type Differences = ReturnType<typeof differences>;
const isEmpty = ({ positions, streams }: Differences) => positions.length + streams.length === 0;

describe('A log whose files were changed at random', function () {
  this.timeout(300_000 + TAMPERINGS * 2_000);
  let folder: string;
  /** By its position, the stream of each event. */
  let streamAt: Map<string, string>;
  /** Of the last event that a signed head covers, and of the newest one. */
  let [signed, newest] = [0n, 0n];
  let reads: LogReads;
  let receipts: Receipt[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tampering-'));
    const system = await openSystem();
    try {
      receipts = await live(system);
      for (const receipt of receipts)
        writeFileSync(join(folder, `receipt-${receipt.head.size}.json`), JSON.stringify(receipt));
      const { audit, events } = system.stores;
      const head = await newestHead(audit);
      const [last] = await audit.get([(head?.size ?? 0) - 1]);
      [signed, newest] = [last?.position ?? 0n, await events.head()];
      streamAt = new Map((await readLog(events)).map(({ position, stream }) => [`${position}`, stream]));
      reads = await readsIn(events);
      cpSync(system.environment.dataDir, join(folder, 'whole'), { recursive: true });
    } finally {
      await system.close();
    }
    // Moves what is in the -wal only into the file.
    for (const name of FILES) openDatabase(join(folder, 'whole', name), { synchronous: 'NORMAL' }).close();
  });
  after(() => rmSync(folder, { recursive: true }));

  const readsIn = (events: EventStore) => readsOf(events, { upTo: newest, streams: new Set(streamAt.values()) });

  /** What is read in another way; null where the file cannot be opened. */
  async function differencesIn(copy: string) {
    let events: EventStore | null = null;
    try {
      events = openEventStore(join(copy, 'events.db'));
      const now = await readsIn(events);
      const ofSigned = differences(reads, now, signed);
      const ofAll = differences(reads, now, newest);
      return {
        ...ofSigned,
        isSame: isEmpty(ofAll) && (await events.head().catch(() => null)) === newest,
      };
    } catch {
      return null;
    } finally {
      await events?.close();
    }
  }

  async function verify(copy: string, ...options: string[]) {
    const written = { out: '', err: '' };
    const code = await runAudit(['verify', '--json', ...options], {
      ...{ views, snapshotFault, env: { DATA_DIR: copy } },
      out: { write: (text) => (written.out += text) },
      err: { write: (text) => (written.err += text) },
    });
    return { code, told: written.out === '' ? null : (JSON.parse(written.out) as Told), err: written.err };
  }

  /** What `verify` should have said of a copy that was changed, and did not; null where all is well. */
  async function complaintAbout(copy: string): Promise<{ outcome: Outcome; complaint: string | null }> {
    const change = await differencesIn(copy);
    const { code, told, err } = await verify(copy);
    const says = `it says: ${code} ${err.slice(-200)} ${JSON.stringify(told)?.slice(0, 500)}`;
    const unless = (isWell: boolean, what: string) => (isWell ? null : `${what}; ${says}`);
    if (told === null)
      return { outcome: 'not opened', complaint: unless(code === 1 && !change?.isSame, 'the log can be read') };
    if (change === null) return { outcome: 'not opened', complaint: 'the log cannot be opened' };
    if (change.isSame)
      return {
        outcome: 'same',
        complaint: unless(
          told.broken.every(({ kind }) => kind === 'file'),
          'no read shows it',
        ),
      };
    if (isEmpty(change)) return { outcome: 'after the head', complaint: null };
    const missed = notLocated(change, told);
    const isWell = code === 1 && told.faults > 0 && missed.length === 0;
    return { outcome: 'named', complaint: unless(isWell, `not named: ${missed.join()}`) };
  }

  /** Events that are read in another way and not named, and streams that are, of which nothing is named. */
  function notLocated({ positions, streams }: Differences, { faults, broken }: Told): string[] {
    if (faults > SHOWN) return [];
    const named = new Set(broken.map(({ position }) => position));
    const namedStreams = new Set(broken.flatMap(({ position, stream }) => [stream, streamAt.get(position)]));
    return [
      ...positions.map(String).filter((at) => !named.has(at)),
      ...streams.filter((one) => !namedStreams.has(one)),
    ];
  }

  it('is named where a read of what was signed shows the change, and is right where none does', async () => {
    const random = seeded(SEED);
    const outcomes = new Map<Outcome, number>();
    const complaints: string[] = [];
    for (let count = 1; count <= TAMPERINGS; count += 1) {
      const copy = join(folder, 'copy');
      for (const name of FILES) cpSync(join(folder, 'whole', name), join(copy, name));
      const what = tamper(join(copy, 'events.db'), random);
      const { outcome, complaint } = await complaintAbout(copy);
      rmSync(copy, { recursive: true });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (complaint !== null) complaints.push(`${count} of seed ${SEED}: ${what}: ${complaint}`);
      if (complaint !== null && process.env.TAMPERINGS) console.log(complaints.at(-1));
      if (process.env.TAMPERINGS && count % 1_000 === 0) console.log(count, outcomes);
    }
    expect(complaints).to.deep.equal([]);
    expect(outcomes.get('named'), 'changes that a read shows').to.be.greaterThan(TAMPERINGS / 3);
  });

  it('is found cut off behind its last head by the receipts of later heads, which were kept elsewhere', async () => {
    const random = seeded(SEED);
    for (let count = 1; count <= CUTS; count += 1) {
      const copy = join(folder, 'cut');
      // The index, which has the heads, was taken away, too.
      for (const name of FILES.slice(0, -1)) cpSync(join(folder, 'whole', name), join(copy, name));
      const left = 1 + Math.floor(random() * Number(newest));
      cut(join(copy, 'events.db'), left);
      const reads = openReadStore(join(copy, 'views.db'));
      await reads.drop('feeds'); // with the lease of the system that it was copied from
      await reads.close();
      const files = receipts.map(({ head }) => join(folder, `receipt-${head.size}.json`));
      const { code, told } = await verify(copy, ...files.flatMap((file) => ['--receipt', file]));
      rmSync(copy, { recursive: true });
      const refused = files.filter((_, n) => Number(receipts[n]?.head.size) > left);
      const says = `${left} of ${newest} events are left`;
      expect(told?.broken, says).to.deep.equal([]);
      expect(
        told?.refused.map(({ file }) => file),
        says,
      ).to.deep.equal(refused);
      expect(code, says).to.equal(refused.length > 0 ? 1 : 0);
    }
  });
});

/** A history with all kinds: heads in the log, a snapshot, sealed data, an erased person, appends of several events; some of it behind the last head. */
async function live(system: TestSystem): Promise<Receipt[]> {
  const { send, close } = createSender(system.port, system.clock);
  const followed: typeof send = async (command) => {
    const answer = await send(command);
    await system.pass(SECOND);
    return answer;
  };
  const users = createRandomUsers(createLedger(followed), followed, seeded(SEED));
  await users.gather();
  const more = async (deeds: number) => {
    for (let deed = 0; deed < deeds; deed += 1) {
      await users.act();
    }
  };
  await more(40);
  const first = await receipt(system);
  const creator = await creatorWithDms(system, 'noemi', 'PER_MESSAGE', 10);
  for (let change = 0; change < Number(SNAPSHOT_EVERY) + 5; change += 1)
    await setDms(creator, { dmType: 'PER_MESSAGE', dmPrice: 10 + (change % 2), dmActive: true });
  const second = await receipt(system);
  const leaver = await register(system, 'walter');
  const erased = await system.admin.post(`/admin/users/${leaver.userId}/erase`, { reason: 'she asked' });
  expect(erased.status, JSON.stringify(erased.body)).to.equal(200);
  await more(40);
  const third = await receipt(system);
  await more(5);
  await system.catchUp();
  close();
  return [first, second, third];
}

/** Signs what there is, and leaves the head in the log. */
async function receipt(system: TestSystem): Promise<Receipt> {
  await system.catchUp();
  const last = await system.stores.events.readAt(await system.head());
  const { status, body } = await system.auditor.get(`/admin/integrity/receipts/${last?.id}`);
  expect(status, JSON.stringify(body)).to.equal(200);
  return receiptSchema.parse(body.data);
}
