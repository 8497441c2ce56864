/** All pages together stay small: what a browser loads, compressed. */
import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LIMIT = 80_000;

describe('The pages', () => {
  it('weigh less than 80 kB all told, compressed', async () => {
    const { buildPages } = (await import(join(import.meta.dirname, '../../pages/build.mjs'))) as {
      buildPages(to: string): Promise<void>;
    };
    const folder = mkdtempSync(join(tmpdir(), 'pages-'));
    try {
      const target = join(folder, 'dist');
      await buildPages(target);
      const files = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const sizes = files.map(({ parentPath, name }) => gzipSync(readFileSync(join(parentPath, name))).length);
      expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.within(1, LIMIT);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
