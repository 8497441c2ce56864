/** `npm run backup`, as an operator runs it: beside the running system, from cron, on a full disk, and back again. */
import { openDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { tableOf } from '@creator-dashboards/shared/adapters/sqlite/document-sql';
import { generationOf } from '@creator-dashboards/projector/generations';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { views } from '@creator-dashboards/shared/views/registry';
import { processName } from '@creator-dashboards/shared/process/process-name';
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { expect } from 'chai';
import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLauncher, type Child, type Launcher } from './support/child.js';
import { createSender } from './support/commands.js';
import { digestOf, testFoundation } from './support/in-process.js';
import { expectKept, readLog } from './support/invariants.js';
import { createLedger, type LedgerEntry } from './support/ledger.js';
import { createRandomUsers } from './support/random-users.js';
import { seeded } from './support/random.js';

const CLI = fileURLToPath(new URL('../projector/src/backup-cli.ts', import.meta.url));
const WORDS = ['--conditions=source', '--import=tsx', CLI];
const FIRST_OF_A_STREAM =
  'WHERE revision = 0 AND stream = (SELECT stream FROM events WHERE revision = 1 ORDER BY position LIMIT 1)';
const MESSAGES = tableOf(collectionOf('message', generationOf(views.message.version)));
const STORES = ['events.db', 'keys.db', 'views.db'];

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(dataDir: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const options = { env: { ...process.env, NODE_ENV: 'test', ...env, DATA_DIR: dataDir } };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...WORDS, ...args], options, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

async function copyTo(folder: string, dataDir: string): Promise<string> {
  const { code, out, err } = await run(dataDir, ['--to', folder, '--json']);
  expect(code, err).to.equal(0);
  return (JSON.parse(out) as { copy: string }).copy;
}

