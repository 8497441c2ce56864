import { expect } from 'chai';
import {
  EMPTY_INDEX,
  type AuditIndex,
  type IndexState,
  type NewIndexedEvent,
  type SignedHead,
} from '../src/audit-index.js';
import type { Place } from './contract.js';

const leaf = (ordinal: number) => Buffer.alloc(32, ordinal);
const event = (ordinal: number, ...terms: number[]): NewIndexedEvent => ({
  ...{
    ordinal,
    position: BigInt(ordinal) * 10n + 10n,
    time: 1_777_000_000_000 + ordinal,
    leaf: leaf(ordinal),
    block: null,
    terms,
  },
});
const after = ({ ordinal, position, time }: NewIndexedEvent): IndexState => ({
  ...{ size: ordinal + 1, position, eventId: `event ${ordinal}`, time, peaks: ['aa', `0${ordinal % 10}`] },
});

/** What every AuditIndex must do. `open` gives an empty place. */
export function auditIndexContract(name: string, open: () => Promise<Place<AuditIndex>>): void {
  describe(`${name}, by the contract of an audit index:`, () => {
    let place: Place<AuditIndex>;
    let index: AuditIndex;
    beforeEach(async () => {
      place = await open();
      index = await place.connect();
    });
    afterEach(() => place.dispose());

    const add = (...events: NewIndexedEvent[]) => index.add(events, after(events.at(-1) as NewIndexedEvent));
    const having = (term: number, from: number, direction: 'forwards' | 'backwards', limit = 10) =>
      index.having(term, { from, direction, limit });

    it('is empty at first', async () => {
      expect(await index.state()).to.deep.equal(EMPTY_INDEX);
      expect(await having(1, 0, 'forwards')).to.deep.equal([]);
      expect(await index.get([0])).to.deep.equal([]);
    });

    it('keeps its state, with a position above 2^53 exact, for every process', async () => {
      const far = { ...event(0, 1), position: 9_007_199_254_740_993n };
      expect(await index.add([far], after(far))).to.equal(true);
      expect(await (await place.connect()).state()).to.deep.equal(after(far));
    });

    it('finds the events with a term in either direction, from an ordinal on, as many as asked for', async () => {
      await add(event(0, 7), event(1, 8), event(2, 7, 8), event(3, 7));
      await add(event(4, 8), event(5, 7));
      expect(await having(7, 0, 'forwards')).to.deep.equal([0, 2, 3, 5]);
      expect(await having(7, 2, 'forwards', 2)).to.deep.equal([2, 3]);
      expect(await having(7, 4, 'backwards')).to.deep.equal([3, 2, 0]);
      expect(await having(7, 5, 'backwards', 2)).to.deep.equal([5, 3]);
      expect(await having(8, 5, 'forwards')).to.deep.equal([]);
      expect(await having(9, 0, 'forwards')).to.deep.equal([]);
    });

    it('tells terms of 48 bits apart', async () => {
      const most = 2 ** 48 - 1;
      await add(event(0, most), event(1, most - 1), event(2, 0));
      expect(await having(most, 0, 'forwards')).to.deep.equal([0]);
      expect(await having(0, 0, 'forwards')).to.deep.equal([2]);
    });

    it('answers events in the order asked for, without those that are not there', async () => {
      await add(event(0, 1), event(1, 1), event(2, 1));
      const { terms: _, ...second } = event(1, 1);
      const [found, ...others] = await index.get([1, 9, 0]);
      expect({ ...found, leaf: Buffer.from(found?.leaf ?? []) }).to.deep.equal(second);
      expect(others.map(({ ordinal }) => ordinal)).to.deep.equal([0]);
      expect(await index.positionsOf([1, 9, 0])).to.deep.equal([20n, 10n]);
    });

    it('keeps the root of a block with its last event', async () => {
      await add(event(0, 1), { ...event(1, 1), block: Buffer.alloc(32, 7) });
      const blocks = (await index.get([0, 1])).map(({ block }) => block && Buffer.from(block).toString('hex'));
      expect(blocks).to.deep.equal([null, '07'.repeat(32)]);
    });

    it('keeps one head of a size, whichever process was faster, and its first signature', async () => {
      const [one, two] = [index, await place.connect()];
      const head = { size: 5, root: 'aa' };
      const signed = { ...head, signedAt: '2026-05-01T10:00:00.000Z', keyId: 'k1', signature: 'c2ln' };
      expect(await one.keepHead(head)).to.deep.equal(head);
      expect(await two.keepHead({ size: 5, root: 'bb' })).to.deep.equal(head);
      expect(await two.signHead(signed)).to.deep.equal(signed);
      expect(await one.signHead({ ...signed, keyId: 'k2' })).to.deep.equal(signed);
      expect(await one.keepHead(head)).to.deep.equal(signed);
    });

    it('signs no head that is not kept, and none of another root', async () => {
      const signed = { size: 5, root: 'aa', signedAt: '2026-05-01T10:00:00.000Z', keyId: 'k1', signature: 'c2ln' };
      const failure = (head: SignedHead) => index.signHead(head).then(String, (error: unknown) => String(error));
      expect(await failure(signed)).to.contain('head of 5 events');
      await index.keepHead({ size: 5, root: 'aa' });
      expect(await failure({ ...signed, root: 'bb' })).to.contain('no head of 5 events has this root');
      expect(await index.signedHeads({ from: 0, direction: 'forwards', limit: 9 })).to.deep.equal([]);
    });

    it('finds signed heads in either direction', async () => {
      for (const size of [3, 5, 9, 12]) {
        const root = `0${size % 10}`;
        await index.keepHead({ size, root });
        if (size !== 9) await index.signHead({ size, root, signedAt: '2026', keyId: 'k', signature: 'c2ln' });
      }
      const sizes = async (from: number, direction: 'forwards' | 'backwards', limit: number) =>
        (await index.signedHeads({ from, direction, limit })).map(({ size }) => size);
      expect(await sizes(4, 'forwards', 9)).to.deep.equal([5, 12]);
      expect(await sizes(12, 'backwards', 2)).to.deep.equal([12, 5]);
      expect(await sizes(4, 'backwards', 9)).to.deep.equal([3]);
    });

    it('adds nothing where another process was faster', async () => {
      const other = await place.connect();
      await add(event(0, 1), event(1, 1));
      const late = event(0, 2);
      expect(await other.add([late], after(late))).to.equal(false);
      expect(await index.state()).to.deep.equal(after(event(1)));
      expect(await having(2, 0, 'forwards')).to.deep.equal([]);
    });

    it('adds the same events once, whichever of several processes adds them', async () => {
      const others = await Promise.all([1, 2, 3].map(() => place.connect()));
      const batch = [event(0, 1), event(1, 1, 2)];
      const added = await Promise.all(others.map((one) => one.add(batch, after(event(1)))));
      expect(added.filter(Boolean)).to.have.length(1);
      expect(await having(1, 0, 'forwards')).to.deep.equal([0, 1]);
      expect((await index.get([0, 1, 2])).map(({ ordinal }) => ordinal)).to.deep.equal([0, 1]);
    });
  });
}
