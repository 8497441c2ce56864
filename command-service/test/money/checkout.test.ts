import { sealedValue } from '@creator-dashboards/shared/testing/given';
import type { CheckoutEvent } from '@creator-dashboards/shared/events/wallet';
import { newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { checkout, type CheckoutCommand } from '../../src/domain/checkout.js';
import { given } from '../support/decider.js';

const sessionId = newId();
const userId = newId();
const checkoutUrl = sealedValue(userId, 'c');

const start: CheckoutCommand = { type: 'StartCheckout', sessionId, userId, amount: 1_050, checkoutUrl };
const complete = (amount = 1_050): CheckoutCommand => ({ type: 'CompleteCheckout', sessionId, amount });
const started: CheckoutEvent = { type: 'CheckoutStarted', data: { sessionId, userId, amount: '10.50', checkoutUrl } };
const completed: CheckoutEvent = { type: 'CheckoutCompleted', data: { sessionId, userId, amount: '10.50' } };
const chargeBack = (amount = 1_050): CheckoutCommand => ({ type: 'ChargeBackCheckout', sessionId, amount });
const chargedBack: CheckoutEvent = { type: 'CheckoutChargedBack', data: { sessionId, userId, amount: '10.50' } };
const mismatch = (amount: string): CheckoutEvent => ({
  type: 'CheckoutMismatch',
  data: { sessionId, amount, expected: '10.50' },
});

describe('The checkout aggregate', () => {
  it('starts once', () => {
    given(checkout).when(start).then(started);
    given(checkout, started).when(start).nothing();
  });
  it('has its own stream and the user in its routing keys', () => {
    expect(checkout.streamOf(start)).to.equal(`checkout-${sessionId}`);
    expect(checkout.keysOf(given(checkout, started).state, complete())).to.deep.equal({ userId });
  });
  it('completes once, with exactly its amount', () => {
    given(checkout, started).when(complete()).then(completed);
    given(checkout, started, completed).when(complete()).nothing();
  });
  it('credits nothing for another amount, and can still complete', () => {
    given(checkout, started).when(complete(1_049)).then(mismatch('10.49'));
    given(checkout, started).when(complete(1_051)).then(mismatch('10.51'));
    given(checkout, started, mismatch('10.49')).when(complete()).then(completed);
  });
  it('is not found before it started', () => {
    given(checkout).when(complete()).refused('wallet.checkout.error.not_found');
    given(checkout).when(chargeBack()).refused('wallet.checkout.error.not_found');
  });
  it('is charged back once, with exactly its amount (G48)', () => {
    given(checkout, started, completed).when(chargeBack()).then(chargedBack);
    given(checkout, started, completed, chargedBack).when(chargeBack()).nothing();
    given(checkout, started, completed).when(chargeBack(1_049)).then(mismatch('10.49'));
  });
  it('is not charged back before it is completed: the provider must come again (G48)', () =>
    given(checkout, started).when(chargeBack()).refused('wallet.checkout.error.not_completed'));
});
