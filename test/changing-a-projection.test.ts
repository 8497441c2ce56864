/**
 * docs/changing-a-projection.md, followed step by step: the change is made in a copy of the sources, and each command runs as it
 * stands there, in that copy, while the release of before runs and people use it.
 */
import { signToken } from '@creator-dashboards/shared/http/auth';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { People } from '../demo/file.js';
import { createLauncher, type Launcher } from './support/child.js';
import { blocksOf, patternOf, root, runScript, type Block } from './support/documented.js';

const PAGE = 'docs/changing-a-projection.md';
const PACKAGES = ['shared', 'command-service', 'projector', 'query-service'];
const SOURCES = [...PACKAGES, 'demo', 'start.ts', 'system.ts', 'package.json', 'test/register.mjs'];
const COMMON = { DEMO: '1', LOG_LEVEL: 'warn', RATE_LIMIT_FACTOR: '100000' };

/** The sources as a checkout of their own, whose packages find each other in it and all others where they are. */
function copySources(to: string): void {
  const isSource = (path: string) => !/\/(node_modules|dist|test\/(?!register))/.test(path.slice(root.length));
  for (const path of SOURCES) cpSync(join(root, path), join(to, path), { recursive: true, filter: isSource });
  const link = (path: string, from = join(root, path)) => symlinkSync(from, join(to, path));
  mkdirSync(join(to, 'node_modules/@creator-dashboards'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@creator-dashboards') link(join('node_modules', name));
  for (const name of PACKAGES) {
    link(join('node_modules/@creator-dashboards', name), join(to, name));
    if (readdirSync(join(root, name)).includes('node_modules')) link(join(name, 'node_modules'));
  }
}

/** Makes a change that is written as a diff: each part of the file that it begins from is there once. */
function change(file: string, diff: string): void {
  const linesOf = (part: string, signs: string) =>
    part
      .split('\n')
      .filter((line) => line !== '' && signs.includes(line.charAt(0)))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  for (const part of diff.split(/^@@$/m).slice(1)) {
    const parts = readFileSync(file, 'utf8').split(linesOf(part, ' -'));
    expect(parts, `what the page changes is in ${file} once: ${part}`).to.have.length(2);
    writeFileSync(file, parts.join(linesOf(part, ' +')));
  }
}

/** Two numbers of a creator's dashboard. */
async function dashboardOf(port: number, userId: string) {
  const token = signToken(readEnvironment({}), { userId, role: 'USER' }, systemClock);
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/creators/dashboard`, { headers });
  const { data } = (await response.json()) as { data?: { totalMessages: number; responseRate: number } };
  return {
    status: response.status,
    position: BigInt(response.headers.get('x-position') ?? 0),
    shown: data && `${data.totalMessages} messages, ${data.responseRate} %`,
  };
}

/**
 * Somebody follows a referral link, and the creator looks at her dashboard, again and again until `stop`. That resolves with every
 * look that was not answered, or by an older state than the one before, and with every click that was neither taken nor refused for a
 * moment (503: a busy machine).
 */
function createLoad(port: number, creator: string) {
  let over = false;
  let rounds = 0;
  let newest = 0n;
  const wrong: string[] = [];

  async function round(): Promise<void> {
    const click = await fetch(`http://127.0.0.1:${port}/api/v1/referral/click/alice123`, { method: 'POST' });
    if (!click.ok && click.status !== 503) wrong.push(`click: ${click.status} ${await click.text()}`);
    const { status, position } = await dashboardOf(port, creator);
    if (status !== 200) wrong.push(`dashboard: ${status}`);
    else if (position < newest) wrong.push(`dashboard: as of ${position} after ${newest}`);
    else newest = position;
    rounds += 1;
  }

  let current = round();
  const running = (async () => {
    for (await current; !over; await current) current = round();
  })();
  running.catch(() => undefined); // whoever waits for it is told
  return {
    /** Resolves when it was there so often more. */
    async more(times: number): Promise<void> {
      for (const until = rounds + times; rounds < until;) await current;
    },
    async stop(): Promise<readonly string[]> {
      over = true;
      await running;
      return wrong;
    },
  };
}

describe(PAGE, () => {
  let folder: string;
  let checkout: string;
  let launcher: Launcher;
  let port: number;
  let creator: string;
  let newer: ChildProcess | null = null;
  let load: ReturnType<typeof createLoad> | null = null;
  /** What the last command has printed. */
  let said = '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'changing-'));
    checkout = join(folder, 'checkout');
    copySources(checkout);
    port = await freePort();
    launcher = await createLauncher();
    const release = launcher.launch({ ...COMMON, DATA_DIR: join(folder, 'data'), PORT: String(port) });
    await release.ready;
    while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200);
    creator = (JSON.parse(readFileSync(join(folder, 'data/demo.json'), 'utf8')) as People).creator.userId;
  });
  after(async () => {
    await load?.stop().catch(() => undefined);
    if (newer && newer.exitCode === null) {
      newer.kill('SIGKILL');
      await once(newer, 'close');
    }
    await launcher.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * 47 messages: 38 answered, one rejected, one expired, seven that wait. 38 of 40 are 95 %; without the rejected one 38 of 39 are 97 %,
   * and the answered ones alone are 38.
   */
  const dashboards = { v1: '47 messages, 95 %', 'v1-2': '38 messages, 97 %' };
  /** Resolves when the release of before shows the dashboard of this generation; until then it shows that of the other one. */
  async function shows(generation: keyof typeof dashboards): Promise<void> {
    for (;;) {
      const { shown } = await dashboardOf(port, creator);
      if (shown === dashboards[generation]) return;
      expect(Object.values(dashboards)).to.include(shown);
    }
  }

  async function runs({ text, mark }: Block): Promise<void> {
    const place = { root: mark === 'by the release of before' ? root : checkout, cwd: checkout };
    const { code, said: all } = await runScript(text, { ...place, env: { DATA_DIR: join(folder, 'data') } });
    said = all;
    expect(code, all).to.equal(mark === 'exits with 1' ? 1 : 0);
    const served = /is served from (v1(?:-2)?) now/.exec(all)?.[1];
    if (served) await shows(served as keyof typeof dashboards);
  }

  /** Starts the changed release, with the settings of the page but another port. */
  async function starts({ text }: Block): Promise<void> {
    await shows('v1');
    load = createLoad(port, creator);
    const settings = Object.fromEntries([...text.matchAll(/(\w+)=(\w+)/g)].map(([, name, value]) => [name, value]));
    expect(text.replaceAll(/\w+=\w+ /g, '')).to.equal('npm start\n');
    const env = {
      ...process.env,
      ...COMMON,
      ...settings,
      DATA_DIR: join(folder, 'data'),
      PORT: String(await freePort()),
    };
    const node = ['--conditions=source', '--import', join(checkout, 'test/register.mjs'), join(checkout, 'start.ts')];
    const started = spawn(process.execPath, node, { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'] });
    newer = started;
    await new Promise<void>((resolve, reject) => {
      let printed = '';
      for (const stream of [started.stdout, started.stderr])
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          printed += chunk;
          if (printed.includes('Creator dashboards')) resolve();
        });
      started.once('close', () => reject(new Error(`it has ended: ${printed}`)));
    });
    await load.more(3);
  }

  const steps: Readonly<Record<string, (block: Block) => Promise<void> | void>> = {
    diff: ({ mark, text }) => change(join(checkout, mark), text),
    sh: (block) => (block.mark === 'in the background' ? starts(block) : runs(block)),
    text: ({ text }) => {
      for (const line of text.trimEnd().split('\n')) expect(said).to.match(patternOf(line));
    },
  };

  let command = '';
  for (const block of blocksOf(PAGE)) {
    if (block.language !== 'text') command = block.title.slice(`${PAGE}: `.length);
    const title = block.language === 'text' ? `says what the page says: ${command}` : `does as it says: ${command}`;
    it(title, async () => {
      await steps[block.language]?.(block);
    });
  }

  it('answers every request meanwhile, never by an older state than before', async () => {
    await load?.more(3);
    const wrong = await load?.stop();
    load = null;
    expect(wrong).to.deep.equal([]);
  });
});
