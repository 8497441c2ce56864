/**
 * A changed fold with an unchanged version would go on writing into documents that the old handlers made. This is
 * detected by the pinned fingerprint of each fold and of all that it imports from views/, comments and layout aside.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { views } from '../../src/views/registry.js';

type Pinned = Record<string, { version: number; fingerprint: string } | undefined>;

const pinned = JSON.parse(readFileSync(new URL('./fingerprints.json', import.meta.url), 'utf8')) as Pinned;

/** A view's folder is the view's name in kebab case. */
function folderOf(view: string): string {
  return view.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The code that makes a view's documents. */
async function codeOf(view: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../../src/views/${folderOf(view)}/fold.ts`, import.meta.url))],
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

  it('is pinned for existing views only', () => expect(Object.keys(views)).to.include.members(Object.keys(pinned)));

  it('covers what a fold imports: the counting of messages and earnings', async () => {
    expect(await codeOf('creatorDashboard')).to.contain('withReversed');
  });
});
