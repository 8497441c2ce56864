import { expect } from 'chai';
import fc from 'fast-check';
import type { Level } from '../../../src/events/define.js';
import { levelProgress, responseRate } from '../../../src/views/creator-dashboard/present.js';
import { config } from '../../../testing/fixtures/documents.js';

/**
 * 100 * part / whole rounded half up, found by search: the greatest whole k with k - 1/2 <= 100 * part / whole. Written
 * independently of the code under test, which divides.
 */
function roundedPercent(part: number, whole: number): number {
  let k = 0;
  while (k < 100 && (2 * (k + 1) - 1) * whole <= 200 * part) k += 1;
  return k;
}

const next = { BRONZE: 'silver', SILVER: 'gold', GOLD: 'platinum' } as const;
const gates = (level: keyof typeof next, messages: number, earnings: number) =>
  config({
    [`creator.${next[level]}_min_messages`]: messages,
    [`creator.${next[level]}_min_earnings`]: earnings,
  });
const progress = (messages: number, cents: number, settings = config(), level: Level = 'BRONZE') =>
  levelProgress(level, messages, cents, settings).nextLevelProgress;

describe('creatorDashboard: level progress (G10, G11)', () => {
  it('level progress is the lower of the two progress values', () => {
    expect(progress(47, 125_000)).to.equal(25);
    expect(progress(10, 500_000)).to.equal(10);
  });

  it('level progress is 99 at most while one threshold is not met', () => {
    expect(progress(100, 499_999)).to.equal(99);
    expect(progress(999, 500_000, gates('BRONZE', 1_000, 5_000))).to.equal(99);
  });

  it('level progress is 100 with both thresholds met, and at PLATINUM without requirements', () => {
    expect(progress(100, 500_000)).to.equal(100);
    expect(levelProgress('PLATINUM', 0, 0, null)).to.deep.equal({
      nextLevel: null,
      nextLevelProgress: 100,
      nextLevelRequirements: null,
    });
  });

  it('level progress treats a required 0 as met', () => {
    expect(progress(0, 0, gates('BRONZE', 0, 0))).to.equal(100);
    expect(progress(0, 250_000, gates('BRONZE', 0, 5_000))).to.equal(50);
  });

  it('level progress rounds an exact half up', () => {
    expect(progress(1, 500_000, gates('BRONZE', 200, 0))).to.equal(1); // 0.5 %
    expect(progress(57, 0, gates('BRONZE', 200, 0))).to.equal(29); // 28.5 %, which as a product of floats comes out lower
  });

  it('level progress is 0, not less, with earnings negative after reversals', () =>
    expect(progress(50, -1_000)).to.equal(0));

  it('each level has the documented default thresholds (G9)', () => {
    const required = (level: Level) => {
      const { messages, earnings } = levelProgress(level, 0, 0, null).nextLevelRequirements ?? {};
      return [messages?.required, earnings?.required];
    };
    expect(required('BRONZE')).to.deep.equal([100, 5_000]);
    expect(required('SILVER')).to.deep.equal([500, 25_000]);
    expect(required('GOLD')).to.deep.equal([2_000, 100_000]);
  });

  it('the requirements of the next level show earnings as a number of major units, cents included', () => {
    expect(levelProgress('BRONZE', 3, 125_050, gates('BRONZE', 10, 99.99)).nextLevelRequirements).to.deep.equal({
      messages: { current: 3, required: 10 },
      earnings: { current: 1250.5, required: 99.99 },
    });
  });

  it('level progress follows its definition for any numbers', () => {
    const level = fc.constantFrom('BRONZE' as const, 'SILVER' as const, 'GOLD' as const);
    const near = (most: number) => fc.oneof(fc.nat(most), fc.nat(20));
    fc.assert(
      fc.property(level, near(3_000), near(3_000), near(2_000_000), near(20_000), (from, have, need, cents, major) => {
        const { nextLevelProgress } = levelProgress(from, have, cents, gates(from, need, major));
        const gate = (current: number, required: number) =>
          current >= required ? 100 : Math.min(99, roundedPercent(current, required));
        expect(nextLevelProgress).to.equal(Math.min(gate(have, need), gate(cents, major * 100)));
        expect(Number.isInteger(nextLevelProgress) && nextLevelProgress >= 0).to.equal(true);
        expect(nextLevelProgress === 100).to.equal(have >= need && cents >= major * 100);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('creatorDashboard: response rate (G1)', () => {
  it('the response rate is 100 before any outcome', () => expect(responseRate(0, 0)).to.equal(100));
  it('the response rate is 95 for 19 of 20', () => expect(responseRate(19, 20)).to.equal(95));
  it('the response rate rounds an exact half up', () => expect(responseRate(57, 200)).to.equal(29));

  it('the response rate follows its definition for any counts', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), (answered, refused) => {
        const rate = responseRate(answered, answered + refused);
        expect(rate).to.equal(answered + refused === 0 ? 100 : roundedPercent(answered, answered + refused));
      }),
      { numRuns: 2_000 },
    );
  });
});
