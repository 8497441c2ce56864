/**
 * The command lines of the operator's and the developer's page, as they stand there, on the sources: in a running demonstration; those
 * marked `sh after views.db is lost` in one to which that has happened. Those marked `sh needs …`, and those of other pages, are only
 * read: by bash, and for the names of programs and scripts.
 */
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLauncher, type Child, type Launcher } from './support/child.js';
import { blocksOf, root, runScript } from './support/documented.js';

const run = promisify(execFile);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const programs = readdirSync(join(root, 'node_modules/.bin'));

const shellOf = (page: string) => blocksOf(page).filter(({ language }) => language === 'sh');
const pages = ['docs/operations.md', 'docs/adding-an-event.md'];
const blocks = pages.flatMap(shellOf);
const elsewhere = ['README.md', 'CONTRIBUTING.md'].flatMap(shellOf);
const AFTER_LOSS = 'after views.db is lost';
const [plain, afterLoss, needing] = [
  blocks.filter(({ mark }) => mark === ''),
  blocks.filter(({ mark }) => mark === AFTER_LOSS),
  blocks.filter(({ mark }) => mark.startsWith('needs ')),
];

/** Stands in the documentation for the id of any user. */
const SOME_USER = '0f8c2a4e-51d1-7c4b-9d0e-7a1b2c3d4e5f';
const userOf = (demo: string) => (JSON.parse(demo) as { creator: { userId: string } }).creator.userId;

describe('Command lines of the documentation', () => {
  let folder: string;
  let launcher: Launcher;
  let port: number;
  let demonstration: Child;

  function launch(): Child {
    return launcher.launch({ DATA_DIR: join(folder, 'data'), PORT: String(port), DEMO: '1' });
  }

  /** Runs a block in a folder with `data`, in an environment without settings of ours but where that is. */
  async function runBlock(script: string): Promise<void> {
    const [major = 0] = process.versions.node.split('.').map(Number);
    const here = script
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)
      .replaceAll(SOME_USER, userOf(readFileSync(join(folder, 'data/demo.json'), 'utf8')))
      .replaceAll('node:sqlite', major >= 24 ? 'node:sqlite' : '@photostructure/sqlite');
    const env = { DATA_DIR: join(folder, 'data') };
    const { code, said } = await runScript(here, { root, cwd: folder, env });
    if (code !== 0) throw new Error(said);
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'documented-'));
    mkdirSync(join(folder, 'data'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    port = await freePort();
    launcher = await createLauncher();
    demonstration = launch();
    await demonstration.ready;
    while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200);
  });
  after(async () => {
    await launcher.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are marked in ways that this test knows, and some are of each', () => {
    expect(plain.length + afterLoss.length + needing.length).to.equal(blocks.length);
    expect([plain, afterLoss, needing].map(({ length }) => length > 0)).to.deep.equal([true, true, true]);
  });

  it('ask the program, not npm, for its release and its help', () => {
    const asked = pages.flatMap(
      (page) => readFileSync(join(root, page), 'utf8').match(/[^`\n]*projector --(help|version)/g) ?? [],
    );
    expect(new Set(asked)).to.deep.equal(new Set(['npx --no -- projector --version', 'npx --no -- projector --help']));
  });

  for (const { title, text: script } of plain)
    it(`succeed in a demonstration: ${title}`, async () => {
      await runBlock(script);
    });

  for (const { title, text: script } of afterLoss)
    it(`let a system start again whose views.db was lost: ${title}`, async () => {
      demonstration.kill('SIGTERM');
      await demonstration.ended;
      for (const file of readdirSync(join(folder, 'data')))
        if (file.startsWith('views.db')) rmSync(join(folder, 'data', file));
      const refused = launch();
      expect(await refused.ended).to.include({ code: 1 });
      expect(refused.said()).to.include('policies without a checkpoint');
      await runBlock(script);
      demonstration = launch();
      await demonstration.ready;
    });

  for (const { title, text: script, mark } of [...needing, ...elsewhere])
    it(`are right for bash and name what there is: ${title}${mark && ` (${mark})`}`, async () => {
      await run('bash', ['-n', '-c', script]);
      const names = (pattern: RegExp) => [...script.matchAll(pattern)].map(([, name = '']) => name);
      expect(names(/\bnpm run (?:--silent )?(\S+)/g).filter((name) => !(name in scripts))).to.deep.equal([]);
      expect(names(/\bnpx --no (\S+)/g).filter((name) => !programs.includes(name))).to.deep.equal([]);
    });
});
