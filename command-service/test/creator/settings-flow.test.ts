import { kinds } from '@creator-dashboards/shared/events/sealed';
import { derivedId } from '@creator-dashboards/shared/ids';
import { DAY, HOUR, plus } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { ZodError } from 'zod';
import { creator, creatorStream } from '../../src/domain/creator/creator.js';
import type { Harness } from '../support/harness.js';
import { admin, becomeCreator, configured, known, person, start, type CreatorPerson } from './flows.js';

describe("A creator's settings", () => {
  let h: Harness;
  let alice: CreatorPerson;
  beforeEach(async () => {
    h = await start();
    alice = await becomeCreator(h);
  });
  afterEach(() => h.close());

  const invalid = async (row: string, body: unknown, params: Record<string, string> = alice.params) => {
    const error: unknown = await h.call(row, { as: alice.as, params, body }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error, `${row} took ${JSON.stringify(body)}`).to.be.instanceOf(ZodError);
  };

  describe('PATCH /creators/:creatorId/dm-config (G31)', () => {
    const row = 'PATCH /creators/:creatorId/dm-config';
    const set = (body: object, key?: string) =>
      h.data(row, { as: alice.as, params: alice.params, body, ...(key && { key }) });

    it('answers type, price and switch', async () => {
      const answer = await set({ dmType: 'SINGLE_PAY', dmPrice: 4.99, dmActive: true });
      expect(answer).to.include({ dmType: 'SINGLE_PAY', dmPrice: '4.99', dmActive: true });
      expect(await set({ dmType: 'FREE', dmActive: true })).to.include({ dmType: 'FREE', dmPrice: null });
    });

    it('answers the same package id for a DM type every time', async () => {
      await set({ dmType: 'PER_MESSAGE', dmPrice: 2, dmActive: true });
      const [, event] = await h.log(alice.stream);
      expect(event?.data).to.include({ packageId: derivedId(alice.creatorId, 'PER_MESSAGE') });
    });

    it('enforces the configured price range', async () => {
      const body = { dmType: 'SINGLE_PAY', dmPrice: 600, dmActive: true };
      const { as, params } = alice;
      await h.refused('creator.dm.price_out_of_range', row, { as, params, body });
      await configured(h, 'dm.max_price', 700);
      expect(await set(body)).to.include({ dmPrice: '600.00' });
      const withoutPrice = { dmType: 'SINGLE_PAY', dmPrice: null, dmActive: true };
      await h.refused('creator.dm.price_required', row, { as, params, body: withoutPrice });
    });

    it('accepts prices from 0 to 5000 with at most two decimals, and refuses unknown fields', async () => {
      for (const dmPrice of [-1, 5_000.01, 1.005, '5,00', true]) {
        await invalid(row, { dmType: 'SINGLE_PAY', dmPrice, dmActive: false });
      }
      await invalid(row, { dmType: 'FREE', dmActive: true, price: 5 });
      await invalid(row, { dmActive: true });
      await invalid(row, { dmType: 'FREE', dmActive: true }, { creatorId: 'not-a-uuid' });
    });

    it("answers 403 for every id but the caller's own, existing or not", async () => {
      const body = { dmType: 'FREE', dmActive: true };
      const bob = await becomeCreator(h);
      const nobody = '0190bbbb-0000-7000-8000-000000000001';
      for (const creatorId of [bob.creatorId, nobody])
        await h.refused('creator.ownership.forbidden', row, { as: alice.as, params: { creatorId }, body });
      await h.refused('creator.ownership.forbidden', row, { as: admin, params: alice.params, body });
    });

    it("answers 404 only when the caller's own profile was deleted", async () => {
      const body = { dmType: 'FREE', dmActive: true };
      await known(h, alice, { type: 'CreatorDeleted', data: { deletedAt: h.now() } });
      await h.refused('creator.dm.not_found', row, { as: alice.as, params: alice.params, body });
    });

    it('repeats the first answer to a retry, even after another change', async () => {
      const first = await set({ dmType: 'SINGLE_PAY', dmPrice: 5, dmActive: true }, 'key');
      await set({ dmType: 'FREE', dmActive: false });
      expect(await set({ dmType: 'SINGLE_PAY', dmPrice: 5, dmActive: true }, 'key')).to.deep.equal(first);
    });

    it('answers a position even when nothing changes', async () => {
      const first = await set({ dmType: 'FREE', dmActive: true });
      expect(await set({ dmType: 'FREE', dmActive: true })).to.deep.equal(first);
    });
  });

  describe('PATCH /creators/:creatorId/vacation (G32)', () => {
    const row = 'PATCH /creators/:creatorId/vacation';
    const set = (body: object) => h.data(row, { as: alice.as, params: alice.params, body });
    const status = async () => (await h.service.commands.load(creator, creatorStream(alice.creatorId))).state.status;

    it('starts now unless told otherwise, and clears both dates when it ends', async () => {
      expect(await set({ enabled: true })).to.include({
        vacationMode: true,
        vacationStart: h.now(),
        vacationEnd: null,
        creatorStatus: 'VACATION',
      });
      expect(await set({ enabled: false })).to.include({
        vacationMode: false,
        vacationStart: null,
        vacationEnd: null,
        creatorStatus: 'ACTIVE',
      });
    });

    it('is only scheduled where the start lies in the future, and begun by the clock (G52)', async () => {
      const startDate = plus(h.now(), DAY);
      expect(await set({ enabled: true, startDate })).to.include({
        ...{ vacationMode: false, vacationStart: startDate, vacationEnd: null, creatorStatus: 'ACTIVE' },
      });
      await h.catchUp();
      await h.advance(DAY - 1);
      expect(await h.tick()).to.equal(0);
      await h.advance(1);
      expect(await h.tick()).to.equal(1);
      expect(await status()).to.equal('VACATION');
      expect(await set({ enabled: true, startDate: null, endDate: plus(h.now(), DAY) })).to.include({
        ...{ vacationMode: true, vacationStart: h.now(), vacationEnd: plus(h.now(), DAY) },
      });
    });

    it('refuses an end that is not after the start', async () => {
      const body = { enabled: true, startDate: '2026-05-02T00:00:00Z', endDate: '2026-05-01T00:00:00Z' };
      await h.refused('creator.vacation.invalid_range', row, { as: alice.as, params: alice.params, body });
      await invalid(row, { enabled: true, endDate: 'tomorrow' });
      await invalid(row, { enabled: 'yes' });
    });

    it('is ended by the clock', async () => {
      await set({ enabled: true, endDate: plus(h.now(), 2 * HOUR) });
      await h.catchUp();
      await h.advance(HOUR);
      expect(await h.tick()).to.equal(0);
      expect(await status()).to.equal('VACATION');
      await h.advance(HOUR);
      expect(await h.tick()).to.equal(1);
      expect(await status()).to.equal('ACTIVE');
      await h.catchUp();
      expect(await h.tick()).to.equal(0);
    });

    it('is ended by the clock again when a later vacation has the same end', async () => {
      const endDate = plus(h.now(), HOUR);
      const startDate = plus(h.now(), -HOUR);
      await set({ enabled: true, endDate });
      await h.advance(HOUR);
      await h.tick();
      await set({ enabled: true, startDate, endDate });
      await h.catchUp();
      await h.tick();
      expect(await status()).to.equal('ACTIVE');
    });

    it('is open to the owner only', async () => {
      const bob = await becomeCreator(h);
      await h.refused('creator.ownership.forbidden', row, {
        as: alice.as,
        params: bob.params,
        body: { enabled: true },
      });
    });
  });

  describe('PATCH /creators/bank-details', () => {
    const row = 'PATCH /creators/bank-details';
    const set = (body: object) => h.data(row, { as: alice.as, body });
    const stored = async () => {
      const { state } = await h.service.commands.load(creator, creatorStream(alice.creatorId));
      return h.service.sealer.open(kinds.bankDetails, state.bankDetails);
    };
    const iban = 'DE89370400440532013000';

    it('merges the given fields into the stored ones, sealed as one value (9.8)', async () => {
      await set({ iban, bankName: 'First Bank' });
      await set({ bankCountry: 'DE', bankName: null });
      expect(await stored()).to.deep.equal({
        iban,
        bankName: null,
        accountHolderName: null,
        swiftCode: null,
        bankCountry: 'DE',
      });
      expect(JSON.stringify((await h.log(alice.stream)).map(({ data }) => data))).not.to.contain(iban);
    });

    it('refuses an IBAN with the length of another country or wrong check digits', async () => {
      for (const wrong of ['DE8937040044053201300', 'DE88370400440532013000', 'XX89370400440532013000']) {
        const error = await set({ iban: wrong }).catch((thrown: unknown) => thrown);
        expect(error, wrong).to.be.instanceOf(ZodError);
      }
    });

    it('resets the verification when a bank field changes, not when only the method does or all stay the same', async () => {
      await set({ iban });
      await h.call('POST /admin/creators/:creatorId/bank-account/verify', {
        as: admin,
        params: alice.params,
        body: { reason: 'statement seen' },
      });
      await set({ preferredPayoutMethod: 'BANK_TRANSFER', autoPayoutEnabled: true });
      await set({ iban, bankName: null });
      const load = () => h.service.commands.load(creator, creatorStream(alice.creatorId));
      expect((await load()).state).to.include({ bankAccountVerified: true, preferredPayoutMethod: 'BANK_TRANSFER' });
      await set({ swiftCode: 'COBADEFF' });
      expect((await load()).state).to.include({ bankAccountVerified: false, autoPayoutEnabled: true });
    });

    it('records the method and the auto payout flag only when they change (G41)', async () => {
      await set({ preferredPayoutMethod: 'BANK_TRANSFER', autoPayoutEnabled: true });
      await set({ preferredPayoutMethod: 'BANK_TRANSFER', autoPayoutEnabled: true });
      expect(await h.types(alice.stream)).to.deep.equal([
        'CreatorUpgraded',
        'PreferredPayoutMethodSet',
        'AutoPayoutSet',
      ]);
    });

    it('accepts valid bank details only, and refuses unknown fields', async () => {
      for (const body of [
        { iban: 'DE8' },
        { iban: iban.toLowerCase() },
        { swiftCode: 'COBADEF' },
        { bankCountry: 'Germany' },
        { bankName: 'b'.repeat(101) },
        { accountHolderName: 'a'.repeat(201) },
        { preferredPayoutMethod: 'CASH' },
        { pin: '1234' },
      ])
        await invalid(row, body);
    });

    it('answers 404 to a user who is no creator', async () => {
      await h.refused('creator.bank.not_found', row, { as: await person(h), body: { iban } });
    });
  });
});
