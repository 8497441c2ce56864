/** What the documentation names exists, and what the code cites exists in the documentation. */
import { configKeys, killSwitchNames } from '@creator-dashboards/shared/platform-config';
import { definitions } from '@creator-dashboards/shared/events/index';
import { withPayloads } from '@creator-dashboards/shared/events-cli';
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const domain = read('docs/domain.md');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

function sources(): string[] {
  const folders = ['shared', 'command-service', 'projector', 'query-service', 'demo', 'test', 'bench'];
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/(^|\/)(node_modules|dist)\//.test(file))
      .map((file) => read(join(folder, file))),
  );
}

/** All matches of a pattern's first group in the sources, each once. */
function cited(pattern: RegExp): string[] {
  return [...new Set(sources().flatMap((text) => [...text.matchAll(pattern)].map(([, found = '']) => found)))];
}

describe('docs/domain.md', () => {
  const names = {
    event: Object.keys(definitions),
    'config key': Object.keys(configKeys),
    'kill switch': [...killSwitchNames],
  };
  for (const [kind, all] of Object.entries(names))
    it(`names every ${kind}`, () => {
      expect(all.filter((name) => !domain.includes(name))).to.deep.equal([]);
    });

  it('shows the payload of every event as in its schema (to regenerate: npx --no tsx shared/src/events-cli.ts)', () => {
    expect(domain).to.equal(withPayloads(domain));
    const rows = [...domain.matchAll(/^\| (\w+) \|/gm)].map(([, name = '']) => name);
    expect(Object.keys(definitions).filter((type) => !rows.includes(type))).to.deep.equal([]);
  });

  it('has every section that the code cites', () => {
    const headings = [...domain.matchAll(/^#{2,3} (\d+(?:\.\d+)?)/gm)].map(([, number]) => number);
    const sections = cited(/\bdomain (\d+(?:\.\d+)?)/g);
    expect(sections).to.have.length.of.at.least(20);
    expect(sections.filter((section) => !headings.includes(section))).to.deep.equal([]);
  });

  it('has every rule that the code cites, in order', () => {
    const rules = [...domain.matchAll(/^\| (G\d+) \|/gm)].map(([, rule]) => rule);
    expect(rules.length).to.be.at.least(43);
    expect(rules).to.deep.equal([...new Set(rules)].sort((a = '', b = '') => Number(a.slice(1)) - Number(b.slice(1))));
    expect(cited(/\b(G\d{1,2})\b/g).filter((rule) => !rules.includes(rule))).to.deep.equal([]);
  });
});

describe('docs/architecture.md', () => {
  it('has every design rule that the code cites', () => {
    const rules = [...read('docs/architecture.md').matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => number);
    const numbers = cited(/\bdesign rule (\d+)/g);
    expect(numbers).to.have.length.of.at.least(5);
    expect(numbers.filter((number) => !rules.includes(number))).to.deep.equal([]);
  });
});

describe('npx on the pages', () => {
  for (const page of pages)
    it(`runs our own programs as npx --no, or a package of a named version: ${page}`, () => {
      const [, ...uses] = read(page).split(/\bnpx(?= )/);
      expect(uses.filter((use) => !/^ (--no (-- )?\w|--package \S+@\d|\w+@\d|--no`)/.test(use))).to.deep.equal([]);
    });
});

describe('Links between the pages', () => {
  for (const page of pages)
    it(`have a target: ${page}`, () => {
      const targets = [...read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
      expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).to.deep.equal([]);
    });

  it('point to existing headings', () => {
    const anchors = (text: string) =>
      [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^\p{L}\p{N} -]/gu, '')
          .replaceAll(' ', '-'),
      );
    const lost = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)]
        .filter(
          ([, target, anchor = '']) => !anchors(read(target ? join(dirname(page), target) : page)).includes(anchor),
        )
        .map(([link]) => `${page}: ${link}`),
    );
    expect(lost).to.deep.equal([]);
  });
});
