/** The auditor's command line on a real log, with copies of it that somebody has changed. */
import { SNAPSHOT_EVERY } from '@creator-dashboards/command-service/runtime/stream-states';
import { openDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { auditOn as run } from './support/audit-cli.js';
import { root } from './support/documented.js';
import { creatorWithDms, setDms } from './support/people.js';
import { openSystem } from './support/system.js';

const VERIFIER = join(root, 'query-service/bin/verify-bundle.mjs');

/** Of a bundle. */
interface Line {
  readonly to?: number;
  readonly event?: readonly unknown[];
  readonly head?: { readonly size: number };
}

interface Found {
  readonly items: readonly { id: string; type: string; metadata: { $correlationId: string } }[];
}

describe('The command line of an auditor', () => {
  let folder: string;
  let copies = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'audit-cli-'));
    const system = await openSystem();
    const creator = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 10);
    for (let change = 0; change < Number(SNAPSHOT_EVERY) + 5; change += 1)
      await setDms(creator, { dmType: 'PER_MESSAGE', dmPrice: 10 + (change % 2), dmActive: true });
    await system.catchUp();
    await system.stop();
    cpSync(system.environment.dataDir, join(folder, 'whole'), { recursive: true });
    await system.close();
  });
  after(() => rmSync(folder, { recursive: true }));

  /** A copy of the installation, with its log changed by these statements. */
  function copyWith(...statements: string[]): string {
    const copy = join(folder, `copy-${(copies += 1)}`);
    cpSync(join(folder, 'whole'), copy, { recursive: true });
    const database = openDatabase(join(copy, 'events.db'), { synchronous: 'NORMAL' });
    for (const statement of statements) database.exec(statement);
    database.close();
    return copy;
  }
  const brokenIn = async (copy: string, ...args: string[]) => {
    const { out } = await run(copy, 'verify', '--json', ...args);
    const { broken } = JSON.parse(out) as { broken: { kind: string; position: string }[] };
    return broken.map(({ kind, position }) => `${kind} ${position}`);
  };

  it('verifies a log in which nothing is wrong, snapshots included, and says what it cannot know', async () => {
    const { code, out } = await run(copyWith(), 'verify');
    expect(out).to.match(/^\d+ events: nothing is wrong\. Nothing was signed yet\.\n/);
    expect(out).to.contain('only by a receipt that was kept elsewhere');
    expect(code).to.equal(0);
  });

  it('names what was changed in the files, with exit code 1', async () => {
    const signed = copyWith();
    expect((await run(signed, 'receipt')).code).to.equal(0);
    const [statement, fault] = [`UPDATE events SET data = '{}' WHERE position = 2`, 'changed 2'];
    const database = openDatabase(join(signed, 'events.db'), { synchronous: 'NORMAL' });
    database.exec(statement);
    database.close();
    expect(await brokenIn(signed)).to.deep.equal([fault]);
    expect((await run(signed, 'verify')).code).to.equal(1);
  });

  it('names a snapshot that its stream does not give, though nothing was signed before it was changed', async () => {
    const withSnapshot = `json_extract(metadata, '$.snapshot') IS NOT NULL`;
    const forged = copyWith(
      `UPDATE events SET metadata = json_set(metadata, '$.snapshot.state.extra', 'x') WHERE ${withSnapshot}`,
    );
    rmSync(join(forged, 'audit.db'), { force: true });
    expect(await brokenIn(forged)).to.deep.equal([`snapshot ${snapshotPosition(forged)}`]);
  });

  it('finds by a receipt that was kept elsewhere what was cut off with the index', async () => {
    const whole = copyWith();
    const { out } = await run(whole, 'receipt');
    const file = join(folder, 'receipt.json');
    writeFileSync(file, out);
    expect((await run(whole, 'verify', '--receipt', file)).out).to.contain('1 of 1 receipts hold.');
    const cut = copyWith('DELETE FROM events WHERE position > 100');
    for (const name of ['audit.db', 'audit.db-wal', 'audit.db-shm']) rmSync(join(cut, name), { force: true });
    const verified = await run(cut, 'verify', '--receipt', file);
    expect(verified.out).to.contain('in its index now: the end was cut off');
    expect(verified.code).to.equal(1);
  });

  it('goes on where it was, by a file', async () => {
    const data = copyWith();
    await run(data, 'receipt');
    const file = join(folder, 'progress.json');
    const first = JSON.parse((await run(data, 'verify', '--json', '--resume', file)).out) as { checked: number };
    const second = JSON.parse((await run(data, 'verify', '--json', '--resume', file)).out) as { checked: number };
    expect(first.checked).to.be.greaterThan(100);
    expect(second.checked, 'the head that the receipt left in the log').to.equal(1);
  });

  it('finds events, prints one, and what its request led to, each counted in the log', async () => {
    const data = copyWith();
    const asked = async (...args: string[]) => JSON.parse((await run(data, ...args, '--json')).out) as Found;
    const { items } = await asked('search', '--type', 'CreatorUpgraded', '--order', 'newest');
    expect(items.map(({ type }) => type)).to.deep.equal(['CreatorUpgraded']);
    const [{ id = '', metadata } = {}] = items;
    expect((await run(data, 'show', id)).out).to.contain('"type": "CreatorUpgraded"');
    const { out } = await run(data, 'tree', metadata?.$correlationId ?? '');
    expect(out).to.match(/^command .*\n( {2}event .*\n)*( {4}document creatorDashboard)?/);
    expect(out).to.contain('  event CreatorUpgraded creator-');
    const counted = await asked('search', '--category', 'access');
    expect(counted.items.map(({ type }) => type)).to.deep.equal(['LogSearched', 'LogSearched', 'LogSearched']);
    expect((await run(data, 'search', '--creator-id', 'x')).err).to.match(/^audit: --creator-id: /);
    expect((await run(data, 'show', '0f8fad5b-d9cb-469f-a165-70867728950e')).code).to.equal(2);
  });

  it('exports a part of the log with its proofs, recorded before, its head in the log, for the verifier that is shipped', async () => {
    const data = copyWith();
    const [file, keyFile] = [join(folder, 'bundle.ndjson'), join(folder, 'keys.txt')];
    writeFileSync(keyFile, (await run(data, 'keys')).out);
    const exported = async (...args: string[]) => {
      const { code, out, err } = await run(data, 'export', ...args);
      expect(code, err).to.equal(0);
      writeFileSync(file, out);
      expect(await promisify(execFile)(process.execPath, [VERIFIER, file, '--key', keyFile])).to.include({
        stderr: '',
      });
      return out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line);
    };
    const [first, ...all] = await exported('--by', 'Ada');
    const lastBefore = Number(first?.to);
    expect(all.at(-1)).to.deep.equal({ events: lastBefore, heads: 0 });

    const access = JSON.parse((await run(data, 'search', '--category', 'access', '--json')).out) as Found;
    expect(access.items.map(({ type }) => type)).to.deep.equal(['DataExported']);
    const part = await exported('--from', '3', '--to', '5');
    expect(
      part.flatMap(({ event }) => (event ? [event[0]] : [])),
      'positions of this log are 1, 2, 3 …',
    ).to.deep.equal([2, 3, 4]);
    const later = await exported('--from', String(lastBefore + 1));
    const types = later.flatMap(({ event }) => (event ? [event[4]] : []));
    expect(types.slice(0, 2), 'what the first export left').to.deep.equal(['DataExported', 'IntegrityHeadSigned']);
    expect(
      later.flatMap(({ head }) => (head ? [head.size] : [])),
      'the new head, and not that of the first export',
    ).to.have.length(1);
    const none = await run(data, 'export', '--from', '2100-01-01T00:00:00Z');
    expect([none.code, none.out]).to.deep.equal([2, '']);
    expect((await run(data, 'export', '--to', 'today')).err).to.match(/^audit: --to: a position, or an ISO 8601 time/);
    expect((await run(data, 'export', '--by', ' ')).code).to.equal(2);
  });

  it('exports nothing of a log that was changed', async () => {
    const data = copyWith();
    await run(data, 'receipt');
    const database = openDatabase(join(data, 'events.db'), { synchronous: 'NORMAL' });
    database.exec(`UPDATE events SET data = '{}' WHERE position = 2`);
    database.close();
    const { code, out, err } = await run(data, 'export');
    expect(code).to.equal(1);
    expect(err).to.match(/event \S+ at position 2 is not what was indexed as number 1\n$/);
    expect(out, 'not even one event').to.match(/^\{"bundle".*\}\n$/);
  });

  it('prints the public keys, and is misused with exit code 2', async () => {
    const { code, out } = await run(join(folder, 'whole'), 'keys');
    expect([code, out]).to.satisfy(
      ([was, text]: [number, string]) => was === 0 && /\n[0-9a-f]{16} {2}[0-9a-f]{64}\n$/.test(text),
    );
    expect((await run(join(folder, 'whole'), 'verify', '--receipt', '/nowhere')).code).to.equal(2);
    expect((await run(join(folder, 'whole'), 'verify', '--public-key', 'x')).code).to.equal(2);
    expect((await run(join(folder, 'nowhere'), 'verify')).code).to.equal(2);
  });

  function snapshotPosition(data: string): number {
    const database = openDatabase(join(data, 'events.db'), { synchronous: 'NORMAL' });
    const found = database
      .prepare<[bigint | number]>(`SELECT position FROM events WHERE metadata LIKE '%"snapshot"%'`, { tuples: true })
      .get();
    database.close();
    return Number(found?.[0]);
  }
});
