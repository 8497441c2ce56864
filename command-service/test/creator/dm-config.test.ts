import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import type { DmType } from '@creator-dashboards/shared/events/define';
import { expect } from 'chai';
import { creator } from '../../src/domain/creator/creator.js';
import { given } from '../support/decider.js';
import { creatorId, idOf, upgraded } from './samples.js';

const update = (dmType: DmType | null, dmPrice: number | null | undefined, dmActive: boolean) =>
  ({
    type: 'UpdateDmConfig',
    creatorId,
    dmType,
    dmPrice,
    dmActive,
    priceRange: { min: 100, max: 50_000 },
    packageId: idOf(3),
  }) as const;

const never = { dmType: null, dmPrice: null, dmActive: false };
const set = (dmType: DmType, dmPrice: string | null, dmActive: boolean): CreatorEvent => ({
  type: 'DmConfigUpdated',
  data: { dmType, dmPrice, dmActive, previous: never, packageId: idOf(3) },
});

describe('The creator aggregate: DM settings (G31)', () => {
  it('records type, price and switch, and their values before', () => {
    given(creator, upgraded)
      .when(update('SINGLE_PAY', 499, true))
      .then({
        type: 'DmConfigUpdated',
        data: {
          dmType: 'SINGLE_PAY',
          dmPrice: '4.99',
          dmActive: true,
          previous: never,
          packageId: idOf(3),
        },
      });
  });

  it('records what was set before', () => {
    const decided = given(creator, upgraded, set('SINGLE_PAY', '5.00', true)).when(
      update('PER_MESSAGE', 500, true),
    ).decided;
    expect(decided).to.have.nested.property('[0].data.previous.dmType', 'SINGLE_PAY');
    expect(decided).to.have.nested.property('[0].data.previous.dmPrice', '5.00');
  });

  it('stores no price for FREE, whatever price was given', () => {
    expect(given(creator, upgraded).when(update('FREE', 700, true)).decided).to.have.nested.property(
      '[0].data.dmPrice',
      null,
    );
  });

  it('refuses DMs that are paid and active without a price', () => {
    given(creator, upgraded)
      .when(update('SINGLE_PAY', null, true))
      .refused('creator.dm.price_required');
  });

  it('stores null for DMs that are paid and inactive without a price', () => {
    given(creator, upgraded)
      .when(update('PER_MESSAGE', null, false))
      .then(set('PER_MESSAGE', null, false));
  });

  it('accepts both ends of the configured price range, and nothing beyond', () => {
    const priced = (cents: number) => given(creator, upgraded).when(update('PER_MESSAGE', cents, true));
    expect(priced(100).decided).to.have.nested.property('[0].data.dmPrice', '1.00');
    expect(priced(50_000).decided).to.have.nested.property('[0].data.dmPrice', '500.00');
    priced(99).refused('creator.dm.price_out_of_range');
    priced(50_001).refused('creator.dm.price_out_of_range');
    expect(priced(99).decided).to.deep.include({ vars: { min: '1.00', max: '500.00' } });
  });

  it('records nothing when nothing changes', () => {
    given(creator, upgraded, set('SINGLE_PAY', '5.00', true))
      .when(update('SINGLE_PAY', 500, true))
      .nothing();
  });

  it('leaves a price that is not given as it is, also from one paid type to the other', () => {
    given(creator, upgraded, set('SINGLE_PAY', '5.00', true))
      .when(update('SINGLE_PAY', undefined, true))
      .nothing();
    const other = given(creator, upgraded, set('SINGLE_PAY', '5.00', true)).when(
      update('PER_MESSAGE', undefined, true),
    );
    expect(other.decided).to.have.nested.property('[0].data.dmPrice', '5.00');
    given(creator, upgraded)
      .when(update('SINGLE_PAY', undefined, true))
      .refused('creator.dm.price_required');
  });

  it('accepts what is already so when the range has moved since', () => {
    given(creator, upgraded, set('SINGLE_PAY', '0.50', true))
      .when(update('SINGLE_PAY', 50, true))
      .nothing();
  });

  it('takes no type for what it is only as long as none was chosen', () => {
    given(creator, upgraded)
      .when(update(null, null, false))
      .nothing();
    given(creator, upgraded)
      .when(update(null, null, true))
      .refused('common.validation_failed');
    given(creator, upgraded, set('FREE', null, true))
      .when(update(null, null, true))
      .refused('common.validation_failed');
  });

  it('records a change of the switch alone, and of the price alone', () => {
    const before = given(creator, upgraded, set('SINGLE_PAY', '5.00', true));
    expect(before.when(update('SINGLE_PAY', 500, false)).decided).to.have.nested.property('[0].data.dmActive', false);
    expect(before.when(update('SINGLE_PAY', 501, true)).decided).to.have.nested.property('[0].data.dmPrice', '5.01');
  });

  it('keeps the price in cents in its state, null where there is none', () => {
    expect(given(creator, upgraded, set('SINGLE_PAY', '5.05', true)).state).to.include({ dmPrice: 505 });
    expect(given(creator, upgraded, set('FREE', null, true)).state).to.include({ dmPrice: null });
  });
});