describe('npm run backup', function () {
  const folder = mkdtempSync(join(tmpdir(), 'backup-'));
  const data = join(folder, 'data');
  /** Taken early, and taken under load. */
  let [early, copy] = ['', ''];
  /** What was acknowledged before the second was begun. */
  let acknowledged: readonly LedgerEntry[] = [];
  let launcher: Launcher;
  let port: number;

  const start = async (dataDir: string): Promise<Child> => {
    const settings = { DEMO: '0', LOG_LEVEL: 'warn', NODE_ENV: 'test', RATE_LIMIT_FACTOR: '100000' };
    const child = launcher.launch({ ...settings, DATA_DIR: dataDir, PORT: String(port) });
    await child.ready;
    return child;
  };
  const stop = async (child: Child) => {
    child.kill('SIGTERM');
    expect(await child.ended, child.said()).to.deep.equal({ code: 0, signal: null });
  };
  /** A copy of the copy, which a test may spoil. */
  const another = (name: string): string => {
    const other = join(folder, name);
    cpSync(copy, other, { recursive: true });
    return other;
  };
  const spoil = (file: string, sql: string) => {
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    database.exec(sql);
    database.close();
  };

  before(async () => {
    launcher = await createLauncher();
    port = await freePort();
    const child = await start(data);
    const { send, close } = createSender(port);
    const ledger = createLedger(send);
    const randomUsers = createRandomUsers(ledger, send, seeded(7));
    await randomUsers.gather();
    early = await copyTo(join(folder, 'early'), data);
    let over = false;
    const use = async () => {
      while (!over) await randomUsers.act();
    };
    const users = Array.from({ length: 8 }, use);
    await ledger.answered(200);
    acknowledged = [...ledger.done()];
    try {
      copy = await copyTo(join(folder, 'copies'), data);
    } finally {
      over = true;
      await Promise.all(users);
    }
    close();
    await stop(child);
  });
  after(async () => {
    await launcher.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes, beside the running system, a copy from which it starts with every command that was acknowledged before', async () => {
    expect(acknowledged).to.have.length.of.at.least(200);
    const restored = another('restored');
    await stop(await start(restored));
    const { stores } = await testFoundation({ DATA_DIR: restored });
    const [log, digest] = [await readLog(stores.events), await digestOf(stores)];
    await stores.close();
    expectKept(acknowledged, log, digest);
  });

  it('names the folder by the time, and lets nobody but its owner read it', () => {
    expect(basename(copy)).to.match(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/);
    expect(readdirSync(copy).sort()).to.deep.equal(STORES);
    const modes = [copy, ...STORES.map((name) => join(copy, name))].map((path) => statSync(path).mode & 0o777);
    expect(modes).to.deep.equal([0o700, 0o600, 0o600, 0o600]);
  });

  it('finds a copy sound, and changes nothing in it', async () => {
    const looked = () => STORES.map((name) => [readFileSync(join(copy, name)), statSync(join(copy, name)).mtimeMs]);
    const before = looked();
    const { code, out } = await run(folder, ['--check', copy, '--json']);
    expect(code).to.equal(0);
    const result = JSON.parse(out) as { isSound: boolean; problems: string[]; views: { differences: number }[] };
    expect(result).to.deep.include({ isSound: true, problems: [] });
    expect(result.views.map(({ differences }) => differences)).to.deep.equal(Object.keys(views).map(() => 0));
    expect(looked()).to.deep.equal(before);
    expect(readdirSync(copy).sort()).to.deep.equal(STORES);
  });

  const unsound: readonly { title: string; spoiled: (other: string) => void; says: RegExp }[] = [
    {
      title: 'whose documents are newer than its log',
      spoiled: (other) => cpSync(join(early, 'events.db'), join(other, 'events.db')),
      says: /message\.v2[^:]*: the log has no event at position \d+: these documents came from another log/,
    },
    {
      title: 'in whose log an event was changed',
      spoiled: (other) => spoil(join(other, 'events.db'), `UPDATE events SET data = '{}' ${FIRST_OF_A_STREAM}`),
      says: /revision 1 of .*: the event before it is not the one that it followed/,
    },
    {
      title: 'in whose log an event is missing',
      spoiled: (other) => spoil(join(other, 'events.db'), `DELETE FROM events ${FIRST_OF_A_STREAM}`),
      says: /revision 1 of .*: the event before it is missing/,
    },
    {
      title: 'whose keys are older than its log',
      spoiled: (other) => spoil(join(other, 'keys.db'), "DELETE FROM keys WHERE subject <> 'digests'"),
      says: /the key store has no key for the account [0-9a-f-]{36}, which is in the log/,
    },
    {
      title: 'in which a document was changed',
      spoiled: (other) =>
        spoil(join(other, 'views.db'), `UPDATE ${MESSAGES} SET body = json_set(body, '$.status', 'NONE')`),
      says: /message .*: differs/,
    },
  ];
  for (const { title, spoiled, says } of unsound)
    it(`finds a copy not sound ${title}`, async () => {
      const other = another(`not sound ${title}`);
      spoiled(other);
      const { code, out } = await run(folder, ['--check', other]);
      expect(out).to.match(says).and.include('NOT SOUND');
      expect(code).to.equal(1);
    });

  for (const [name, instead, table] of [
    ['keys.db', 'views.db', 'keys'],
    ['events.db', 'keys.db', 'events'],
  ] as const)
    it(`says of a copy whose ${name} is another store, or none, which file it is`, async () => {
      const other = another(`no ${name}`);
      for (const spoiled of [
        () => cpSync(join(copy, instead), join(other, name)),
        () => writeFileSync(join(other, name), ''),
      ]) {
        spoiled();
        const { code, err } = await run(folder, ['--check', other]);
        expect(err)
          .to.include(`${join(other, name)} has no table ${table}`)
          .and.include('copied without its -wal');
        expect(code).to.equal(1);
      }
    });

  it('makes a copy for each of two at the same time, and removes what one that was killed left', async () => {
    const to = join(folder, 'at once');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const dead = processName().replace(`:${process.pid}:`, `:${pid}:`);
    mkdirSync(join(to, `.partial-${encodeURIComponent(dead)}`, 'half'), { recursive: true });
    const copies = await Promise.all([copyTo(to, data), copyTo(to, data)]);
    expect(readdirSync(to).sort()).to.deep.equal(copies.map((path) => basename(path)).sort());
  });

  it('leaves no half copy on a full disk', async () => {
    const to = join(folder, 'full');
    const line = 'ulimit -f 100; exec "$@"'; // No file grows beyond 50 KiB.
    const options = { env: { ...process.env, NODE_ENV: 'test', DATA_DIR: data }, encoding: 'utf8' } as const;
    const words = ['-c', line, 'sh', process.execPath, ...WORDS, '--to', to];
    const { status, stderr } = spawnSync('/bin/sh', words, options);
    expect(stderr).to.match(/views\.db could not be copied to .*: .*the disk/);
    expect(status).to.equal(1);
    expect(readdirSync(to)).to.deep.equal([]);
  });

  it('copies nothing that is not sound', async () => {
    const [to, other] = [join(folder, 'nothing'), another('no keys')];
    spoil(join(other, 'keys.db'), 'DELETE FROM keys');
    const { code, err } = await run(other, ['--to', to]);
    expect(err).to.include('the copy is not sound').and.include('no key for the digests');
    expect(code).to.equal(1);
    expect(readdirSync(to)).to.deep.equal([]);
  });

  it('names a folder that cannot be made, at once', async () => {
    for (const to of ['/proc/no/such/folder', join(folder, 'a file', 'below')]) {
      writeFileSync(join(folder, 'a file'), '');
      const { code, err } = await run(data, ['--to', to]);
      expect(err).to.include('cannot be made').and.include(to.split('/').slice(0, 3).join('/'));
      expect(code).to.equal(1);
    }
  });

  it('names a mistyped DATA_DIR, and makes nothing', async () => {
    const [dataDir, to] = [join(folder, 'dota'), join(folder, 'none')];
    const { code, err } = await run(dataDir, ['--to', to]);
    expect(err).to.include(`${dataDir} has no events.db, views.db, keys.db`);
    expect(code).to.equal(2);
    expect([existsSync(dataDir), existsSync(to)]).to.deep.equal([false, false]);
  });

  it('says what to use on servers', async () => {
    const env = { READ_STORE_URL: 'mongodb://127.0.0.1:1/views' };
    const { code, err } = await run(data, ['--to', join(folder, 'none')], env);
    expect(err).to.include("READ_STORE_URL: on servers. Back those up with the servers' own tools");
    expect(code).to.equal(2);
  });

  it('says how it is used', async () => {
    const misused = await Promise.all(
      [[], ['--to', 'a', '--check', 'b'], ['--all'], ['--check', folder]].map((args) => run(data, args)),
    );
    expect(misused.map(({ code }) => code)).to.deep.equal([2, 2, 2, 2]);
    expect(misused[0]?.err).to.include('Usage: npm run backup');
    expect(misused[3]?.err).to.include('is no copy: it has no events.db');
    const inUse = another('in use');
    cpSync(join(inUse, 'keys.db'), join(inUse, 'keys.db-wal'));
    expect((await run(data, ['--check', inUse])).err).to.include('is in use');
    const { code, out } = await run(data, ['--help']);
    expect(out).to.include('Usage: npm run backup');
    expect(code).to.equal(0);
  });
});
