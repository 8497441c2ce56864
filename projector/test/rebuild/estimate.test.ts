import { expect } from 'chai';
import fc from 'fast-check';
import {
  estimateOf,
  lateOf,
  NO_COST,
  withSample,
  type Cost,
  type Estimate,
  type Phase,
} from '../../src/rebuild/estimate.js';

/** What sums of numbers with fractions may be off by. */
const ROUNDED = 1 + 1e-9;
const NOTHING: Phase = { done: 0, left: 0, late: [], before: null };
const batches = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 200 });
const someLeft = fc.integer({ min: 0, max: 10_000_000 });

/** The samples after these batches, each of which takes `msOf` of its events. */
function after(sizes: readonly number[], msOf: (events: number, index: number) => number): readonly Cost[] {
  return sizes.reduce<readonly Cost[]>(
    (samples, size, index) => {
      const { units, ms } = samples.at(-1) ?? NO_COST;
      return withSample(samples, { units: units + size, ms: ms + msOf(size, index) });
    },
    [NO_COST],
  );
}

const foldOf = (samples: readonly Cost[], left: number): Phase => ({
  ...{ done: samples.at(-1)?.units ?? 0, left },
  ...{ late: lateOf(samples, left), before: null },
});
/** One stretch, in which so many units took so many milliseconds. */
const phase = (units: number, ms: number, left: number, before: number | null = null): Phase => ({
  ...{ done: units, left, before },
  late: [{ units, ms }],
});

function estimated(phases: Partial<Parameters<typeof estimateOf>[0]>): Estimate {
  const estimate = estimateOf({ fold: NOTHING, store: NOTHING, compare: NOTHING, ...phases });
  if (!estimate) throw new Error('no estimate');
  return estimate;
}

