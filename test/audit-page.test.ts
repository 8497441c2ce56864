/** The questions of docs/audit.md: each request and command is sent as it stands there, in a running demonstration, and its answer compared. */
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLauncher, type Launcher } from './support/child.js';
import { blocksOf, patternOf, root, runScript, type Block } from './support/documented.js';

const PAGE = 'docs/audit.md';

interface Question {
  readonly script: string;
  readonly answer: Block;
}

/** Every script of the page with the answer below it, and what all of them need. */
function questions(): { setup: string; all: Question[] } {
  const [setup, ...others] = blocksOf(PAGE);
  const all = others.flatMap(({ language, text }, at): Question[] => {
    if (language !== 'sh') return [];
    const answer = others[at + 1];
    if (!answer || answer.language === 'sh') throw new Error(`${PAGE} has no answer to ${text}`);
    return [{ script: text, answer }];
  });
  return { setup: setup?.text ?? '', all };
}

/** Variables that a script sets are set for those after it, as in one shell. */
function inOneShell(script: string): string {
  const names = [...script.matchAll(/^([A-Z]+)=/gm)].map(([, name]) => name);
  const kept = names.length > 0 ? `declare -p ${names.join(' ')} >> variables\n` : '';
  return `touch variables; source variables\n${script}${kept}`;
}

/** Runs of blanks are one: how wide a column is follows from ids and positions. A line `…` is any number of lines. */
function expectText(said: string, shown: string): void {
  const lines = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().replace(/ +/g, ' '));
  const pattern = lines(shown)
    .map((line) => (line === '…' ? '(?:.*\n)*?' : `${patternOf(line).source}\n`))
    .join('');
  expect(`${lines(said).join('\n')}\n`).to.match(new RegExp(`^${pattern}$`));
}

/** What is shown is there; `…` is anything, and as the last of a list any number of items. */
function expectPart(found: unknown, shown: unknown, place = 'data'): void {
  if (shown === '…') return;
  if (typeof shown === 'string' && shown.includes('…')) {
    expect(found, place).to.match(new RegExp(`^${patternOf(shown).source}$`));
  } else if (Array.isArray(shown)) {
    const items = found as unknown[];
    const known = shown.at(-1) === '…' ? shown.slice(0, -1) : shown;
    expect(items, place).to.be.an('array');
    if (known === shown) expect(items, JSON.stringify(items)).to.have.length(known.length);
    for (const [at, item] of known.entries()) expectPart(items[at], item, `${place}.${at}`);
  } else if (typeof shown === 'object' && shown !== null) {
    expect(found, place).to.be.an('object');
    for (const [name, part] of Object.entries(shown))
      expectPart((found as Record<string, unknown>)[name], part, `${place}.${name}`);
  } else expect(found, place).to.equal(shown);
}

describe(PAGE, () => {
  const { setup, all } = questions();
  let folder: string;
  let launcher: Launcher;
  let port: number;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'audit-page-'));
    mkdirSync(join(folder, 'data'));
    symlinkSync(join(root, 'query-service'), join(folder, 'query-service'));
    port = await freePort();
    launcher = await createLauncher();
    await launcher.launch({ DATA_DIR: join(folder, 'data'), PORT: String(port), DEMO: '1' }).ready;
    while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200);
  });
  after(async () => {
    await launcher.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('asks ten questions', () => {
    const headings = readFileSync(join(root, PAGE), 'utf8').match(/^## \d+\. .*\?$/gm) ?? [];
    expect(headings).to.have.length(10);
    expect(all.length).to.be.at.least(20);
  });

  for (const { script, answer } of all)
    it(`is answered as it says: ${script.trim().split('\n').at(-1)}`, async () => {
      const here = `${setup}${inOneShell(script)}`.replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`);
      const { code, said } = await runScript(here, { root, cwd: folder, env: { DATA_DIR: join(folder, 'data') } });
      expect(code, said).to.equal(0);
      if (answer.language === 'text') return expectText(said, answer.text);
      const { data } = JSON.parse(said.slice(said.indexOf('{"success"'))) as { data: unknown };
      expectPart(data, JSON.parse(answer.text));
    });
});
