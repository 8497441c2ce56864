import { expect } from 'chai';
import type { KeyStore } from '../src/ports.js';
import { KeyMissing, StoreFailed } from '../src/store-errors.js';
import { type Place, rejection } from './contract.js';

const hex = (key: Uint8Array | string) => (typeof key === 'string' ? key : Buffer.from(key).toString('hex'));

/** What every KeyStore must do. `open` gives an empty place, whose instances have the MASTER_KEYs that `masterKeys` then answers. */
export function keyStoreContract(
  name: string,
  open: (masterKeys: () => readonly string[]) => Promise<Place<KeyStore>>,
): void {
  describe(`${name}, by the contract of a key store:`, () => {
    let place: Place<KeyStore>;
    let keys: KeyStore;
    let masterKeys: readonly string[];

    beforeEach(async () => {
      masterKeys = ['an old master key'];
      place = await open(() => masterKeys);
      keys = await place.connect();
    });
    afterEach(() => place.dispose());

    it('creates a key of 32 bytes and keeps it', async () => {
      const key = await keys.getOrCreate('alice');
      expect(key).to.be.instanceOf(Uint8Array).with.length(32);
      expect(hex(await keys.getOrCreate('alice'))).to.equal(hex(key));
      expect(hex(await keys.get('alice'))).to.equal(hex(key));
    });

    it('creates a different key for each subject', async () => {
      const made = await Promise.all(Array.from({ length: 20 }, (_, i) => keys.getOrCreate(`subject-${i}`)));
      expect(new Set(made.map(hex)).size).to.equal(20);
    });

    it('creates no key by reading', async () => {
      expect(await keys.get('nobody')).to.equal('none');
      expect(await keys.get('nobody')).to.equal('none');
    });

    it('tells subjects apart that differ by case or by a blank', async () => {
      const made = await Promise.all(['alice', 'Alice', 'alice ', 'alicé'].map((subject) => keys.getOrCreate(subject)));
      expect(new Set(made.map(hex)).size).to.equal(4);
    });

    it('gives the same key to everyone who asks at the same time', async () => {
      const other = await place.connect();
      const made = await Promise.all(Array.from({ length: 64 }, (_, i) => (i % 2 ? keys : other).getOrCreate('alice')));
      expect(new Set(made.map(hex)).size).to.equal(1);
      expect(hex(await keys.get('alice'))).to.equal(hex(made[0] ?? ''));
    });

    it('returns copies of a key, which the caller may overwrite', async () => {
      const key = await keys.getOrCreate('alice');
      const before = hex(key);
      if (typeof key !== 'string') key.fill(0);
      expect(hex(await keys.get('alice'))).to.equal(before);
    });

    it('never returns a destroyed key again, to anyone', async () => {
      const other = await place.connect();
      await keys.getOrCreate('alice');
      await other.getOrCreate('alice');
      await keys.destroy('alice');
      for (const store of [keys, other]) {
        expect(await store.get('alice')).to.equal('destroyed');
        expect(await store.getOrCreate('alice')).to.equal('destroyed');
      }
      await keys.close();
      expect(await (await place.connect()).getOrCreate('alice')).to.equal('destroyed');
    });

    it('can destroy a key that never existed, and destroy twice', async () => {
      await keys.destroy('ghost');
      await keys.destroy('ghost');
      expect(await keys.getOrCreate('ghost')).to.equal('destroyed');
      expect(await keys.get('ghost')).to.equal('destroyed');
    });

    it('leaves other subjects alone when it destroys one', async () => {
      const bob = await keys.getOrCreate('bob');
      await keys.getOrCreate('alice');
      await keys.destroy('alice');
      expect(hex(await keys.get('bob'))).to.equal(hex(bob));
    });

    it('ends with a tombstone however creation and destruction race', async () => {
      const other = await place.connect();
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => `s${i}`).flatMap((subject) => [
          keys.getOrCreate(subject),
          other.destroy(subject),
          other.getOrCreate(subject),
        ]),
      );
      for (let i = 0; i < 20; i++) expect(await keys.getOrCreate(`s${i}`)).to.equal('destroyed');
    });

    it('keeps keys and marks over a restart', async () => {
      const key = await keys.getOrCreate('alice');
      await keys.setMark('erasures', '41');
      await keys.close();
      const reopened = await place.connect();
      expect(hex(await reopened.get('alice'))).to.equal(hex(key));
      expect(await reopened.getMark('erasures')).to.equal('41');
    });

    it('keeps the last value of each mark', async () => {
      const other = await place.connect();
      expect(await keys.getMark('erasures')).to.equal(null);
      await keys.setMark('erasures', '1');
      await keys.setMark('other', 'x');
      await keys.setMark('erasures', '2');
      expect(await other.getMark('erasures')).to.equal('2');
      expect(await other.getMark('other')).to.equal('x');
    });

    it('keeps marks apart from subjects', async () => {
      await keys.setMark('alice', 'a mark');
      expect(await keys.get('alice')).to.equal('none');
      await keys.destroy('alice');
      expect(await keys.getMark('alice')).to.equal('a mark');
    });

    it('wraps with the first MASTER_KEY and unwraps with all that are given', async () => {
      const before = hex(await keys.getOrCreate('alice'));
      masterKeys = ['a new master key', 'an old master key'];
      const rotating = await place.connect();
      expect(hex(await rotating.get('alice'))).to.equal(before);
      await rotating.getOrCreate('bob');
      const fault = await rejection(keys.get('bob'));
      expect(fault, 'by whoever has the old one only').to.be.instanceOf(KeyMissing);
    });

    it('cannot be opened without a MASTER_KEY that may have wrapped one of its keys', async () => {
      await keys.getOrCreate('alice');
      masterKeys = ['a new master key'];
      expect(await rejection(place.connect())).to.be.instanceOf(StoreFailed);
      masterKeys = ['a new master key', 'an old master key'];
      await place.connect();
      masterKeys = ['an old master key'];
      expect(await rejection(place.connect()), 'the new one may have made keys').to.be.instanceOf(StoreFailed);
    });

    it('wraps all keys anew, after which the old MASTER_KEY is neither needed nor accepted', async () => {
      const subjects = Array.from({ length: 1_200 }, (_, i) => `${i}-subject`);
      const made = new Map<string, string>();
      await Promise.all(subjects.map(async (each) => made.set(each, hex(await keys.getOrCreate(each)))));
      await keys.destroy('7-subject');
      masterKeys = ['a new master key', 'an old master key'];
      const rotating = await place.connect();
      await rotating.getOrCreate('new');
      expect(await rotating.rewrap()).to.equal(1_199);
      expect(await rotating.rewrap()).to.equal(0);
      masterKeys = ['a new master key'];
      const rotated = await place.connect();
      for (const subject of subjects)
        expect(hex(await rotated.get(subject))).to.equal(subject === '7-subject' ? 'destroyed' : made.get(subject));
      masterKeys = ['an old master key'];
      expect(await rejection(place.connect())).to.be.instanceOf(StoreFailed);
    });

    it('can be closed twice, and returns no key afterwards', async () => {
      await keys.getOrCreate('alice');
      await keys.close();
      await keys.close();
      expect(await rejection(keys.get('alice'))).to.be.instanceOf(Error);
      expect(await rejection(keys.getOrCreate('bob'))).to.be.instanceOf(Error);
    });
  });
}
