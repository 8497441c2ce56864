import { codeOf, messageOf, statusOf, type ErrorKey } from '../src/errors.js';
import { catalogue } from '../src/errors/catalogue.js';
import { expect } from 'chai';

describe('The error catalogue', () => {
  const keys = Object.keys(catalogue) as ErrorKey[];

  it('has a code for each key (G27)', () => {
    expect(codeOf('auth.token.invalid')).to.equal('AUTH_UNAUTHORIZED');
    expect(codeOf('auth.login.invalid_credentials')).to.equal('AUTH_UNAUTHORIZED');
    expect(codeOf('creator.dashboard.not_found')).to.equal('CREATOR_DASHBOARD_NOT_FOUND');
    expect(codeOf('common.validation_failed')).to.equal('VALIDATION_FAILED');
    expect(codeOf('common.rate_limited')).to.equal('RATE_LIMITED');
    expect(codeOf('features.referral_disabled')).to.equal('FEATURE_DISABLED');
    for (const key of keys) expect(codeOf(key), key).to.match(/^[A-Z][A-Z0-9_]+$/);
  });

  it('has the errors of the guards (G28)', () => {
    const guards: [ErrorKey, number][] = [
      ['auth.token.invalid', 401],
      ['common.validation_failed', 400],
      ['common.rate_limited', 429],
      ['creator.ownership.forbidden', 403],
      ['common.internal_error', 500],
    ];
    for (const [key, status] of guards) expect(statusOf(key), key).to.equal(status);
  });

  it('says in every message what is wrong, with all variables filled in', () => {
    for (const key of keys) {
      expect(key).to.match(/^[a-z0-9_]+(\.[a-z0-9_]+)+$/);
      expect(statusOf(key), key).to.be.within(400, 599);
      expect(messageOf(key), key).to.match(/^[A-Z].*\.$/);
    }
    expect(messageOf('creator.dm.price_out_of_range', { min: '1.00', max: '500.00' })).to.equal(
      'The price must be from 1.00 to 500.00.',
    );
  });
});
