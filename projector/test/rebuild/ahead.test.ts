import { expect } from 'chai';
import fc from 'fast-check';
import { aheadOf, type WindowNow } from '../../src/rebuild/ahead.js';

/** A window with all 1,000 slots of its share, and one document in each of them; a tenth of a log of 10,000 events is folded. */
const window: WindowNow = {
  now: { events: 1_000, perSlot: 1 },
  earlier: { events: 500, perSlot: 1 },
  bytes: 1_000,
  limit: 8_000,
  slots: 1_000,
  open: 1_000,
  mostPerSlot: Infinity,
  rest: 9_000,
  pass: 10_000,
  partOf: () => 1,
};
/** Where only the streams of its slots are read. */
const partOf = (slots: number) => slots / 1_000;

describe('What is ahead of a share of a rebuild', () => {
  it('is the rest of the log where its documents fit and no more come', () => {
    expect(aheadOf(window)).to.deep.equal({ left: 9_000, toStore: 1_000 });
  });

  it('has the documents that come as of late: one of a slot in 500 events, so 18 more of it', () => {
    expect(aheadOf({ ...window, earlier: { events: 500, perSlot: 0 }, limit: 1e9 })).to.deep.equal({
      left: 9_000,
      toStore: 19_000,
    });
  });

  it('has no more documents of a slot than are known of: two where two are the most, and three where it has three already', () => {
    const growing = { ...window, earlier: { events: 500, perSlot: 0 }, limit: 1e9, mostPerSlot: 2 };
    expect(aheadOf(growing).toStore).to.equal(2_000);
    expect(aheadOf({ ...growing, now: { events: 1_000, perSlot: 3 } }).toStore).to.equal(3_000);
  });

  it('needs no further pass for documents that will not come: 1,000 bytes that double fit into 8,000', () => {
    const growing = { ...window, earlier: { events: 500, perSlot: 0 } };
    expect(aheadOf({ ...growing, mostPerSlot: 2 }).left).to.equal(9_000);
  });

  it('takes it for granted that no more come as long as nothing is known of earlier', () => {
    const earlier = { events: 0, perSlot: 0 };
    expect(aheadOf({ ...window, earlier })).to.deep.equal({ left: 9_000, toStore: 1_000 });
  });

  it('has a pass over the log for every window that is still to come: three more for 1,000 slots of 250', () => {
    expect(aheadOf({ ...window, slots: 250 })).to.deep.equal({ left: 9_000 + 3 * 10_000, toStore: 1_000 });
  });

  it('foresees windows that will not hold their documents: 19,000 bytes in windows of 7,000 are two more passes', () => {
    const growing = { ...window, earlier: { events: 500, perSlot: 0 } };
    expect(aheadOf(growing)).to.deep.equal({ left: 9_000 + 2 * 10_000, toStore: 19_000 });
  });

  it('reads of the log what the slots of a window have, where streams tell them apart: a quarter, and three quarters later', () => {
    expect(aheadOf({ ...window, slots: 250, partOf })).to.deep.equal({ left: 9_000 / 4 + 7_500, toStore: 1_000 });
  });

  it('reads all for a window that becomes smaller as it goes, then what it keeps: 3/4 of the log on average where half is kept', () => {
    const halved = { ...window, bytes: 14_000, limit: 8_000, partOf };
    expect(aheadOf(halved).left).to.equal((9_000 * 3) / 4 + 10_000 / 2);
  });

  it('is never below nothing, and nothing once all is folded and nothing else is open', () => {
    const amount = fc.nat(100_000);
    const held = fc.record({ events: amount, perSlot: fc.double({ min: 0, max: 100, noNaN: true }) });
    const any = fc.record({
      ...{ now: held, earlier: held, bytes: amount, limit: fc.integer({ min: 1, max: 100_000 }) },
      ...{ slots: fc.integer({ min: 1, max: 500 }), rest: amount, pass: amount },
      ...{ mostPerSlot: fc.constantFrom(0, 1, Infinity) },
      ...{ partOf: fc.constantFrom(partOf, () => 1) },
    });
    fc.assert(
      fc.property(any, fc.nat(500), (one, others) => {
        const { left, toStore } = aheadOf({ ...one, open: one.slots + others });
        expect(Math.min(left, toStore)).to.be.at.least(0);
        expect(Math.max(left, toStore)).to.be.below(Infinity);
        expect(aheadOf({ ...one, rest: 0, bytes: 0, open: one.slots }).left).to.equal(0);
      }),
    );
  });
});
