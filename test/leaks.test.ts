/** Runs of mocha that must fail, each on files of its own: what leaks.mjs adds to a parallel run. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from '../shared/test/adapters/temporary-file.js';

describe('A parallel run', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => void (folder = temporaryFolder()));
  afterEach(() => folder.remove());

  /** Each file has one test, whose body is given. */
  function run(bodies: readonly string[]) {
    const files = bodies.map((body, index) => {
      const file = join(folder.path, `${index}.test.mjs`);
      writeFileSync(file, `import fs from 'node:fs';\nit('a test of file ${index}', async () => {\n${body}\n});\n`);
      return file;
    });
    const options = ['--no-config', '--parallel', '--jobs=2', '--timeout=200000', '--require=./test/leaks.mjs'];
    return spawnSync(process.execPath, [resolve('node_modules/mocha/bin/mocha.js'), ...options, ...files], {
      encoding: 'utf8',
      timeout: 250_000,
    });
  }

  it('fails each file that ignores a promise that rejects, not only the first file of its worker', () => {
    const rejects = `Promise.reject(new Error('planted')); await new Promise((resolve) => setImmediate(resolve));`;
    const { status, stdout } = run(Array.from({ length: 5 }, () => rejects));
    expect(stdout).to.include('5 passing').and.to.include('5 failing');
    expect(status).to.equal(5);
  });

  it('fails when a worker dies of an exception after its last file', () => {
    const died = JSON.stringify(join(folder.path, 'died'));
    const throwsLater = `
      setInterval(() => {
        if (process.listenerCount('uncaughtException') === 0) throw new Error('planted');
      }, 10).unref();
      process.once('exit', () => fs.writeFileSync(${died}, ''));`;
    const outlivesIt = `while (!fs.existsSync(${died})) await new Promise((resolve) => setTimeout(resolve, 20));`;
    const { status, stderr } = run([throwsLater, outlivesIt]);
    expect(stderr).to.include('Error: planted').and.to.include('A worker of mocha died');
    expect(status).to.equal(1);
  });
});
