import { expect } from 'chai';
import { creatorProfile } from '../../../src/views/creator-profile/fold.js';
import { creator, creatorUserId, idOf, upgraded } from '../../../testing/fixtures/people.js';
import { documentAfter, type GivenEvent } from '../../../testing/given.js';

const after = (...given: GivenEvent[]) => documentAfter(creatorProfile, creatorUserId, [upgraded, ...given]);
const day = (n: number) => `2026-06-0${n}T00:00:00.000Z`;

describe('creatorProfile: DM packages', () => {
  const dm = (n: number, dmType: 'FREE' | 'PER_MESSAGE' | 'SINGLE_PAY', dmPrice: string | null, dmActive: boolean) =>
    creator(
      'DmConfigUpdated',
      {
        dmType,
        dmPrice,
        dmActive,
        previous: { dmType: null, dmPrice: null, dmActive: false },
        packageId: idOf(['FREE', 'PER_MESSAGE', 'SINGLE_PAY'].indexOf(dmType) + 1),
      },
      day(n),
    );
  const free = { id: idOf(1), dmType: 'FREE', price: null };
  const paid = { id: idOf(2), dmType: 'PER_MESSAGE' };

  it('DM packages follow the settings: one per type, the chosen one active (9.12)', () => {
    const profile = after(
      dm(1, 'FREE', null, true),
      dm(2, 'PER_MESSAGE', '3.00', true),
      dm(3, 'PER_MESSAGE', '4.50', true),
    );
    expect(profile).to.include({ dmType: 'PER_MESSAGE', dmPrice: 450, dmActive: true, updatedAt: day(3) });
    expect(profile.dmPackages).to.deep.equal([
      { ...free, active: false, createdAt: day(1), updatedAt: day(2) },
      { ...paid, price: 450, active: true, createdAt: day(2), updatedAt: day(3) },
    ]);
  });
  it('the first choice of a third DM type ends the active package alone', () => {
    const { dmPackages } = after(
      dm(1, 'FREE', null, true),
      dm(2, 'PER_MESSAGE', '3.00', true),
      dm(3, 'SINGLE_PAY', '5.00', true),
    );
    expect(dmPackages).to.deep.equal([
      { ...free, active: false, createdAt: day(1), updatedAt: day(2) },
      { ...paid, price: 300, active: false, createdAt: day(2), updatedAt: day(3) },
      { id: idOf(3), dmType: 'SINGLE_PAY', price: 500, active: true, createdAt: day(3), updatedAt: day(3) },
    ]);
  });
  it('a DM package stays chosen while DMs are off, and keeps its creation time when it returns', () => {
    const { dmPackages } = after(
      dm(1, 'FREE', null, true),
      dm(2, 'PER_MESSAGE', null, false),
      dm(3, 'FREE', null, false),
    );
    expect(dmPackages).to.deep.equal([
      { ...free, active: true, createdAt: day(1), updatedAt: day(3) },
      { ...paid, price: null, active: false, createdAt: day(2), updatedAt: day(3) },
    ]);
  });
});
