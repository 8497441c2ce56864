import { derivedId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { PROVIDER_MS } from '../../src/commands/asking-providers.js';
import { creator, creatorStream } from '../../src/domain/creator/creator.js';
import { creators } from '../../src/features/creator.js';
import { processBeside } from '../support/another-process.js';
import type { Harness } from '../support/harness.js';
import { becomeCreator, person, start, type CreatorPerson } from './flows.js';

describe('Identity check and Stripe account of a creator', () => {
  let h: Harness;
  let alice: CreatorPerson;
  /** How often each provider was called. */
  let asked: { kyc: number; stripe: number };
  let webhooks = 0;

  beforeEach(async () => {
    asked = { kyc: 0, stripe: 0 };
    h = await start({
      providers: (simulators) => ({
        ...simulators,
        kyc: {
          ...simulators.kyc,
          start(request) {
            asked.kyc += 1;
            return simulators.kyc.start(request);
          },
        },
        stripe: {
          ...simulators.stripe,
          createAccount(request) {
            asked.stripe += 1;
            return simulators.stripe.createAccount(request);
          },
        },
      }),
    });
    alice = await becomeCreator(h);
  });
  afterEach(() => h.close());

  const startKyc = 'POST /creators/kyc/start';
  const startStripe = 'POST /creators/stripe-connect/initiate';
  const reportKyc = (sessionId: unknown, status: string, id = `kyc-${(webhooks += 1)}`) =>
    h.data('POST /webhooks/kyc', { body: { id, sessionId, status } });
  const state = async () => (await h.service.commands.load(creator, creatorStream(alice.creatorId))).state;
  const approve = async () => reportKyc((await h.data(startKyc, { as: alice.as })).sessionId, 'APPROVED');

  it('are refused with 503 while the provider fails or does not answer; nothing is written, and a later request succeeds', async () => {
    const time = createManualTime(h.service.clock.now());
    const { kyc } = h.service.providers;
    for (const answer of [Promise.reject(new Error('no route')), new Promise<never>(() => undefined)]) {
      answer.catch(() => undefined);
      let ask = () => {};
      const unanswered = () => {
        ask();
        return answer;
      };
      const down = {
        ...h.service.providers,
        kyc: { ...kyc, start: unanswered, resume: unanswered },
        stripe: { createAccount: unanswered, resume: unanswered },
      };
      const away = processBeside(h.service, [creators], { providers: down, clock: time });
      const bea = await becomeCreator(h);
      const as = bea.as;
      const isDown = async (row: string) => {
        const head = await h.service.events.head();
        const asked = new Promise<void>((resolve) => (ask = resolve));
        const outcome = away.call(row, { as }).catch((error: unknown) => error);
        await asked;
        await time.advance(PROVIDER_MS);
        expect(await outcome, row).to.include({ key: 'common.provider_unavailable' });
        expect(await h.service.events.head(), 'nothing was written').to.equal(head);
      };
      await isDown(startKyc);
      const { sessionId } = await h.data(startKyc, { as });
      await isDown('POST /creators/kyc/refresh-link');
      await reportKyc(sessionId, 'APPROVED');
      await isDown(startStripe);
      await h.call(startStripe, { as });
      await isDown('POST /creators/stripe-connect/refresh-link');
    }
  });

  describe('identity check', () => {
    it("answers the provider's URL and becomes pending", async () => {
      const answer = await h.call(startKyc, { as: alice.as });
      expect(answer.status).to.equal(201);
      const data = answer.data as { sessionId: string };
      expect(data).to.include({ provider: 'simulator' });
      expect(data).to.have.property('redirectUrl', `https://kyc.simulator.invalid/sessions/${data.sessionId}`);
      expect(await h.types(`kycSession-${data.sessionId}`)).to.deep.equal(['PointerSet']);
      expect((await state()).kycStatus).to.equal('PENDING');
    });

    it("is decided by the provider's webhook, once per webhook", async () => {
      const { sessionId } = await h.data(startKyc, { as: alice.as });
      await reportKyc(sessionId, 'IN_REVIEW');
      expect((await state()).kycStatus).to.equal('PENDING');
      const first = await reportKyc(sessionId, 'REJECTED', 'the same');
      expect((await state()).kycStatus).to.equal('REJECTED');
      expect(await reportKyc(sessionId, 'APPROVED', 'the same')).to.deep.equal(first);
      await reportKyc(sessionId, 'APPROVED');
      expect((await state()).kycStatus).to.equal('REJECTED');
    });

    it('restarts with a new session after a rejection; the old session decides nothing', async () => {
      const { sessionId: old } = await h.data(startKyc, { as: alice.as });
      await reportKyc(old, 'REJECTED');
      const { sessionId } = await h.data(startKyc, { as: alice.as });
      expect(sessionId).not.to.equal(old);
      await reportKyc(old, 'APPROVED');
      expect((await state()).kycStatus).to.equal('PENDING');
      await reportKyc(sessionId, 'APPROVED');
      expect((await state()).kycStatus).to.equal('APPROVED');
    });

    it('does not call the provider when it would be refused', async () => {
      await h.call(startKyc, { as: alice.as });
      await h.refused('creator.kyc.in_progress', startKyc, { as: alice.as });
      await h.refused('error.creator.not_found', startKyc, { as: await person(h) });
      expect(asked.kyc).to.equal(1);
    });

    it('is refused once approved', async () => {
      await approve();
      await h.refused('creator.kyc.already_approved', startKyc, { as: alice.as });
    });

    it('answers a retry with the first session', async () => {
      const first = await h.data(startKyc, { as: alice.as, key: 'key' });
      expect(await h.data(startKyc, { as: alice.as, key: 'key' })).to.deep.equal(first);
      expect(asked.kyc).to.equal(1);
    });

    it('goes on at a new address while it is in progress, and only then (G58)', async () => {
      const refresh = 'POST /creators/kyc/refresh-link';
      await h.refused('creator.kyc.not_in_progress', refresh, { as: alice.as });
      const { sessionId } = await h.data(startKyc, { as: alice.as });
      const head = await h.service.events.head();
      expect(await h.data(refresh, { as: alice.as })).to.deep.equal({
        redirectUrl: `https://kyc.simulator.invalid/sessions/${String(sessionId)}`,
        sessionId,
      });
      expect(await h.service.events.head(), 'nothing is written').to.equal(head);
      await reportKyc(sessionId, 'APPROVED');
      await h.refused('creator.kyc.not_in_progress', refresh, { as: alice.as });
      await h.refused('error.creator.not_found', refresh, { as: await person(h) });
    });

    it('answers 404 to a webhook about an unknown session', async () => {
      await h.refused('error.creator.not_found', 'POST /webhooks/kyc', {
        body: { id: 'x', sessionId: derivedId('nobody'), status: 'APPROVED' },
      });
    });
  });

  describe('Stripe account', () => {
    const report = (accountId: unknown, status: string, enabled: boolean, id = `stripe-${(webhooks += 1)}`) =>
      h.data('POST /webhooks/stripe', {
        body: { id, accountId, status, chargesEnabled: enabled, payoutsEnabled: enabled },
      });

    it('requires an approved identity check before the provider is called', async () => {
      await h.refused('creator.stripe.kyc_required', startStripe, { as: alice.as });
      await h.refused('creator.stripe.not_creator', startStripe, { as: await person(h) });
      expect(asked.stripe).to.equal(0);
    });

    it('is linked and pending; its id is nowhere stored in clear (9.8)', async () => {
      await approve();
      const { accountId, onboardingUrl } = await h.data(startStripe, { as: alice.as });
      expect(onboardingUrl).to.equal(`https://stripe.simulator.invalid/onboarding/${String(accountId)}`);
      expect((await state()).stripe).to.include({ status: 'PENDING', payoutsEnabled: false });
      const log = (await h.log()).map(({ stream, data, metadata }) => [stream, data, metadata.keys]);
      expect(JSON.stringify(log)).not.to.contain(String(accountId));
      await h.refused('creator.stripe.connect_in_progress', startStripe, { as: alice.as });
    });

    it('answers a retry with the first account', async () => {
      await approve();
      const first = await h.data(startStripe, { as: alice.as, key: 'key' });
      expect(await h.data(startStripe, { as: alice.as, key: 'key' })).to.deep.equal(first);
      expect(asked.stripe).to.equal(1);
    });

    it('changes as the provider reports; a repeated report changes nothing', async () => {
      await approve();
      const { accountId } = await h.data(startStripe, { as: alice.as });
      await report(accountId, 'ACTIVE', true, 'first');
      expect((await state()).stripe).to.include({ status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true });
      await report(accountId, 'ACTIVE', true, 'said twice');
      await report(accountId, 'RESTRICTED', false);
      await report(accountId, 'ACTIVE', true, 'first');
      await report(accountId, 'ACTIVE', true, 'said twice');
      expect((await state()).stripe).to.include({ status: 'RESTRICTED', payoutsEnabled: false });
    });

    it('goes on at a new address; after it was disabled another account is opened (G58)', async () => {
      const refresh = 'POST /creators/stripe-connect/refresh-link';
      await h.refused('creator.stripe.not_creator', refresh, { as: await person(h) });
      await approve();
      await h.refused('creator.stripe.account_not_found', refresh, { as: alice.as });
      const first = await h.data(startStripe, { as: alice.as });
      expect(await h.data(refresh, { as: alice.as })).to.deep.equal({ onboardingUrl: first.onboardingUrl });
      await report(first.accountId, 'DISABLED', false);
      await h.refused('creator.stripe.account_not_found', refresh, { as: alice.as });
      const second = await h.data(startStripe, { as: alice.as });
      expect(second.accountId).not.to.equal(first.accountId);
      expect(await h.data(refresh, { as: alice.as })).to.deep.equal({ onboardingUrl: second.onboardingUrl });
      await report(second.accountId, 'ACTIVE', true);
      await report(first.accountId, 'DISABLED', false);
      expect((await state()).stripe, 'what the old account reports').to.include({ status: 'ACTIVE' });
    });

    it('answers 404 to a webhook about an unknown account', async () => {
      const body = { id: 'x', accountId: 'acct_0', status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true };
      await h.refused('error.creator.not_found', 'POST /webhooks/stripe', { body });
    });
  });
});
