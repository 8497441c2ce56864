import { expect } from 'chai';
import { kycSessionStream, pointer, stripeAccountStream } from '../../src/domain/pointer.js';
import { CreatorId } from '@creator-dashboards/shared/ids';
import { given } from '../support/decider.js';
import { creatorId, idOf, userId } from './samples.js';

const stream = kycSessionStream('session');
const point = { type: 'Point', stream, creatorId, userId } as const;
const set = { type: 'PointerSet', data: { creatorId, userId } } as const;

describe("The pointer from a provider's id to a creator", () => {
  it('is set once', () => {
    given(pointer).when(point).then(set);
    given(pointer, set).when(point).nothing();
  });
  it('cannot be redirected to another creator', () =>
    given(pointer, set)
      .when({ ...point, creatorId: CreatorId(idOf(1)) })
      .refused('common.not_found'));
  it('has a stream named after the id, or after the digest of a Stripe account', () => {
    expect(kycSessionStream('session')).to.equal('kycSession-session');
    expect(stripeAccountStream('digest')).to.equal('stripeAccount-digest');
    expect(pointer.streamOf(point)).to.equal('kycSession-session');
  });
  it('has the user and the creator in its routing keys', () =>
    expect(pointer.keysOf(pointer.initial, point)).to.deep.equal({ creatorId, userId }));
});
