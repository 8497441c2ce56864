import { expect } from 'chai';
import { kycSessionStream, pointer, stripeAccountStream } from '../../src/domain/pointer.js';
import { CreatorId } from '@creator-dashboards/shared/ids';
import { given } from '../support/decider.js';
import { creatorId, idOf, userId } from './samples.js';

const stream = kycSessionStream('session');
const point = { type: 'Point', stream, creatorId, userId } as const;
const set = { type: 'PointerSet', data: { creatorId, userId } } as const;

describe("A pointer from a provider's id to a creator", () => {
  it('is set once', () => {
    given(pointer).when(point).then(set);
    given(pointer, set).when(point).nothing();
  });
  it('never leads to another creator', () =>
    given(pointer, set)
      .when({ ...point, creatorId: CreatorId(idOf(1)) })
      .refused('common.not_found'));
  it('has a stream that is named by the id, of a Stripe account by its digest', () => {
    expect(kycSessionStream('session')).to.equal('kycSession-session');
    expect(stripeAccountStream('digest')).to.equal('stripeAccount-digest');
    expect(pointer.streamOf(point)).to.equal('kycSession-session');
  });
  it('names user and creator in its keys', () =>
    expect(pointer.keysOf(pointer.initial, point)).to.deep.equal({ creatorId, userId }));
});
