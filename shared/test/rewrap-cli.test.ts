import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openKeyStore } from '../src/adapters/sqlite/key-store.js';
import { rewrapCommand } from '../src/rewrap-cli.js';
import { temporaryFolder } from './adapters/temporary-file.js';

describe('npm run rewrap', () => {
  const [old, fresh] = ['o'.repeat(32), 'n'.repeat(32)];
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('wraps every key with the first MASTER_KEY, so that the second can be forgotten', async () => {
    const file = join(folder.path, 'keys.db');
    const before = openKeyStore(file, [old]);
    const key = await before.getOrCreate('alice');
    await before.close();
    const result = await rewrapCommand([], { DATA_DIR: folder.path, MASTER_KEY: `${fresh},${old}` });
    expect(result.output).to.match(/^1 keys/);
    expect(result.exitCode).to.equal(0);
    const after = openKeyStore(file, [fresh]);
    expect(await after.get('alice')).to.deep.equal(key);
    await after.close();
  });

  it('fails, saying why, without the MASTER_KEY that wrapped them', async () => {
    await openKeyStore(join(folder.path, 'keys.db'), [old]).close();
    const result = await rewrapCommand([], { DATA_DIR: folder.path, MASTER_KEY: fresh });
    expect(result.exitCode).to.equal(1);
    expect(result.output).to.include('another MASTER_KEY');
  });

  it('names a mistyped DATA_DIR, and makes no key store there', async () => {
    const dataDir = join(folder.path, 'dota');
    const { exitCode, output } = await rewrapCommand([], { DATA_DIR: dataDir });
    expect(output).to.include(`DATA_DIR: ${dataDir} has no keys.db.`);
    expect(exitCode).to.equal(2);
    expect(existsSync(dataDir)).to.equal(false);
  });

  it('exits with 2 on arguments and on an invalid configuration', async () => {
    expect(await rewrapCommand(['all'])).to.have.property('exitCode', 2);
    expect(await rewrapCommand([], { MASTER_KEY: 'short' })).to.have.property('exitCode', 2);
  });
});
