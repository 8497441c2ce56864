/**
 * A changed projection with an unchanged version would go on writing into documents that the old handlers made. The pinned
 * fingerprint of each projection's source, comments and layout aside, notices.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build, transform } from 'esbuild';
import { projections, viewNames } from '../src/projections.js';

type Pinned = Record<string, { version: number; fingerprint: string } | undefined>;

const pinned = JSON.parse(readFileSync(new URL('./fingerprints.json', import.meta.url), 'utf8')) as Pinned;
const sources: Partial<Record<(typeof viewNames)[number], string>> = {
  creatorDashboard: 'creator-dashboard',
  creatorProfile: 'creator-profile',
  dmConfig: 'dm-config',
  referralDashboard: 'referral-dashboard',
  message: 'message',
  fanWallet: 'fan-wallet',
};

/** The code that makes a view's documents: the projection with what it imports from beside it. */
async function codeOf(view: (typeof viewNames)[number]): Promise<string> {
  const file = sources[view];
  if (!file) {
    // The config fold lives in shared, beside the keys, which may change freely.
    const handlers = Object.entries(projections[view].handlers).map(([type, handler]) => `${type}: ${String(handler)}`);
    return (await transform(`export default {${handlers.join(',')}}`, { minifyWhitespace: true })).code;
  }
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/projections/${file}.ts`, import.meta.url))],
    bundle: true,
    packages: 'external',
    format: 'esm',
    minifyWhitespace: true,
    legalComments: 'none',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** The version is no part of it: raising it alone changes nothing. */
function fingerprintOf(code: string): string {
  return createHash('sha256')
    .update(code.replace(/version:\d+/g, ''))
    .digest('hex')
    .slice(0, 16);
}

describe('the fingerprint of a projection', () => {
  for (const view of viewNames)
    it(`is the pinned one: ${view}`, async () => {
      const { version } = projections[view];
      const current = { version, fingerprint: fingerprintOf(await codeOf(view)) };
      const line = `"${view}": ${JSON.stringify(current)}`;
      const before = pinned[view];
      if (before && before.fingerprint !== current.fingerprint && before.version === version)
        throw new Error(
          `The projection of ${view} has changed, but not its version. If documents come out differently, raise \`version\` ` +
            `in it: the projector then builds the view anew beside the old one. Pin it in fingerprints.json as\n  ${line}`,
        );
      expect(before, `pin this version in fingerprints.json: ${line}`).to.deep.equal(current);
    });
});
