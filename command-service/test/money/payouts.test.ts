import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { EventStore } from '@creator-dashboards/shared/ports';
import type { Providers } from '@creator-dashboards/shared/providers';
import type { ErrorKey } from '@creator-dashboards/shared/errors';
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { newId } from '@creator-dashboards/shared/ids';
import { DAY, HOUR, MINUTE } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { CONFIG_STREAM } from '../../src/domain/platform-config.js';
import { money } from '../../src/features/money.js';
import { createHarness, type Harness } from '../support/harness.js';
import { admin, creatorPerson, earner, happened, person } from './people.js';

/** Of the Stripe account that `earner` links. */
const ACCOUNT = 'acct_1';
const accepted = { outcome: 'accepted' as const };
const noRoute = new Error('no route to the provider');

type Transfer = Parameters<Providers['payout']['pay']>[0];

describe("Payouts of a creator's earnings", () => {
  let h: Harness;
  let transfers: Transfer[];
  /** What the provider answers about a payout, by its id; a fault unless it says anything. */
  let answers: (payoutId: string) => Awaited<ReturnType<Providers['payout']['pay']>> | Error;
  /** Runs once, just before the next append to a payout book: what another process does at that moment. */
  let meanwhile: (() => Promise<void>) | null;

  beforeEach(async () => {
    transfers = [];
    answers = () => accepted;
    meanwhile = null;
    h = await createHarness({
      features: [money],
      providers: (simulators) => ({
        ...simulators,
        payout: {
          async pay(transfer) {
            const answer = answers(transfer.idempotencyKey);
            if (answer instanceof Error) throw answer;
            transfers.push(transfer);
            return answer;
          },
        },
      }),
      events: (store): EventStore => ({
        ...store,
        async append(stream, expected, events) {
          const interruption = stream.startsWith('payoutBook-') ? meanwhile : null;
          if (interruption) {
            meanwhile = null;
            await interruption();
          }
          return store.append(stream, expected, events);
        },
      }),
    });
    await h.catchUp();
  });
  afterEach(() => h.close());

  type Earner = Awaited<ReturnType<typeof earner>>;
  const reason = 'checked by hand';
  const request = 'POST /payouts/request';
  const ask = (as: Earner, amount = '40.00') => h.data(request, { as, body: { amount } });
  const act = (action: 'approve' | 'reject' | 'process', payoutId: unknown) =>
    h.data(`POST /admin/payouts/:payoutId/${action}`, {
      as: admin,
      params: { payoutId: String(payoutId) },
      body: { reason },
    });
  const result = (payoutId: unknown, status: 'paid' | 'failed', more: { id?: string; error?: string } = {}) =>
    h.data('POST /webhooks/payouts', { body: { id: newId(), payoutId, status, ...more } });
  const book = ({ creatorId }: Earner) => h.types(`payoutBook-${creatorId}`);
  const walletEvents = async ({ userId }: Earner) => (await h.log(`creatorWallet-${userId}`)).slice(2);
  const balance = async ({ userId }: Earner) =>
    (await h.log(`creatorWallet-${userId}`)).flatMap(({ data }) => ('after' in data ? [data.after] : [])).at(-1);
  const freeze = (action: 'freeze' | 'unfreeze', { userId }: Earner) =>
    h.call(`POST /admin/wallets/:userId/${action}`, { as: admin, params: { userId }, body: { reason } });
  const setConfig = async (key: string, value: number | boolean) => {
    await happened(h, CONFIG_STREAM, { configKey: key }, [
      { type: 'ConfigValueSet', data: { key, value, previous: null } },
    ]);
    await h.catchUp();
  };
  async function processing(creator: Earner, amount?: string) {
    const { payoutId } = await ask(creator, amount);
    await act('approve', payoutId);
    await act('process', payoutId);
    return String(payoutId);
  }

  describe('a request', () => {
    it("is recorded in the creator's book, under an id of the same partition (9.1)", async () => {
      const creator = await earner(h, '100.00');
      const { payoutId, position } = await ask(creator);
      expect(String(payoutId).slice(-2)).to.equal(creator.userId.slice(-2));
      const [requested] = await h.log(`payoutBook-${creator.creatorId}`);
      expect(requested?.data).to.deep.equal({
        payoutId,
        amount: '40.00',
        method: 'STRIPE_CONNECT',
        requestedAt: h.now(),
      });
      expect(requested?.metadata.keys).to.deep.equal({
        userId: creator.userId,
        creatorId: creator.creatorId,
        payoutId,
      });
      expect(position).to.equal(requested?.position.toString());
    });

    it('with the same Idempotency-Key answers the first payout again (9.7)', async () => {
      const as = await earner(h, '100.00');
      const call = { as, body: { amount: '40.00' }, key: 'key-1' };
      const first = await h.data(request, call);
      expect(await h.data(request, call)).to.deep.equal(first);
      expect(await book(as)).to.deep.equal(['PayoutRequested']);
      await h.refused('common.idempotency_mismatch', request, { ...call, body: { amount: '41.00' } });
    });

    it('is refused to a user who is no creator', async () =>
      h.refused('payment.payout.error.creator_not_found', request, { as: await person(h), body: { amount: '40' } }));
    it('is refused without a wallet', async () =>
      h.refused('payment.payout.error.wallet_not_found', request, {
        as: await creatorPerson(h),
        body: { amount: '40' },
      }));
    for (const amount of ['0', '-1', '1.001', 'forty'])
      it(`is refused for the amount ${amount}`, async () =>
        h.refused('payment.payout.error.invalid_amount', request, { as: await earner(h, '100.00'), body: { amount } }));
    it('is refused for an unknown method', async () =>
      h.refused('payment.payout.error.invalid_method', request, {
        as: await earner(h, '100.00'),
        body: { amount: '40', method: 'CASH' },
      }));
    const facts = [
      ['KycApproved', 'kyc_required'],
      ['TaxFormApproved', 'tax_form_required'],
      ['StripeAccountStatusChanged', 'method_not_ready'],
      ['PreferredPayoutMethodSet', 'invalid_method'],
    ] as const;
    for (const [fact, name] of facts)
      it(`is refused as ${name} without ${fact}`, async () => {
        const as = await creatorPerson(h, [fact]);
        await h.refused(`payment.payout.error.${name}`, request, { as, body: { amount: '40.00' } });
      });
    it('by bank transfer needs a verified bank account', async () => {
      const as = await earner(h, '100.00');
      const body = { amount: '40.00', method: 'BANK_TRANSFER' };
      await h.refused('payment.payout.error.method_not_ready', request, { as, body });
    });
    it('is refused to a suspended creator', async () => {
      const as = await creatorPerson(h);
      const { userId, creatorId } = as;
      await happened(h, `creator-${creatorId}`, { userId, creatorId }, [
        { type: 'CreatorSuspended', data: { statusAfter: 'SUSPENDED' } },
      ]);
      await h.refused('payment.payout.error.creator_inactive', request, { as, body: { amount: '40.00' } });
    });
    it('is refused while the wallet is frozen, and possible afterwards (G17)', async () => {
      const as = await earner(h, '100.00');
      await freeze('freeze', as);
      await h.refused('payment.payout.error.wallet_frozen', request, { as, body: { amount: '40.00' } });
      await freeze('unfreeze', as);
      await ask(as);
    });
    it('must reach payout.min_amount', async () => {
      const as = await earner(h, '100.00');
      await h.refused('payment.payout.error.below_minimum', request, { as, body: { amount: '9.99' } });
      await setConfig('payout.min_amount', 50);
      await h.refused('payment.payout.error.below_minimum', request, { as, body: { amount: '49.99' } });
      await ask(as, '50.00');
    });
    it('is refused until payout.cooldown_days after the previous payout (G14)', async () => {
      const as = await earner(h, '100.00');
      await ask(as);
      await h.advance(7 * DAY - 1);
      await h.refused('payment.payout.error.frequency_limit', request, { as, body: { amount: '10.00' } });
      await h.advance(1);
      await ask(as, '10.00');
    });
  });

  describe('two requests at the same time', () => {
    it('by one creator: exactly one succeeds', async () => {
      const as = await earner(h, '100.00');
      const outcomes = await Promise.allSettled([ask(as), ask(as)]);
      expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
      expect(await book(as)).to.deep.equal(['PayoutRequested']);
    });

    it('in two processes: the slower one is checked again and sees the first (9.6)', async () => {
      await setConfig('payout.cooldown_days', 0);
      const as = await earner(h, '100.00');
      const { userId, creatorId } = as;
      const other = { payoutId: newId(), amount: '70.00', method: 'STRIPE_CONNECT' as const, requestedAt: h.now() };
      meanwhile = () =>
        happened(h, `payoutBook-${creatorId}`, { userId, creatorId, payoutId: other.payoutId }, [
          { type: 'PayoutRequested', data: other },
        ]);
      await h.refused('payment.payout.error.insufficient_balance', request, { as, body: { amount: '40.00' } });
      expect(await book(as)).to.deep.equal(['PayoutRequested']);
    });
  });

  describe('cancelling', () => {
    const cancel = 'POST /payouts/:payoutId/cancel';
    it('is possible only while PENDING (G15)', async () => {
      const as = await earner(h, '100.00');
      const { payoutId } = await ask(as);
      const params = { payoutId: String(payoutId) };
      await h.call(cancel, { as, params });
      expect(await book(as)).to.deep.equal(['PayoutRequested', 'PayoutCancelled']);
      await h.refused('payment.payout.error.invalid_status', cancel, { as, params });
    });
    it('is open to the owner only: others get 403 and learn nothing about the payout (G25)', async () => {
      const { payoutId } = await ask(await earner(h, '100.00'));
      const params = { payoutId: String(payoutId) };
      await h.refused('creator.ownership.forbidden', cancel, { as: await earner(h, '1.00'), params });
      await h.refused('creator.ownership.forbidden', cancel, { as: await person(h), params });
    });
    it('answers 404 for an unknown payout', async () =>
      h.refused('payment.payout.error.not_found', cancel, {
        as: await earner(h, '1.00'),
        params: { payoutId: newId() },
      }));
    it('frees the headroom, and starts no cooldown (G51)', async () => {
      const as = await earner(h, '40.00');
      const { payoutId } = await ask(as);
      await h.call(cancel, { as, params: { payoutId: String(payoutId) } });
      await ask(as, '40.00');
    });
  });

  describe('processing', () => {
    it("debits the wallet, then calls the provider with the payout's id", async () => {
      const creator = await earner(h, '100.00');
      const payoutId = await processing(creator);
      expect(await book(creator)).to.deep.equal(['PayoutRequested', 'PayoutApproved', 'PayoutProcessingStarted']);
      const [debited] = await walletEvents(creator);
      expect(debited?.type).to.equal('PayoutDebited');
      expect(debited?.data).to.deep.equal({ payoutId, amount: '40.00', before: '100.00', after: '60.00' });
      const destination = { accountId: ACCOUNT };
      expect(transfers).to.deep.equal([{ idempotencyKey: payoutId, amount: '40.00', destination }]);
    });

    it('answers the position of the debit, and records actor and reason', async () => {
      const creator = await earner(h, '100.00');
      const { payoutId } = await ask(creator);
      await act('approve', payoutId);
      const { position } = await act('process', payoutId);
      expect(position).to.equal((await walletEvents(creator))[0]?.position.toString());
      const started = (await h.log(`payoutBook-${creator.creatorId}`)).at(-1);
      expect(started?.metadata.actor).to.deep.equal(admin);
      expect(await h.service.sealer.open(kinds.reason, started?.metadata.reason ?? null)).to.equal(reason);
      expect(started?.metadata.reason?.subject).to.equal(creator.userId);
    });

    it('happens once, although the feed runs the follow-up again (9.3)', async () => {
      const creator = await earner(h, '100.00');
      await processing(creator);
      await h.catchUp();
      expect(await walletEvents(creator)).to.have.length(1);
      expect(new Set(transfers.map(({ idempotencyKey }) => idempotencyKey)).size).to.equal(1);
    });

    it('calls no provider and moves nothing when the feed runs the follow-up after the payout was closed', async () => {
      const creator = await earner(h, '100.00');
      await result(await processing(creator), 'paid');
      transfers.length = 0;
      await h.catchUp();
      expect(transfers).to.deep.equal([]);
      expect(await walletEvents(creator)).to.have.length(1);
    });

    it('fails without enough money, and the provider is never called', async () => {
      const creator = await earner(h, '100.00');
      const { payoutId } = await ask(creator);
      await act('approve', payoutId);
      await h.call('POST /admin/wallets/:userId/adjust', {
        as: admin,
        params: { userId: creator.userId },
        body: { type: 'CREATOR', amount: '60.01', direction: 'DEBIT', reason },
      });
      await act('process', payoutId);
      const failed = (await h.log(`payoutBook-${creator.creatorId}`)).at(-1);
      expect(failed?.type).to.equal('PayoutFailed');
      expect(failed?.data).to.include({ payoutId, debited: false });
      expect((await walletEvents(creator)).map(({ type }) => type)).to.deep.equal([
        'WalletAdjusted',
        'PayoutDebitRefused',
      ]);
      expect(await balance(creator)).to.equal('39.99');
      expect(transfers).to.deep.equal([]);
      await h.catchUp();
      expect(transfers).to.deep.equal([]);
    });

    it('is refused while the wallet is frozen, and the payout stays as it is (G17)', async () => {
      const creator = await earner(h, '100.00');
      const { payoutId } = await ask(creator);
      await freeze('freeze', creator);
      await act('approve', payoutId);
      const call = { as: admin, params: { payoutId: String(payoutId) }, body: { reason } };
      await h.refused('payment.payout.error.wallet_frozen', 'POST /admin/payouts/:payoutId/process', call);
      await freeze('unfreeze', creator);
      await act('process', payoutId);
      expect(transfers).to.have.length(1);
    });

    it('is asked for again by the clock, with growing pauses, while the provider gives no answer (G47)', async () => {
      const creator = await earner(h, '100.00');
      let asked = 0;
      answers = () => {
        asked += 1;
        return noRoute;
      };
      await processing(creator);
      await h.catchUp();
      const after = async (ms: number) => {
        const before = asked;
        await h.advance(ms);
        await h.catchUp();
        await h.tick();
        return asked - before;
      };
      expect(await after(MINUTE - 1)).to.equal(0);
      expect(await after(1)).to.equal(1);
      expect(await after(MINUTE - 1)).to.equal(0);
      expect(await after(1)).to.equal(1);
      expect(await after(HOUR)).to.equal(1);
      expect(await after(15 * MINUTE)).to.equal(0);
      expect(await after(16 * MINUTE)).to.equal(0);
      expect(await after(HOUR)).to.equal(1);
      expect(await after(20 * HOUR)).to.equal(0); // after a day a provider has forgotten the key: it waits for the staff
      expect(await book(creator)).to.deep.equal(['PayoutRequested', 'PayoutApproved', 'PayoutProcessingStarted']);
      expect(await walletEvents(creator)).to.have.length(1);
    });

    it('is not asked for again once the provider has accepted', async () => {
      answers = () => noRoute;
      await processing(await earner(h, '100.00'));
      await h.catchUp();
      answers = () => accepted;
      await h.advance(MINUTE);
      await h.tick();
      await h.advance(HOUR);
      await h.tick();
      expect(transfers).to.have.length(1);
    });

    it("of one creator is not held up by another's that is refused, or gets no answer (G47)", async () => {
      const creators = [await earner(h, '100.00'), await earner(h, '100.00'), await earner(h, '100.00')];
      const payouts = await Promise.all(creators.map(async (creator) => String((await ask(creator)).payoutId)));
      const [, refused, unknown] = payouts;
      answers = (payoutId) => {
        if (payoutId === refused) return { outcome: 'refused', reason: 'no such account' };
        return payoutId === unknown ? noRoute : accepted;
      };
      for (const payoutId of payouts) await act('approve', payoutId);
      for (const payoutId of payouts) await act('process', payoutId);
      await h.catchUp();
      const last = async (creator: Earner) => (await book(creator)).at(-1);
      const ends = await Promise.all(creators.map(last));
      expect(ends).to.deep.equal(['PayoutProcessingStarted', 'PayoutFailed', 'PayoutProcessingStarted']);
      const balances = await Promise.all(creators.map(balance));
      expect(balances).to.deep.equal(['60.00', '100.00', '60.00']);
      const failed = (await h.log(`payoutBook-${creators[1]?.creatorId}`)).at(-1);
      const words =
        failed?.type === 'PayoutFailed' && (await h.service.sealer.open(kinds.payoutError, failed.data.error));
      expect(words).to.equal('no such account');
    });
  });

  describe('a payout that was approved', () => {
    const process = 'POST /admin/payouts/:payoutId/process';
    async function approvedFor(creator: Earner) {
      const { payoutId } = await ask(creator);
      await act('approve', payoutId);
      return { as: admin, params: { payoutId: String(payoutId) }, body: { reason } };
    }
    const onCreator = ({ userId, creatorId }: Earner, ...events: DomainEvent[]) =>
      happened(h, `creator-${creatorId}`, { userId, creatorId }, events);
    const onUser = ({ userId }: Earner, event: DomainEvent) => happened(h, `user-${userId}`, { userId }, [event]);

    const faults: Record<string, [ErrorKey, (creator: Earner) => Promise<void>]> = {
      'a creator who was banned': [
        'payment.payout.error.creator_inactive',
        (creator) => onCreator(creator, { type: 'CreatorBanned', data: { statusAfter: 'BANNED' } }),
      ],
      'a creator who was suspended': [
        'payment.payout.error.creator_inactive',
        (creator) => onCreator(creator, { type: 'CreatorSuspended', data: { statusAfter: 'SUSPENDED' } }),
      ],
      'a creator who was deactivated': [
        'payment.payout.error.creator_inactive',
        (creator) => onCreator(creator, { type: 'CreatorDeactivated', data: { statusAfter: 'DEACTIVATED' } }),
      ],
      'a person who was erased': [
        'payment.payout.error.creator_inactive',
        async (creator) => {
          await onUser(creator, { type: 'UserErasureRequested', data: { userId: creator.userId } });
          await onUser(creator, { type: 'UserErased', data: { userId: creator.userId } });
        },
      ],
      'an account that was suspended': [
        'payment.payout.error.creator_inactive',
        (creator) => onUser(creator, { type: 'UserSuspended', data: { userId: creator.userId, reason: null } }),
      ],
      'an account that asked to be deleted': [
        'payment.payout.error.creator_inactive',
        (creator) => onUser(creator, { type: 'UserErasureRequested', data: { userId: creator.userId } }),
      ],
      'a profile that was deleted': [
        'payment.payout.error.creator_not_found',
        (creator) => onCreator(creator, { type: 'CreatorDeleted', data: { deletedAt: h.now() } }),
      ],
    };
    for (const [whom, [key, happen]] of Object.entries(faults))
      it(`is not paid to ${whom} meanwhile (G47)`, async () => {
        const creator = await earner(h, '100.00');
        const call = await approvedFor(creator);
        await happen(creator);
        await h.refused(key, process, call);
        expect(transfers).to.deep.equal([]);
        expect(await balance(creator)).to.equal('100.00');
      });

    it('is not paid to a bank account that replaced the approved one, before it is approved again (G47)', async () => {
      const creator = await earner(h, '100.00');
      const details = (iban: string) => ({
        iban,
        bankName: 'Bank',
        accountHolderName: 'C',
        swiftCode: null,
        bankCountry: 'DE',
      });
      const verified = async (iban: string) => {
        const bankDetails = await h.service.sealer.seal(kinds.bankDetails, creator.userId, details(iban));
        await onCreator(
          creator,
          { type: 'BankDetailsUpdated', data: { bankDetails, hasIban: true } },
          { type: 'BankAccountVerified', data: { verifiedAt: h.now() } },
        );
      };
      const [approved, stolen] = ['DE89370400440532013000', 'DE02120300000000202051'];
      await verified(approved);
      const { payoutId } = await h.data(request, { as: creator, body: { amount: '40.00', method: 'BANK_TRANSFER' } });
      await act('approve', payoutId);
      await verified(stolen);
      const call = { as: admin, params: { payoutId: String(payoutId) }, body: { reason } };
      await h.refused('payment.payout.error.destination_changed', process, call);
      await act('approve', payoutId);
      await act('process', payoutId);
      expect(transfers.map(({ destination }) => destination)).to.deep.equal([details(stolen)]);
    });

    it('is processed by somebody else than its approver, where the platform asks for four eyes (G47)', async () => {
      await setConfig('admin.four_eyes', true);
      const call = await approvedFor(await earner(h, '100.00'));
      await h.refused('admin.four_eyes.approver', process, call);
      await h.call(process, { ...call, as: { userId: newId(), role: 'ADMIN' } });
      expect(transfers).to.have.length(1);
    });

    it('is settled by staff when its provider never says how it ended (G47)', async () => {
      const creator = await earner(h, '100.00');
      const settle = 'POST /admin/payouts/:payoutId/result';
      const call = await approvedFor(creator);
      const body = { reason: 'the bank confirms it never came', status: 'failed' };
      await h.refused('payment.payout.error.invalid_status', settle, { ...call, body });
      answers = () => noRoute;
      await h.call(process, call);
      const { position } = await h.data(settle, { ...call, body });
      expect((await book(creator)).at(-1)).to.equal('PayoutFailed');
      expect(await balance(creator)).to.equal('100.00');
      expect(position).to.equal((await walletEvents(creator)).at(-1)?.position.toString());
    });
  });

  describe("the provider's result", () => {
    it('closes the payout when paid', async () => {
      const creator = await earner(h, '100.00');
      await result(await processing(creator), 'paid');
      expect((await book(creator)).at(-1)).to.equal('PayoutProcessed');
      expect(await balance(creator)).to.equal('60.00');
    });

    it("returns the money once when failed, and keeps the provider's words sealed (G16)", async () => {
      const creator = await earner(h, '100.00');
      const payoutId = await processing(creator);
      const { position } = await result(payoutId, 'failed', { error: 'account closed' });
      const failed = (await h.log(`payoutBook-${creator.creatorId}`)).at(-1);
      expect(
        failed?.type === 'PayoutFailed' && (await h.service.sealer.open(kinds.payoutError, failed.data.error)),
      ).to.equal('account closed');
      const returned = (await walletEvents(creator)).at(-1);
      expect(returned?.type).to.equal('PayoutReturned');
      expect(returned?.data).to.deep.equal({ payoutId, amount: '40.00', before: '60.00', after: '100.00' });
      expect(position).to.equal(returned?.position.toString());
      await result(payoutId, 'failed');
      await h.catchUp();
      expect(await balance(creator)).to.equal('100.00');
      expect(await walletEvents(creator)).to.have.length(2);
    });

    it('returns the money to a frozen wallet too (G17)', async () => {
      const creator = await earner(h, '100.00');
      const payoutId = await processing(creator);
      await freeze('freeze', creator);
      await result(payoutId, 'failed');
      expect(await balance(creator)).to.equal('100.00');
    });

    it('changes nothing when reported again', async () => {
      const creator = await earner(h, '100.00');
      const payoutId = await processing(creator);
      await result(payoutId, 'paid', { id: 'evt_1' });
      const log = await h.log();
      await result(payoutId, 'paid', { id: 'evt_1' });
      await result(payoutId, 'failed', { id: 'evt_1' });
      expect(await h.log()).to.deep.equal(log);
    });

    it('is refused before the wallet was debited: nobody was asked to pay yet', async () => {
      const creator = await earner(h, '100.00');
      const { userId, creatorId } = creator;
      const { payoutId } = await ask(creator);
      await act('approve', payoutId);
      const sent = { payoutId: String(payoutId), amount: '40.00', method: 'STRIPE_CONNECT' as const };
      const destination = await h.service.sealer.seal(kinds.payoutDestination, userId, { accountId: ACCOUNT });
      const started = { ...sent, destination };
      await happened(h, `payoutBook-${creatorId}`, { userId, creatorId, payoutId: String(payoutId) }, [
        { type: 'PayoutProcessingStarted', data: started },
      ]);
      const call = { body: { id: 'evt_1', payoutId, status: 'failed' } };
      await h.refused('payment.payout.error.invalid_status', 'POST /webhooks/payouts', call);
      await h.catchUp();
      await h.call('POST /webhooks/payouts', call);
      expect(await balance(creator)).to.equal('100.00');
      expect((await walletEvents(creator)).map(({ type }) => type)).to.deep.equal(['PayoutDebited', 'PayoutReturned']);
    });

    it('moves nothing when it contradicts the first, but is recorded', async () => {
      const creator = await earner(h, '100.00');
      const payoutId = await processing(creator);
      await result(payoutId, 'paid');
      await result(payoutId, 'failed');
      expect((await book(creator)).slice(-2)).to.deep.equal(['PayoutProcessed', 'PayoutResultConflict']);
      expect(await balance(creator)).to.equal('60.00');
    });

    it('answers 404 for an unknown payout, so that the provider retries', () =>
      h.refused('payment.payout.error.not_found', 'POST /webhooks/payouts', {
        body: { id: newId(), payoutId: newId(), status: 'paid' },
      }));
  });

  it('can be rejected while PENDING or APPROVED, which starts no cooldown (G14, G15)', async () => {
    const creator = await earner(h, '100.00');
    const first = await ask(creator);
    await act('reject', first.payoutId);
    const second = await ask(creator);
    await act('approve', second.payoutId);
    await act('reject', second.payoutId);
    await ask(creator);
    expect(await book(creator)).to.deep.equal([
      'PayoutRequested',
      'PayoutRejected',
      'PayoutRequested',
      'PayoutApproved',
      'PayoutRejected',
      'PayoutRequested',
    ]);
  });

  it('are answered with 404 to an admin when the payout is unknown', () =>
    h.refused('payment.payout.error.not_found', 'POST /admin/payouts/:payoutId/approve', {
      as: admin,
      params: { payoutId: newId() },
      body: { reason },
    }));

  it('never happen by themselves, even with auto payout on (G41)', async () => {
    const { userId, creatorId } = await earner(h, '100.00');
    await happened(h, `creator-${creatorId}`, { userId, creatorId }, [
      { type: 'AutoPayoutSet', data: { enabled: true } },
    ]);
    await h.advance(60 * DAY);
    await h.tick();
    expect(await h.types(`payoutBook-${creatorId}`)).to.deep.equal([]);
  });
});
