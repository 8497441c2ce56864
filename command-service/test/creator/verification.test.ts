import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import { CreatorId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { creator } from '../../src/domain/creator/creator.js';
import type { KycResult } from '../../src/domain/creator/commands.js';
import { pointer } from '../../src/domain/pointer.js';
import { given } from '../support/decider.js';
import { at, creatorId, idOf, later, sealed, upgraded, userId } from './samples.js';

const session = (sessionId: string) =>
  ({
    provider: 'simulator',
    providerId: sealed<string>('kyc_1'),
    sessionId,
    redirectUrl: sealed<string>('https://kyc.example/1'),
  }) as const;
const kycStarted = (sessionId: string): CreatorEvent => ({ type: 'KycStarted', data: session(sessionId) });
const approved: CreatorEvent = { type: 'KycApproved', data: { sessionId: idOf(1), completedAt: at } };
const rejected: CreatorEvent = { type: 'KycRejected', data: { sessionId: idOf(1), completedAt: at } };
const startKyc = (sessionId: string) => ({ type: 'StartKyc', creatorId, ...session(sessionId) }) as const;
const report = (sessionId: string, result: KycResult) =>
  ({ type: 'RecordKycResult', creatorId, sessionId, result, at }) as const;

describe('The creator aggregate: identity check', () => {
  it('starts from NOT_STARTED, REJECTED and EXPIRED', () => {
    given(creator, upgraded)
      .when(startKyc(idOf(1)))
      .then(kycStarted(idOf(1)));
    given(creator, upgraded, kycStarted(idOf(1)), rejected)
      .when(startKyc(idOf(2)))
      .then(kycStarted(idOf(2)));
    given(creator, upgraded, kycStarted(idOf(1)), {
      type: 'KycExpired',
      data: { sessionId: idOf(1), completedAt: at },
    })
      .when(startKyc(idOf(2)))
      .then(kycStarted(idOf(2)));
  });

  it('does not start while one is pending or after it was approved', () => {
    given(creator, upgraded, kycStarted(idOf(1)))
      .when(startKyc(idOf(2)))
      .refused('creator.kyc.in_progress');
    given(creator, upgraded, kycStarted(idOf(1)), approved)
      .when(startKyc(idOf(2)))
      .refused('creator.kyc.already_approved');
  });

  it("ends with the provider's result", () => {
    const pending = given(creator, upgraded, kycStarted(idOf(1)));
    pending.when(report(idOf(1), 'APPROVED')).then(approved);
    pending.when(report(idOf(1), 'REJECTED')).then(rejected);
    pending
      .when(report(idOf(1), 'EXPIRED'))
      .then({ type: 'KycExpired', data: { sessionId: idOf(1), completedAt: at } });
  });

  it('is still pending while in review', () => {
    given(creator, upgraded, kycStarted(idOf(1)))
      .when(report(idOf(1), 'IN_REVIEW'))
      .nothing();
  });

  it('is not decided by an older session, nor twice', () => {
    given(creator, upgraded, kycStarted(idOf(1)), rejected, kycStarted(idOf(2)))
      .when(report(idOf(1), 'APPROVED'))
      .nothing();
    given(creator, upgraded, kycStarted(idOf(1)), approved)
      .when(report(idOf(1), 'REJECTED'))
      .nothing();
  });
});

describe('The creator aggregate: Stripe account', () => {
  const account = { accountId: sealed<string>('acct_1'), onboardingUrl: sealed<string>('https://stripe.example/1') };
  const linked: CreatorEvent = { type: 'StripeAccountLinked', data: account };
  const link = { type: 'LinkStripeAccount', creatorId, ...account } as const;
  const status = { status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true } as const;

  it('requires an approved identity check', () => {
    given(creator, upgraded).when(link).refused('creator.stripe.kyc_required');
    given(creator, upgraded, kycStarted(idOf(1)))
      .when(link)
      .refused('creator.stripe.kyc_required');
    given(creator, upgraded, kycStarted(idOf(1)), approved)
      .when(link)
      .then(linked);
  });

  it('is linked once', () => {
    given(creator, upgraded, kycStarted(idOf(1)), approved, linked)
      .when(link)
      .refused('creator.stripe.connect_in_progress');
  });

  it('is PENDING until the provider says what the account can do', () => {
    const before = given(creator, upgraded, approved, linked);
    expect(before.state.stripe).to.deep.equal({
      accountId: account.accountId,
      status: 'PENDING',
      chargesEnabled: false,
      payoutsEnabled: false,
    });
    const changed: CreatorEvent = { type: 'StripeAccountStatusChanged', data: status };
    before.when({ type: 'RecordStripeStatus', creatorId, ...status, isPresent: true }).then(changed);
    expect(given(creator, upgraded, approved, linked, changed).state.stripe).to.include(status);
  });

  it('records a report that changes nothing, so that its repetition is recognised by id', () => {
    const changed: CreatorEvent = { type: 'StripeAccountStatusChanged', data: status };
    given(creator, upgraded, approved, linked, changed)
      .when({ type: 'RecordStripeStatus', creatorId, ...status, isPresent: true })
      .then(changed);
  });

  it('follows a disabled one, whose reports then change nothing (G58)', () => {
    const data = { ...status, status: 'DISABLED' as const };
    const disabled: CreatorEvent = { type: 'StripeAccountStatusChanged', data };
    const again = given(creator, upgraded, kycStarted(idOf(1)), approved, linked, disabled);
    again.when(link).then(linked);
    given(creator, upgraded, approved, linked)
      .when({ type: 'RecordStripeStatus', creatorId, ...status, isPresent: false })
      .then();
  });

  it('has no status without an account', () => {
    given(creator, upgraded)
      .when({ type: 'RecordStripeStatus', creatorId, ...status, isPresent: true })
      .refused('creator.stripe.account_not_found');
  });
});

describe('The creator aggregate: tax form and bank account (G12)', () => {
  const bank = { details: sealed<never>('details'), hasIban: true };
  const updated: CreatorEvent = { type: 'BankDetailsUpdated', data: { bankDetails: bank.details, hasIban: true } };
  const verified: CreatorEvent = { type: 'BankAccountVerified', data: { verifiedAt: at } };
  const none = {
    type: 'UpdatePayoutSettings',
    creatorId,
    bank: undefined,
    preferredPayoutMethod: undefined,
    autoPayoutEnabled: undefined,
  } as const;

  it('approves a tax form once', () => {
    const form: CreatorEvent = { type: 'TaxFormApproved', data: { at } };
    given(creator, upgraded).when({ type: 'ApproveTaxForm', creatorId, at }).then(form);
    given(creator, upgraded, form)
      .when({ type: 'ApproveTaxForm', creatorId, at })
      .refused('creator.tax_form.already_approved');
    given(creator, upgraded, form, { type: 'TaxFormRevoked', data: { at } })
      .when({ type: 'ApproveTaxForm', creatorId, at })
      .then(form);
  });

  it('verifies a bank account that has an IBAN, once', () => {
    given(creator, upgraded).when({ type: 'VerifyBankAccount', creatorId, at }).refused('creator.bank.incomplete');
    given(creator, upgraded, updated).when({ type: 'VerifyBankAccount', creatorId, at }).then(verified);
    given(creator, upgraded, updated, verified).when({ type: 'VerifyBankAccount', creatorId, at: later }).nothing();
  });

  it('loses the bank verification with any change of a bank field', () => {
    given(creator, upgraded, updated, verified)
      .when({ ...none, bank })
      .then(updated);
    expect(given(creator, upgraded, updated, verified, updated).state.bankAccountVerified).to.equal(false);
  });

  it('keeps the bank verification when only the method changes', () => {
    const method: CreatorEvent = { type: 'PreferredPayoutMethodSet', data: { method: 'BANK_TRANSFER' } };
    given(creator, upgraded, updated, verified)
      .when({ ...none, preferredPayoutMethod: 'BANK_TRANSFER' })
      .then(method);
    expect(given(creator, upgraded, updated, verified, method).state).to.include({
      bankAccountVerified: true,
      preferredPayoutMethod: 'BANK_TRANSFER',
    });
  });

  it('stores the auto payout flag without acting on it (G41)', () => {
    const auto: CreatorEvent = { type: 'AutoPayoutSet', data: { enabled: true } };
    given(creator, upgraded)
      .when({ ...none, autoPayoutEnabled: true })
      .then(auto);
    given(creator, upgraded, auto)
      .when({ ...none, autoPayoutEnabled: true })
      .nothing();
  });

  it('records nothing when no field is given', () => {
    given(creator, upgraded).when(none).nothing();
    given(creator, upgraded)
      .when({ ...none, preferredPayoutMethod: null, autoPayoutEnabled: false })
      .nothing();
  });
});

describe("The pointer from a provider's id to a creator", () => {
  const point = { type: 'Point', stream: 'kycSession-1', creatorId, userId } as const;
  const set = { type: 'PointerSet', data: { creatorId, userId } } as const;

  it('is written once', () => {
    given(pointer).when(point).then(set);
    given(pointer, set).when(point).nothing();
    given(pointer, set)
      .when({ ...point, creatorId: CreatorId(idOf(9)) })
      .refused('common.not_found');
  });
});
