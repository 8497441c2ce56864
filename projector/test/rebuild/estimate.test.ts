import { expect } from 'chai';
import fc from 'fast-check';
import { estimateOf, withSample, type Estimate, type Sample } from '../../src/rebuild/estimate.js';

/** What sums of numbers with fractions may be off by. */
const ROUNDED = 1 + 1e-9;
const START: Sample = { events: 0, ms: 0 };
const batches = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 200 });
const left = fc.integer({ min: 0, max: 10_000_000 });

/** The samples after these batches, each of which takes `msOf` of its events. */
function after(sizes: readonly number[], msOf: (events: number, index: number) => number): readonly Sample[] {
  return sizes.reduce<readonly Sample[]>(
    (samples, size, index) => {
      const { events, ms } = samples.at(-1) ?? START;
      return withSample(samples, { events: events + size, ms: ms + msOf(size, index) });
    },
    [START],
  );
}

function estimated(samples: readonly Sample[], events: number): Estimate {
  const estimate = estimateOf(samples, events);
  if (!estimate) throw new Error('no estimate');
  return estimate;
}

describe('The estimate of the time that a replay still takes', () => {
  it('is by events a second: 1,000 in two seconds leave six seconds for 3,000', () => {
    expect(estimateOf([START, { events: 1_000, ms: 2_000 }], 3_000)).to.deep.equal({
      eventsPerSecond: 500,
      secondsLeft: 6,
      secondsLeftFrom: 6 * 0.9,
      secondsLeftTo: 6 * 1.1,
    });
  });

  it('is by the newest events where few are left: the last 1,000 took half a second, so the next do', () => {
    const samples = [START, { events: 4_000, ms: 4_000 }, { events: 8_000, ms: 8_000 }, { events: 9_000, ms: 8_500 }];
    expect(estimated(samples, 1_125)).to.include({ eventsPerSecond: 2_000, secondsLeft: 1_125 / 2_000 });
  });

  it('has what follows the last event: half a second to store documents makes six seconds six and a half', () => {
    expect(estimateOf([START, { events: 1_000, ms: 2_000 }], 3_000, 500)).to.deep.include({
      eventsPerSecond: 500,
      secondsLeft: 6.5,
      secondsLeftFrom: 6.5 * 0.9,
      secondsLeftTo: 6.5 * 1.1,
    });
  });

  it('has the band of the rates of late: 500 and 1,000 a second leave three to six seconds for 3,000', () => {
    const samples = [START, { events: 1_000, ms: 9_000 }, { events: 1_500, ms: 10_000 }, { events: 2_000, ms: 10_500 }];
    const { secondsLeft, secondsLeftFrom, secondsLeftTo } = estimated(samples, 3_000);
    expect([secondsLeftFrom, secondsLeft, secondsLeftTo]).to.deep.equal([3, 4.5, 6]);
  });

  it('is none before anything was done, nor where no time has passed', () => {
    for (const samples of [[], [START], [START, { events: 0, ms: 5 }], [START, { events: 5, ms: 0 }]])
      expect(estimateOf(samples, 100)).to.equal(null);
  });

  it('is exact at a constant rate, whatever the batches', () => {
    fc.assert(
      fc.property(batches, left, fc.double({ min: 0.001, max: 10, noNaN: true }), (sizes, events, msEach) => {
        const { secondsLeft } = estimated(
          after(sizes, (size) => size * msEach),
          events,
        );
        expect(secondsLeft).to.be.closeTo((events * msEach) / 1_000, 1e-6 * (1 + events * msEach));
      }),
    );
  });

  it('errs by no more than the batches vary', () => {
    const varying = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0.8, max: 1.2, noNaN: true })),
      {
        minLength: 1,
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(varying, left, (all, events) => {
        const samples = after(
          all.map(([size]) => size),
          (size, index) => size * (all[index]?.[1] ?? 1),
        );
        const { secondsLeft } = estimated(samples, events);
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
          expect(estimated(samples, events).secondsLeft).to.be.within((events / 10_000) * 0.8, (events / 10_000) * 1.2);
        },
      ),
    );
  });

  it('lies in its band, and grows with what is left', () => {
    const anyTimes = fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 10_000 })), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(anyTimes, left, left, (all, some, more) => {
        const samples = after(
          all.map(([size]) => size),
          (_, index) => all[index]?.[1] ?? 1,
        );
        const { secondsLeft, secondsLeftFrom, secondsLeftTo, eventsPerSecond } = estimated(samples, some);
        expect(eventsPerSecond).to.be.greaterThan(0);
        expect(secondsLeftFrom).to.be.within(0, secondsLeft);
        expect(secondsLeftTo).to.be.within(secondsLeft, Number.MAX_VALUE);
        expect(estimated(samples, some + more).secondsLeft).to.be.at.least(secondsLeft);
      }),
    );
  });

  it('needs no more than 32 samples, which go from the beginning to the newest', () => {
    fc.assert(
      fc.property(batches, (sizes) => {
        const samples = after(sizes, (size) => size);
        const all = sizes.reduce((sum, size) => sum + size, 0);
        expect(samples.length).to.be.at.most(32);
        expect([samples[0], samples.at(-1)]).to.deep.equal([START, { events: all, ms: all }]);
      }),
    );
  });
});
