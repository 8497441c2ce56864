/** What a page loads: the whole client in one file, for a browser. */
import { build } from 'esbuild';
import { expect } from 'chai';
import { join } from 'node:path';

describe('The client in a page', () => {
  it('has less than 8 kB, and needs nothing else', async () => {
    const { outputFiles } = await build({
      ...{ bundle: true, minify: true, format: 'esm', platform: 'browser', target: 'es2022', write: false },
      entryPoints: [join(import.meta.dirname, '../src/index.ts')],
    });
    const [file] = outputFiles;
    expect(file?.contents.length).to.be.greaterThan(1_000).and.below(8_000);
    expect(file?.text).to.not.match(/\bimport\b|\brequire\(/);
  });
});
