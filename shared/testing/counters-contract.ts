import { expect } from 'chai';
import type { Counters } from '../src/ports.js';
import { type Place, rejection } from './contract.js';

/** Where counters are tested: time can pass there. */
export interface CountersPlace extends Place<Counters> {
  /** A span that is long enough not to end within a few calls, and short enough for `advance` to let it pass. */
  readonly windowMs: number;
  /** Lets time pass for every instance: moves a clock of the test's own, or waits where the engine has its own. */
  advance(ms: number): Promise<void>;
}

/** What every Counters implementation must do. `open` gives an empty place. */
export function countersContract(name: string, open: () => Promise<CountersPlace>): void {
  describe(`${name}, by the contract of counters:`, () => {
    let place: CountersPlace;
    let counters: Counters;
    let windowMs: number;

    beforeEach(async () => {
      place = await open();
      counters = await place.connect();
      windowMs = place.windowMs;
    });
    afterEach(() => place.dispose());

    const hits = async (key: string) => (await counters.hit(key, windowMs)).count;

    describe('hits', () => {
      it('counts from one, each key by itself', async () => {
        expect([await hits('a'), await hits('a'), await hits('b'), await hits('a')]).to.deep.equal([1, 2, 1, 3]);
      });

      it('tells when the window ends: it starts with the first hit and does not move', async () => {
        const first = await counters.hit('a', windowMs);
        expect(first.resetsInMs).to.be.within(1, windowMs);
        await place.advance(windowMs / 2);
        const second = await counters.hit('a', windowMs);
        expect(second.count).to.equal(2);
        expect(second.resetsInMs).to.be.within(1, windowMs / 2);
      });

      it('starts again after the window has ended', async () => {
        await hits('a');
        await hits('a');
        await place.advance(windowMs);
        const again = await counters.hit('a', windowMs);
        expect(again.count).to.equal(1);
        expect(again.resetsInMs)
          .to.be.greaterThan(windowMs / 2)
          .and.at.most(windowMs);
      });

      it('accepts any string as a key', async () => {
        const keys = ['', 'a\0', 'a', '__proto__', 'é😀', "'; --", 'x'.repeat(100_000)];
        for (const key of keys) expect(await hits(key), key.slice(0, 20)).to.equal(1);
        for (const key of keys) expect(await hits(key), key.slice(0, 20)).to.equal(2);
      });

      it('loses none of many parallel hits, on one instance and on two', async () => {
        const other = await place.connect();
        const results = await Promise.all(
          Array.from({ length: 64 }, (_, i) => (i % 2 ? counters : other).hit('a', windowMs)),
        );
        const counts = results.map(({ count }) => count).sort((a, b) => a - b);
        expect(counts).to.deep.equal(Array.from({ length: 64 }, (_, i) => i + 1));
      });

      it('takes a hit back, but never below zero', async () => {
        await hits('a');
        await hits('a');
        await counters.undoHit('a');
        expect(await hits('a')).to.equal(2);
        await counters.undoHit('new');
        for (let i = 0; i < 3; i++) await counters.undoHit('a');
        expect(await hits('a')).to.equal(1);
        expect(await hits('new')).to.equal(1);
      });

      it('takes nothing back from a later window', async () => {
        await hits('a');
        await place.advance(windowMs);
        await counters.undoHit('a');
        expect([await hits('a'), await hits('a')]).to.deep.equal([1, 2]);
      });

      it('rejects an invalid window', async () => {
        for (const bad of [0, -1, Number.NaN, Infinity])
          expect(await rejection(counters.hit('a', bad))).to.be.instanceOf(RangeError);
      });
    });

    describe('sets', () => {
      const add = (set: string, member: string) => counters.addMember(set, member, windowMs);

      it('returns the size, and adding a member again changes nothing', async () => {
        expect([await add('s', 'a'), await add('s', 'b'), await add('s', 'a'), await add('t', 'a')]).to.deep.equal([
          1, 2, 2, 1,
        ]);
      });

      it("expires by its first member's time to live, however often it is added to", async () => {
        await add('s', 'a');
        await place.advance(windowMs / 2);
        expect(await add('s', 'b')).to.equal(2);
        await place.advance(windowMs / 2);
        expect(await add('s', 'c')).to.equal(1);
      });

      it('removes a member, and accepts an unknown one', async () => {
        await add('s', 'a');
        await add('s', 'b');
        await counters.removeMember('s', 'a');
        await counters.removeMember('s', 'a');
        await counters.removeMember('none', 'a');
        expect(await add('s', 'c')).to.equal(2);
      });

      it('starts a new time to live after its last member was removed', async () => {
        await add('s', 'a');
        await place.advance(windowMs / 2);
        await counters.removeMember('s', 'a');
        await add('s', 'b');
        await place.advance(windowMs / 2);
        expect(await add('s', 'c')).to.equal(2);
      });

      it('is independent of a count with the same name', async () => {
        await hits('x');
        expect(await add('x', 'a')).to.equal(1);
        expect(await hits('x')).to.equal(2);
      });

      it('gives each of many members added at the same time a different size', async () => {
        const other = await place.connect();
        const sizes = await Promise.all(
          Array.from({ length: 32 }, (_, i) => (i % 2 ? counters : other).addMember('s', `m${i}`, windowMs)),
        );
        expect(sizes.sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 32 }, (_, i) => i + 1));
      });

      it('rejects an invalid time to live', async () => {
        expect(await rejection(counters.addMember('s', 'a', 0))).to.be.instanceOf(RangeError);
      });
    });

    it('keeps counts and sets over a restart', async () => {
      await hits('a');
      await counters.addMember('s', 'a', windowMs);
      await counters.close();
      counters = await place.connect();
      expect(await hits('a')).to.equal(2);
      expect(await counters.addMember('s', 'b', windowMs)).to.equal(2);
    });

    it('can be closed twice, and counts nothing afterwards', async () => {
      await counters.close();
      await counters.close();
      expect(await rejection(counters.hit('a', windowMs))).to.be.instanceOf(Error);
    });
  });
}
