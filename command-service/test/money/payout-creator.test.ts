import { sealedValue } from '@creator-dashboards/shared/testing/given';
import { expect } from 'chai';
import { CreatorId } from '@creator-dashboards/shared/ids';
import { creator, type CreatorState } from '../../src/domain/creator/creator.js';
import { payoutCreatorOf } from '../../src/domain/payout-facts.js';

const stripe = { accountId: sealedValue('s', 'c'), status: 'ACTIVE' } as const;
const with_ = (changes: Partial<CreatorState>) =>
  payoutCreatorOf({ ...creator.initial, exists: true, creatorId: CreatorId('creator-1'), ...changes });

describe('The facts about a creator that a payout request is checked against (G12)', () => {
  it('are null without a profile or after it was deleted', () => {
    expect(payoutCreatorOf(creator.initial)).to.equal(null);
    expect(with_({ deletedAt: '2026-05-01T10:00:00.000Z' })).to.equal(null);
  });
  it('are only the status for a fresh profile', () =>
    expect(with_({})).to.deep.equal({
      status: 'ACTIVE',
      kycApproved: false,
      taxFormApproved: false,
      readyMethods: [],
      preferredMethod: null,
    }));
  it("are the creator's settings and the approvals given", () =>
    expect(
      with_({
        status: 'VACATION',
        kycStatus: 'APPROVED',
        taxFormApproved: true,
        stripe: { ...stripe, chargesEnabled: false, payoutsEnabled: true },
        bankAccountVerified: true,
        preferredPayoutMethod: 'BANK_TRANSFER',
      }),
    ).to.deep.equal({
      status: 'VACATION',
      kycApproved: true,
      taxFormApproved: true,
      readyMethods: ['STRIPE_CONNECT', 'BANK_TRANSFER'],
      preferredMethod: 'BANK_TRANSFER',
    }));
  it('call a method ready only if the Stripe account is active with payouts enabled, or the bank account is verified', () => {
    expect(with_({ stripe: { ...stripe, chargesEnabled: true, payoutsEnabled: false } })?.readyMethods).to.deep.equal(
      [],
    );
    const restricted = { ...stripe, status: 'RESTRICTED', chargesEnabled: true, payoutsEnabled: true } as const;
    expect(with_({ stripe: restricted })?.readyMethods).to.deep.equal([]);
    expect(with_({ bankAccountVerified: true })?.readyMethods).to.deep.equal(['BANK_TRANSFER']);
  });
  it('call the identity proved only once it was approved', () => {
    for (const kycStatus of ['NOT_STARTED', 'PENDING', 'REJECTED', 'EXPIRED'] as const)
      expect(with_({ kycStatus })?.kycApproved, kycStatus).to.equal(false);
  });
});
