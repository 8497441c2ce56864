/** Whoever changes what a view's documents hold learns it here, by the pinned fingerprints, before a projector does. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { fingerprintsOfSources } from '../../src/process/fingerprints.js';
import { views } from '../../src/views/registry.js';
import type { Fingerprints } from '../../src/views/view.js';
import { folderOf, keepVersion } from '../../testing/keep-version.js';

type Pinned = Record<string, ({ version: number } & Fingerprints) | undefined>;

const pinned = JSON.parse(readFileSync(new URL('./fingerprints.json', import.meta.url), 'utf8')) as Pinned;

const sources = fileURLToPath(new URL('../../src', import.meta.url));
const ours = fingerprintsOfSources(join(sources, 'views'));

describe('The fingerprint of a fold', () => {
  for (const [view, { name, version }] of Object.entries(views))
    it(`is the pinned one for ${view}`, () => {
      expect(name, 'its name in the registry').to.equal(view);
      const current = { version, ...ours[view] };
      const line = `"${view}": ${JSON.stringify(current)}`;
      const before = pinned[view];
      if (before && before.shape !== current.shape && before.version === version)
        throw new Error(
          `The documents of ${view} have another shape, but not another version. Keep the code of this one, which shows what is ` +
            `served until the next is built (npm run keep-version -- ${view}), raise \`version\` and pin it in fingerprints.json as\n  ${line}`,
        );
      expect(before, `its fold has changed: projectors will build it anew. Pin it: ${line}`).to.deep.equal(current);
    });

  const keptVersions = Object.keys(views).flatMap((view) =>
    readdirSync(join(sources, 'views', folderOf(view)))
      .filter((name) => /^v\d+$/.test(name))
      .map((version) => [view, version] as const),
  );
  it('is pinned for existing views and kept versions only', () => {
    const known = [...Object.keys(views), ...keptVersions.map(([view, version]) => `${view}.${version}`)];
    expect(known).to.include.members(Object.keys(pinned));
  });
  it('of a kept version is that of its original', () => {
    expect(
      keptVersions.map(([view]) => view),
      'more than a route reads these',
    ).not.to.include.oneOf(['config', 'account']);
    for (const [view, version] of keptVersions)
      expect(ours[`${view}.${version}`]?.fold, view).to.equal(pinned[`${view}.${version}`]?.fold);
  });
});

describe('npm run keep-version', () => {
  let src: string;
  beforeEach(() => {
    src = join(mkdtempSync(join(tmpdir(), 'keep-version-')), 'src');
    cpSync(sources, src, { recursive: true, filter: (path) => !/\/v\d+$/.test(path) }); // without what is kept already
  });
  afterEach(() => rmSync(dirname(src), { recursive: true }));

  it('makes a copy of every view with the fingerprint of the original, whatever the original becomes', () => {
    for (const [view, { version }] of Object.entries(views)) {
      expect(keepVersion(join(src, 'views'), view)).to.equal(version);
      rmSync(join(src, 'views', folderOf(view), 'fold.ts'));
    }
    for (const shared of ['levels', 'counting', 'numbers', 'routing']) rmSync(join(src, 'views', `${shared}.ts`));
    const copies = fingerprintsOfSources(join(src, 'views'));
    for (const [view, { version }] of Object.entries(views))
      expect(copies[`${view}.v${version}`], view).to.deep.equal(ours[view]);
  });

  it('leaves no import, of a type neither, that leads nowhere or to what may change with the view', () => {
    for (const view of Object.keys(views)) {
      const kept = join(src, 'views', folderOf(view), `v${keepVersion(join(src, 'views'), view)}`);
      for (const name of readdirSync(kept, { recursive: true, encoding: 'utf8' }).filter((one) =>
        one.endsWith('.ts'),
      )) {
        const file = join(kept, name);
        for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)\.js'/g)) {
          const imported = resolve(dirname(file), `${path}.ts`);
          expect(existsSync(imported), `${file} imports ${path}`).to.equal(true);
          if (imported.startsWith(join(src, 'views') + '/') && !imported.startsWith(kept + '/'))
            expect(imported, file).to.equal(join(src, 'views', 'view.ts'));
        }
      }
    }
  });

  it('refuses a view that is not there, and a version that is kept already', () => {
    const folder = join(src, 'views');
    expect(() => keepVersion(folder, 'nothing')).to.throw('there is no view nothing');
    keepVersion(folder, 'message');
    expect(() => keepVersion(folder, 'message')).to.throw('is there already');
  });
});
