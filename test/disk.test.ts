/**
 * A disk that accepts no writes, from the start or in the middle of a load: the process says so, and keeps what it
 * acknowledged.
 */
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { expect } from 'chai';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finalChecks } from './support/final-checks.js';
import { createLauncher, type Launcher } from './support/child.js';
import { createSender } from './support/commands.js';
import { createRandomUsers } from './support/random-users.js';
import { createLedger } from './support/ledger.js';
import { seeded } from './support/random.js';

/** What the process says when it ends, one message for each time. */
function fatalLines(said: string): string[] {
  const lines = said.split('\n').filter((line) => line.includes('"level":"fatal"'));
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

describe('A disk that accepts no writes', function () {
  let folder: string;
  let launcher: Launcher;
  let port: number;
  before(async () => {
    launcher = await createLauncher();
    port = await freePort();
  });
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'disk-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  after(() => launcher.close());

  const environment = (dataDir: string) => ({
    DATA_DIR: dataDir,
    PORT: String(port),
    DEMO: '0',
    LOG_LEVEL: 'warn',
    NODE_ENV: 'test',
    RATE_LIMIT_FACTOR: '100000',
  });

  interface Case {
    readonly title: string;
    /** Creates it inside a folder; answers DATA_DIR. */
    readonly dataDir: (inside: string) => string;
    readonly says: RegExp;
  }
  const file = (inside: string) => {
    const path = join(inside, 'a-file');
    writeFileSync(path, 'not a folder');
    return path;
  };
  const unusable: readonly Case[] = [
    { title: 'a file', dataDir: file, says: /DATA_DIR: cannot create .*a-file \(EEXIST\)/ },
    {
      title: 'a folder below a file',
      dataDir: (inside) => join(file(inside), 'data'),
      says: /DATA_DIR: cannot create .*data \(ENOTDIR\)/,
    },
    {
      title: 'a folder whose log is a folder',
      dataDir: (inside) => {
        mkdirSync(join(inside, 'events.db'));
        return inside;
      },
      says: /events\.db cannot be opened: it, or its folder, cannot be opened or made; check DATA_DIR and the permissions/,
    },
    {
      title: 'a folder in which nothing can be made',
      dataDir: (inside) => {
        if (process.getuid?.() === 0) return '/proc/self'; // Where even root can create nothing.
        chmodSync(inside, 0o555);
        return inside;
      },
      says: /events\.db cannot be opened: it, or its folder, cannot be opened or made; check DATA_DIR and the permissions/,
    },
  ];
  for (const { title, dataDir, says } of unusable)
    it(`ends the start with a clear message when DATA_DIR is ${title}`, async () => {
      const child = launcher.launch(environment(dataDir(folder)));
      expect(await child.ended).to.deep.equal({ code: 1, signal: null });
      const [line, ...others] = fatalLines(child.said());
      expect(line).to.match(says);
      expect(others).to.deep.equal([]);
    });

  it('ends the process when it is full, with a clear message and with everything it acknowledged', async () => {
    const env = environment(folder);
    const { send, close } = createSender(port);
    const ledger = createLedger(send);
    const random = seeded(1);
    const randomUsers = createRandomUsers(ledger, send, random);
    const roomy = launcher.launch(env);
    await roomy.ready;
    await randomUsers.gather();
    roomy.kill('SIGTERM');
    await roomy.ended;

    const child = launcher.launch(env, 'ulimit -f 7680'); // No file grows beyond 3.75 MiB.
    await child.ready;
    let full = false;
    const ended = child.ended.finally(() => (full = true));
    const use = async () => {
      while (!full) await randomUsers.act();
    };
    await Promise.all(Array.from({ length: 8 }, use));
    expect(await ended).to.deep.equal({ code: 1, signal: null });
    const [line, ...others] = fatalLines(child.said());
    expect(line).to.match(/\.db failed: the disk/);
    expect(others).to.deep.equal([]);

    const again = launcher.launch(env);
    await again.ready;
    await ledger.finish();
    again.kill('SIGTERM');
    expect(await again.ended, again.said()).to.deep.equal({ code: 0, signal: null });
    close();

    await finalChecks(folder, ledger.all());
    expect(ledger.open()).to.deep.equal([]);
  });
});
