import { expect } from 'chai';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin', import.meta.url));
/** Says how it is run, in place of the built command line, and fails. */
const PROGRAM = `
import { resourceLimits } from 'node:worker_threads';
console.log(JSON.stringify({ args: process.argv.slice(2), heap: resourceLimits.maxOldGenerationSizeMb ?? null }));
process.exitCode = process.argv[2] === 'verify' && process.argv[3] === 'grow' ? 0 : 1;
if (process.argv[3] === 'grow') for (const held = []; ; ) held.push(Array(100_000).fill(held.length));
`;

describe('The program projector', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'projector-bin-'));
    cpSync(BIN, join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin/projector.js'), ...args], {
      encoding: 'utf8',
    });
    return { status, out: stdout, err: stderr };
  }
  const build = () => {
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/cli.js'), PROGRAM);
  };

  it('gives verify, which reads the whole log, a heap of 128 MB, and the others what Node gives', () => {
    build();
    const [verify, status] = [run('verify', 'message', '--json'), run('status')];
    expect(JSON.parse(verify.out)).to.deep.equal({ args: ['verify', 'message', '--json'], heap: 128 });
    expect(JSON.parse(status.out)).to.deep.equal({ args: ['status'], heap: null });
    expect([verify.status, status.status]).to.deep.equal([1, 1]);
  });

  it('runs verify --twice in no thread, where it could not change the time zone', () => {
    build();
    expect(JSON.parse(run('verify', '--twice').out)).to.deep.include({ heap: null });
  });

  it('fails, saying why, when that is not enough', () => {
    build();
    const { status, err } = run('verify', 'grow');
    expect(err).to.match(/projector: .*memory/);
    expect(status).to.equal(1);
  });

  for (const command of ['verify', 'status'])
    it(`ends ${command} as ever where nobody reads what it prints`, async () => {
      build();
      const child = spawn(process.execPath, [join(folder, 'bin/projector.js'), command]);
      child.stdout.destroy();
      let err = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      const [code] = (await once(child, 'close')) as [number];
      expect({ code, err }).to.deep.equal({ code: 1, err: '' });
    });

  it('says that it is not built', () => {
    expect(run('status')).to.deep.include({ status: 2, err: 'projector: not built yet; run `npm run build` first\n' });
  });
});
