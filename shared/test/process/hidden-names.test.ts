import { expect } from 'chai';
import { join } from 'node:path';
import { openCounters } from '../../src/adapters/sqlite/counters.js';
import type { Counters } from '../../src/ports.js';
import { withHiddenNames } from '../../src/process/hidden-names.js';
import { KeyMissing } from '../../src/store-errors.js';
import { systemClock } from '../../src/time.js';
import { temporaryFolder } from '../adapters/temporary-file.js';

const NAMES = { key: 'limit:POST /auth/login:ip:203.0.113.7', set: 'free:fan', member: 'message' };

describe('Counters with hidden names', () => {
  const folder = temporaryFolder();
  const opened: Counters[] = [];
  after(async () => {
    for (const counters of opened) await counters.close();
    folder.remove();
  });

  /** What the store is given, and the counters over it. */
  function counting(key: Uint8Array | 'none') {
    const given: string[] = [];
    const stored = openCounters(join(folder.path, `${opened.length}.db`), systemClock);
    opened.push(stored);
    const told = <T extends unknown[], R>(call: (...names: T) => R) =>
      ((...names: T) => {
        given.push(...names.filter((name) => typeof name === 'string'));
        return call(...names);
      }) as typeof call;
    const counters = withHiddenNames(
      {
        hit: told(stored.hit),
        undoHit: told(stored.undoHit),
        addMember: told(stored.addMember),
        removeMember: told(stored.removeMember),
        close: stored.close,
      },
      { get: async () => key },
    );
    return { counters, given };
  }
  const keyOf = (byte: number) => new Uint8Array(32).fill(byte);

  it('count as without, and give the store other names, by a key', async () => {
    const names: string[][] = [];
    for (const byte of [1, 2]) {
      const { counters, given } = counting(keyOf(byte));
      expect((await counters.hit(NAMES.key, 60_000)).count).to.equal(1);
      expect((await counters.hit(NAMES.key, 60_000)).count).to.equal(2);
      await counters.undoHit(NAMES.key);
      expect((await counters.hit(NAMES.key, 60_000)).count).to.equal(2);
      expect(await counters.addMember(NAMES.set, NAMES.member, 60_000)).to.equal(1);
      expect(await counters.addMember(NAMES.set, NAMES.member, 60_000)).to.equal(1);
      await counters.removeMember(NAMES.set, NAMES.member);
      expect(await counters.addMember(NAMES.set, 'another', 60_000)).to.equal(1);
      expect(given.join(' ')).to.match(/^[0-9a-f ]+$/);
      names.push(given);
    }
    expect(names[0]).to.not.deep.equal(names[1]);
  });

  it('count nothing before there is a key', async () => {
    const { counters, given } = counting('none');
    const refused = await counters.hit(NAMES.key, 60_000).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(KeyMissing);
    expect(given).to.deep.equal([]);
  });
});
