/**
 * A changed fold with an unchanged version would go on writing into documents that the old handlers made. This is
 * detected by the pinned fingerprint of each fold and of all that it imports from views/, comments and layout aside.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { views } from '../../src/views/registry.js';
import { folderOf, keepVersion } from '../../testing/keep-version.js';

type Pinned = Record<string, { version: number; fingerprint: string } | undefined>;

const pinned = JSON.parse(readFileSync(new URL('./fingerprints.json', import.meta.url), 'utf8')) as Pinned;

const sources = fileURLToPath(new URL('../../src', import.meta.url));

/** The code that makes a view's documents. `version`: a kept one, like "v1". */
async function codeOf(view: string, version = '', src = sources): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(src, 'views', folderOf(view), version, 'fold.ts')],
    bundle: true,
    packages: 'external',
    format: 'esm',
    minifyWhitespace: true,
    legalComments: 'none',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** The version is not part of it: raising it alone changes nothing. */
function fingerprintOf(code: string): string {
  return createHash('sha256')
    .update(code.replace(/version:\d+/g, ''))
    .digest('hex')
    .slice(0, 16);
}

describe('The fingerprint of a fold', () => {
  for (const [view, { name, version }] of Object.entries(views))
    it(`is the pinned one for ${view}`, async () => {
      expect(name, 'its name in the registry').to.equal(view);
      const current = { version, fingerprint: fingerprintOf(await codeOf(view)) };
      const line = `"${view}": ${JSON.stringify(current)}`;
      const before = pinned[view];
      if (before && before.fingerprint !== current.fingerprint && before.version === version)
        throw new Error(
          `The fold of ${view} has changed, but not its version. If documents come out differently, raise \`version\` ` +
            `in it: the projector then builds the view anew beside the old one. Pin it in fingerprints.json as\n  ${line}`,
        );
      expect(before, `pin this version in fingerprints.json: ${line}`).to.deep.equal(current);
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
  it('of a kept version is that of its original', async () => {
    expect(
      keptVersions.map(([view]) => view),
      'more than a route reads these',
    ).not.to.include.oneOf(['config', 'account']);
    for (const [view, version] of keptVersions)
      expect(fingerprintOf(await codeOf(view, version)), view).to.equal(pinned[`${view}.${version}`]?.fingerprint);
  });

  it('covers what a fold imports: the counting of messages and earnings', async () => {
    expect(await codeOf('creatorDashboard')).to.contain('withReversed');
  });
});

describe('npm run keep-version', () => {
  let src: string;
  beforeEach(() => {
    src = join(mkdtempSync(join(tmpdir(), 'keep-version-')), 'src');
    cpSync(sources, src, { recursive: true, filter: (path) => !/\/v\d+$/.test(path) }); // without what is kept already
  });
  afterEach(() => rmSync(dirname(src), { recursive: true }));

  it('makes a copy of every view with the fingerprint of the original, whatever the original becomes', async () => {
    for (const [view, { version }] of Object.entries(views)) {
      expect(keepVersion(join(src, 'views'), view)).to.equal(version);
      rmSync(join(src, 'views', folderOf(view), 'fold.ts'));
    }
    for (const shared of ['levels', 'counting', 'numbers', 'routing']) rmSync(join(src, 'views', `${shared}.ts`));
    for (const [view, { version }] of Object.entries(views))
      expect(fingerprintOf(await codeOf(view, `v${version}`, src)), view).to.equal(pinned[view]?.fingerprint);
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
