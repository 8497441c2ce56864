import { kinds } from '@creator-dashboards/shared/events/sealed';
import { derivedId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { ZodError } from 'zod';
import { creator, creatorStream } from '../../src/domain/creator/creator.js';
import type { Harness } from '../support/harness.js';
import { admin, becomeCreator, happened, known, start, type CreatorPerson } from './flows.js';

describe('An admin who acts on a creator', () => {
  let h: Harness;
  let alice: CreatorPerson;
  beforeEach(async () => {
    h = await start();
    alice = await becomeCreator(h);
  });
  afterEach(() => h.close());

  const reason = 'reported by many';
  const act = (action: string, body: object = {}) =>
    h.data(`POST /admin/creators/:creatorId/${action}`, {
      as: admin,
      params: alice.params,
      body: { reason, ...body },
    });
  const refused = (key: Parameters<Harness['refused']>[0], action: string, params = alice.params) =>
    h.refused(key, `POST /admin/creators/:creatorId/${action}`, { as: admin, params, body: { reason } });
  const state = async () => (await h.service.commands.load(creator, creatorStream(alice.creatorId))).state;
  const last = async () => (await h.log(alice.stream)).at(-1);

  it('suspends, bans and reinstates', async () => {
    await act('suspend');
    expect((await state()).status).to.equal('SUSPENDED');
    await refused('creator.status.unchanged', 'suspend');
    await act('ban');
    expect((await state()).status).to.equal('BANNED');
    await act('reinstate');
    expect((await state()).status).to.equal('ACTIVE');
    await refused('creator.status.unchanged', 'reinstate');
  });

  it('reinstates to VACATION while the vacation is on', async () => {
    await h.call('PATCH /creators/:creatorId/vacation', {
      as: alice.as,
      params: alice.params,
      body: { enabled: true },
    });
    await act('suspend');
    await act('reinstate');
    expect((await state()).status).to.equal('VACATION');
  });

  it('leaves actor and reason in the log, the reason sealed for the creator (9.8)', async () => {
    await act('suspend');
    const { metadata } = (await last()) ?? expect.fail('nothing was recorded');
    expect(metadata.actor).to.deep.equal(admin);
    expect(metadata.reason?.subject).to.equal(alice.userId);
    expect(await h.service.sealer.open(kinds.reason, metadata.reason)).to.equal(reason);
  });

  it('must give a reason of 1 to 500 characters (G34)', async () => {
    for (const bad of [undefined, '', ' ', 'r'.repeat(501)]) {
      const error: unknown = await act('suspend', { reason: bad }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(ZodError);
    }
  });

  it('approves the tax form once', async () => {
    await act('tax-form');
    expect((await state()).taxFormApproved).to.equal(true);
    await refused('creator.tax_form.already_approved', 'tax-form');
  });

  it('verifies a bank account that has an IBAN', async () => {
    await refused('creator.bank.incomplete', 'bank-account/verify');
    await h.call('PATCH /creators/bank-details', { as: alice.as, body: { iban: 'DE89370400440532013000' } });
    await act('bank-account/verify');
    expect((await state()).bankAccountVerified).to.equal(true);
  });

  it('assigns categories, each only once', async () => {
    const categories = [{ id: derivedId('art'), name: 'Art' }];
    await act('categories', { categories });
    expect((await last())?.data).to.deep.equal({ categories });
    const error: unknown = await act('categories', { categories: [...categories, ...categories] }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(ZodError);
  });

  it('gets 404 for a creator who does not exist or was deleted', async () => {
    await refused('error.creator.not_found', 'ban', { creatorId: derivedId('nobody') });
    await known(h, alice, { type: 'CreatorDeleted', data: { deletedAt: h.now() } });
    await refused('error.creator.not_found', 'ban');
  });

  describe('setting the level (G8)', () => {
    it('pins a level that was not earned, unless told otherwise', async () => {
      await act('level', { level: 'GOLD' });
      expect((await last())?.data).to.deep.equal({ from: 'BRONZE', to: 'GOLD', cause: 'ADMIN', pinned: true });
      await act('level', { level: 'GOLD', pinned: false });
      expect((await last())?.data).to.deep.equal({ from: 'GOLD', to: 'GOLD', cause: 'ADMIN', pinned: false });
      await act('level', { level: 'BRONZE' });
      expect((await last())?.data).to.include({ to: 'BRONZE', pinned: false });
      await h.refused('creator.level.unchanged', 'POST /admin/creators/:creatorId/level', {
        as: admin,
        params: alice.params,
        body: { reason, level: 'BRONZE' },
      });
    });
  });

  describe('a creator whose account changes (G37)', () => {
    const account = (type: 'UserDeactivated' | 'UserReactivated') => {
      const { userId } = alice;
      const deactivated = { userId, reason: null, purgeAt: h.now() };
      return happened(h, `user-${userId}`, { userId }, [
        type === 'UserDeactivated'
          ? { type, data: deactivated }
          : { type, data: { userId, statusAfter: 'ACTIVE' as const } },
      ]);
    };

    it('is deactivated and reactivated with it', async () => {
      await account('UserDeactivated');
      await h.catchUp();
      expect((await state()).status).to.equal('DEACTIVATED');
      await account('UserReactivated');
      await h.catchUp();
      expect((await state()).status).to.equal('ACTIVE');
    });

    it("follows the account's present status when events arrive late", async () => {
      await account('UserDeactivated');
      await account('UserReactivated');
      await h.catchUp();
      expect((await state()).status).to.equal('ACTIVE');
      expect(await h.types(alice.stream)).to.deep.equal(['CreatorUpgraded']);
    });

    it('stays banned when the account is reactivated', async () => {
      await act('ban');
      await account('UserDeactivated');
      await h.catchUp();
      await account('UserReactivated');
      await h.catchUp();
      expect((await state()).status).to.equal('BANNED');
    });
  });
});
