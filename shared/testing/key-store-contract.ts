import { expect } from 'chai';
import type { KeyStore } from '../src/ports.js';
import { type Place, rejection } from './contract.js';

const hex = (key: Uint8Array | null) => key && Buffer.from(key).toString('hex');

/** What every KeyStore must do. `open` gives an empty place. */
export function keyStoreContract(name: string, open: () => Promise<Place<KeyStore>>): void {
  describe(`${name}, by the contract of a key store:`, () => {
    let place: Place<KeyStore>;
    let keys: KeyStore;

    beforeEach(async () => {
      place = await open();
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
      expect(await keys.get('nobody')).to.equal(null);
      expect(await keys.get('nobody')).to.equal(null);
    });

    it('tells subjects apart that differ by case or by a blank', async () => {
      const made = await Promise.all(['alice', 'Alice', 'alice ', 'alicé'].map((subject) => keys.getOrCreate(subject)));
      expect(new Set(made.map(hex)).size).to.equal(4);
    });

    it('gives the same key to everyone who asks at the same time', async () => {
      const other = await place.connect();
      const made = await Promise.all(Array.from({ length: 64 }, (_, i) => (i % 2 ? keys : other).getOrCreate('alice')));
      expect(new Set(made.map(hex)).size).to.equal(1);
      expect(hex(await keys.get('alice'))).to.equal(hex(made[0] ?? null));
    });

    it('returns copies of a key, which the caller may overwrite', async () => {
      const key = await keys.getOrCreate('alice');
      const before = hex(key);
      key?.fill(0);
      expect(hex(await keys.get('alice'))).to.equal(before);
    });

    it('never returns a destroyed key again, to anyone', async () => {
      const other = await place.connect();
      await keys.getOrCreate('alice');
      await other.getOrCreate('alice');
      await keys.destroy('alice');
      for (const store of [keys, other]) {
        expect(await store.get('alice')).to.equal(null);
        expect(await store.getOrCreate('alice')).to.equal(null);
      }
      await keys.close();
      expect(await (await place.connect()).getOrCreate('alice')).to.equal(null);
    });

    it('can destroy a key that never existed, and destroy twice', async () => {
      await keys.destroy('ghost');
      await keys.destroy('ghost');
      expect(await keys.getOrCreate('ghost')).to.equal(null);
      expect(await keys.get('ghost')).to.equal(null);
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
      for (let i = 0; i < 20; i++) expect(await keys.getOrCreate(`s${i}`)).to.equal(null);
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
      expect(await keys.get('alice')).to.equal(null);
      await keys.destroy('alice');
      expect(await keys.getMark('alice')).to.equal('a mark');
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
