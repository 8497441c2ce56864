import { expect } from 'chai';
import { documentAfter, type GivenEvent } from '../../../testing/given.js';
import { dmConfig } from '../../../src/views/dm-config/fold.js';
import { at, creator, creatorId, creatorUserId, idOf, later, upgraded } from '../../../testing/fixtures/people.js';

describe('dmConfig: fold', () => {
  const after = (...given: GivenEvent[]) => documentAfter(dmConfig, creatorId, [upgraded, ...given]);
  const updated = (dmPrice: string | null, dmActive: boolean) =>
    creator('DmConfigUpdated', {
      dmType: dmPrice === null ? 'FREE' : 'SINGLE_PAY',
      dmPrice,
      dmActive,
      previous: { dmType: null, dmPrice: null, dmActive: false },
      packageId: idOf(1),
    });

  it('DMs are not configured after the upgrade (G6)', () => {
    const { lastEvent: _, ...fresh } = after();
    expect(fresh).to.deep.equal({
      _id: creatorId,
      position: 10n,
      userId: creatorUserId,
      dmType: null,
      dmPrice: null,
      dmActive: false,
      deletedAt: null,
    });
  });
  it('the DM settings stay as chosen: a vacation does not lower dmActive', () => {
    expect(after(updated('9.90', true))).to.include({ dmType: 'SINGLE_PAY', dmPrice: 990, dmActive: true });
    expect(after(updated('9.90', true), updated(null, false))).to.include({ dmType: 'FREE', dmPrice: null });
    const away = creator('VacationEnabled', { start: at, end: null, statusAfter: 'VACATION' });
    expect(after(updated('9.90', true), away)).to.include({ dmActive: true, position: 20n });
  });
  it('the DM settings keep the time when the creator was deleted (G37)', () => {
    expect(after(creator('CreatorDeleted', { deletedAt: later }))).to.include({ deletedAt: later });
  });
});