describe('The estimate of the time that a rebuild still takes', () => {
  it('is by what an event took: 1,000 in two seconds leave six seconds for 3,000, give or take a fifth at least', () => {
    const { secondsLeft, secondsLeftFrom, secondsLeftTo } = estimated({ fold: phase(1_000, 2_000, 3_000) });
    expect([secondsLeftFrom, secondsLeft, secondsLeftTo].map((one) => one.toFixed(6))).to.deep.equal([
      ...['4.800000', '6.000000', '7.200000'],
    ]);
  });

  it('is by the newest events where few are left: the last 1,000 took half a second, so 1,125 take 0.5625', () => {
    const samples = [NO_COST, { units: 4_000, ms: 4_000 }, { units: 8_000, ms: 8_000 }, { units: 9_000, ms: 8_500 }];
    expect(estimated({ fold: foldOf(samples, 1_125) }).secondsLeft).to.equal(0.5625);
  });

  it('adds up the phases: 6 s for events, 0.25 s for 500 documents to store at half a millisecond, 1 s for 500 to compare at two', () => {
    const phases = { fold: phase(1_000, 2_000, 3_000), store: phase(100, 50, 500), compare: phase(10, 20, 500) };
    expect(estimated(phases).secondsLeft).to.be.closeTo(7.25, 1e-9);
  });

  it('takes a document for one and a half events to store and for six to compare where nothing tells, give or take a factor of two', () => {
    const fold = phase(1_000, 2_000, 0);
    const { secondsLeft, secondsLeftFrom, secondsLeftTo } = estimated({ fold, store: { ...NOTHING, left: 1_000 } });
    expect([secondsLeftFrom, secondsLeft, secondsLeftTo]).to.deep.equal([1.5, 3, 6]);
    expect(estimated({ fold, compare: { ...NOTHING, left: 1_000 } }).secondsLeft).to.equal(12);
  });

  it('is by the rebuild before as long as nothing is done, give or take a half: 1,000 events of 2 ms, 100 documents of 3 ms', () => {
    const [fold, store] = [
      { ...NOTHING, left: 1_000, before: 2 },
      { ...NOTHING, left: 100, before: 3 },
    ];
    const { secondsLeft, secondsLeftFrom, secondsLeftTo } = estimated({ fold, store });
    expect(secondsLeft).to.equal(2.3);
    expect([secondsLeftFrom * 1.5, secondsLeftTo / 1.5].map((one) => one.toFixed(6))).to.deep.equal([
      '2.300000',
      '2.300000',
    ]);
  });

  it('leans on the rebuild before like on a tenth of all events: 1,000 of 2 ms, and 2,000 of 4 ms, make 10/3 ms', () => {
    const fold = { ...phase(1_000, 2_000, 19_000, 4), done: 1_000 };
    expect(estimated({ fold }).secondsLeft).to.be.closeTo((19_000 * 10) / 3 / 1_000, 1e-9);
  });

  it('holds a machine that folds at half the cost of before to store at half the cost of before', () => {
    const fold = { ...phase(900, 800, 0, 2), done: 1_000 }; // with 100 of before: 1,000 in a second
    expect(estimated({ fold, store: { ...NOTHING, left: 1_000, before: 3 } }).secondsLeft).to.equal(1.5);
  });

  it('has the band of what events took of late: 2 ms and 1 ms leave three to six seconds for 3,000', () => {
    const samples = [NO_COST, { units: 4_000, ms: 9_000 }, { units: 5_000, ms: 11_000 }, { units: 6_000, ms: 12_000 }];
    const { secondsLeft, secondsLeftFrom, secondsLeftTo } = estimated({ fold: foldOf(samples, 3_000) });
    expect([secondsLeftFrom, secondsLeft, secondsLeftTo]).to.deep.equal([3, 4.5, 6]);
  });

  it('is none before anything was done, nor where no time has passed', () => {
    for (const samples of [[], [NO_COST], [NO_COST, { units: 0, ms: 5 }], [NO_COST, { units: 5, ms: 0 }]])
      expect(estimateOf({ fold: foldOf(samples, 100), store: NOTHING, compare: NOTHING })).to.equal(null);
  });

  const cost = fc.record({ units: fc.nat(10_000), ms: fc.double({ min: 0, max: 1e6, noNaN: true }) });
  const anyPhase: fc.Arbitrary<Phase> = fc.record({
    done: fc.nat(1_000_000),
    left: fc.nat(1_000_000),
    late: fc.array(cost, { maxLength: 4 }),
    before: fc.option(fc.double({ min: 1e-4, max: 1e3, noNaN: true })),
  });

  it('is never below nothing, and lies in its band', () => {
    fc.assert(
      fc.property(anyPhase, anyPhase, anyPhase, (fold, store, compare) => {
        const found = estimateOf({ fold, store, compare });
        if (!found) return;
        expect(found.secondsLeftFrom).to.be.within(0, found.secondsLeft * ROUNDED);
        expect(found.secondsLeftTo).to.be.within(found.secondsLeft / ROUNDED, Number.MAX_VALUE);
      }),
    );
  });

  it('is nothing at the end, and its band with it, whatever things took', () => {
    const over = anyPhase.map((one) => ({ ...one, left: 0 }));
    fc.assert(
      fc.property(over, over, over, (fold, store, compare) => {
        expect(estimated({ fold, store, compare })).to.deep.equal({
          ...{ secondsLeft: 0, secondsLeftFrom: 0, secondsLeftTo: 0 },
        });
      }),
    );
  });

  it('is exact at a constant rate, whatever the batches', () => {
    fc.assert(
      fc.property(batches, someLeft, fc.double({ min: 0.001, max: 10, noNaN: true }), (sizes, events, msEach) => {
        const samples = after(sizes, (size) => size * msEach);
        const { secondsLeft } = estimated({ fold: foldOf(samples, events) });
        expect(secondsLeft).to.be.closeTo((events * msEach) / 1_000, 1e-6 * (1 + events * msEach));
      }),
    );
  });

  it('errs by no more than the batches vary', () => {
    const varying = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0.8, max: 1.2, noNaN: true })),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(varying, someLeft, (all, events) => {
        const samples = after(
          all.map(([size]) => size),
          (size, index) => size * (all[index]?.[1] ?? 1),
        );
        const { secondsLeft } = estimated({ fold: foldOf(samples, events) });
        expect(secondsLeft).to.be.within((events * 0.8) / 1_000 / ROUNDED, ((events * 1.2) / 1_000) * ROUNDED);
      }),
    );
  });

  it('is within 20 % from a tenth on, however slow the first twentieth was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 2_000 }),
        fc.double({ min: 1, max: 100, noNaN: true }),
        fc.double({ min: 0.1, max: 0.95, noNaN: true }),
        (count, slowness, part) => {
          const done = Math.max(Math.ceil(count * part), 4);
          const isSlow = (index: number) => index < Math.floor(count / 20);
          const samples = after(Array<number>(done).fill(1_000), (_, index) => (isSlow(index) ? slowness : 1) * 100);
          const events = (count - done) * 1_000;
          const { secondsLeft } = estimated({ fold: foldOf(samples, events) });
          expect(secondsLeft).to.be.within((events / 10_000) * 0.8, (events / 10_000) * 1.2);
        },
      ),
    );
  });

  it('needs no more than 32 samples, which go from the beginning to the newest', () => {
    fc.assert(
      fc.property(batches, (sizes) => {
        const samples = after(sizes, (size) => size);
        const all = sizes.reduce((sum, size) => sum + size, 0);
        expect(samples.length).to.be.at.most(32);
        expect([samples[0], samples.at(-1)]).to.deep.equal([NO_COST, { units: all, ms: all }]);
      }),
    );
  });
});
