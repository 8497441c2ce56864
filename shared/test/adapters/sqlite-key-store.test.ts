import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/adapters/sqlite/database.js';
import { openKeyStore } from '../../src/adapters/sqlite/key-store.js';
import { StoreFailed } from '../../src/store-errors.js';
import { rejection } from '../../testing/contract.js';
import { keyStoreContract } from '../../testing/key-store-contract.js';
import { race } from './race.js';
import { placeOnFile, temporaryFolder } from './temporary-file.js';

keyStoreContract('SQLite', async (masterKeys) => placeOnFile((file) => openKeyStore(file, masterKeys())));

describe('SQLite: the key store', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'keys.db');
  });
  afterEach(() => folder.remove());

  /** Everything on disk: the file, its log, its index. */
  const onDisk = () => Buffer.concat(readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name))));

  it('detects a different MASTER_KEY when opened, and says so', async () => {
    const keys = openKeyStore(file, ['the right one']);
    const key = await keys.getOrCreate('alice');
    await keys.close();
    expect(() => openKeyStore(file, ['the wrong one'])).to.throw(StoreFailed, 'another MASTER_KEY');
    const again = openKeyStore(file, ['the right one']);
    expect(await again.get('alice')).to.deep.equal(key);
    await again.close();
  });

  it('writes no key and no master key to disk in clear', async () => {
    const keys = openKeyStore(file, ['the master key itself']);
    const key = Buffer.from(await keys.getOrCreate('alice'));
    expect(onDisk().includes(key)).to.equal(false);
    expect(onDisk().includes('the master key itself')).to.equal(false);
    await keys.close();
  });

  it('leaves nothing of a destroyed key on disk, not even wrapped', async () => {
    const keys = openKeyStore(file, ['a master key']);
    const subjects = Array.from({ length: 100 }, (_, i) => `subject-${i}`);
    await Promise.all(subjects.map((subject) => keys.getOrCreate(subject)));
    const wrapped = wrappedKeys();
    const lying = () => {
      const bytes = onDisk();
      return subjects.filter((subject) => bytes.includes(wrapped.get(subject) ?? ''));
    };
    expect(lying()).to.deep.equal(subjects);
    for (const subject of subjects.slice(0, 50)) await keys.destroy(subject);
    expect(lying()).to.deep.equal(subjects.slice(50));
    await keys.close();
  });

  it('rejects a key that was damaged or moved to another subject', async () => {
    const keys = openKeyStore(file, ['a master key']);
    await keys.getOrCreate('alice');
    await keys.getOrCreate('bob');
    const database = openDatabase(file, { synchronous: 'FULL' });
    database.exec(`UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE subject = 'alice') WHERE subject = 'bob'`);
    database.exec(`UPDATE keys SET wrapped = x'00' WHERE subject = 'alice'`);
    database.close();
    for (const subject of ['alice', 'bob'])
      expect(await rejection(keys.get(subject)))
        .to.be.instanceOf(StoreFailed)
        .with.property('message')
        .contains(subject);
    await keys.close();
  });

  it('rejects an empty name', async () => {
    const keys = openKeyStore(file, ['a master key']);
    expect(await rejection(keys.getOrCreate(''))).to.be.instanceOf(RangeError);
    expect(await rejection(keys.destroy('a\0b'))).to.be.instanceOf(RangeError);
    await keys.close();
  });

  it('gives two processes that race for new subjects the same keys', async () => {
    const [one, other] = await race<string[]>('keys', file);
    expect(one).to.have.length(30);
    expect(new Set(one).size).to.equal(30);
    expect(other).to.deep.equal(one);
  });

  function wrappedKeys(): Map<string, Buffer> {
    const database = openDatabase(file, { synchronous: 'FULL' });
    const rows = database
      .prepare<{ subject: string; key: string }>('SELECT subject, hex(wrapped) AS key FROM keys')
      .all();
    database.close();
    return new Map(rows.map(({ subject, key }) => [subject, Buffer.from(key, 'hex')]));
  }
});
