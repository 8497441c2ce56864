import { expect } from 'chai';
import type { Checkpoint } from '../../src/feed/lease.js';
import { createSilence, isSilent } from '../../src/feed/silence.js';

describe('The silence of a feed', () => {
  const at = (change: Partial<Checkpoint>): Checkpoint => ({
    ...{ _id: 'a', position: 7n, eventId: 'e', token: 1, owner: 'one', beat: 4 },
    ...change,
  });
  let now: number;
  let silence: ReturnType<typeof createSilence>;
  beforeEach(() => {
    now = 1_000;
    silence = createSilence({ monotonic: () => now });
  });

  it('lasts since its record was first seen as it is, by the clock of whoever looks', () => {
    expect(silence(at({}))).to.equal(0);
    now += 7_999;
    expect(isSilent(silence(at({})))).to.equal(false);
    now += 1;
    expect(silence(at({}))).to.equal(8_000);
    expect(isSilent(8_000)).to.equal(true);
  });

  for (const sign of [{ beat: 5 }, { token: 2 }, { position: 9n }] as const)
    it(`ends with a sign of life: ${Object.keys(sign).join()}`, () => {
      silence(at({}));
      now += 60_000;
      expect(silence(at(sign))).to.equal(0);
    });

  it('is told of each feed by itself', () => {
    silence(at({}));
    now += 100;
    expect([silence(at({ _id: 'b' })), silence(at({}))]).to.deep.equal([0, 100]);
  });
});
