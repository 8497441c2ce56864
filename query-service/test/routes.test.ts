import { kinds } from '@creator-dashboards/shared/events/sealed';
import { expect } from 'chai';
import type { Response } from 'supertest';
import { mismatches, type Shape } from '@creator-dashboards/shared/testing/fixtures/golden';
import * as golden from '@creator-dashboards/shared/testing/fixtures/seeds';
import type { ConfigBody, KillSwitchesBody } from '@creator-dashboards/shared/views/config/body';
import {
  adminId,
  config,
  creatorId,
  dashboard,
  dmConfig,
  fanId,
  message,
  messageId,
  profile,
  referral,
  strangerId,
  T0,
  userId,
  wallet,
} from '@creator-dashboards/shared/testing/fixtures/documents';
import { openHarness, type Harness } from './harness.js';

function expectError(response: Response, status: number, i18nKey: string, code?: string) {
  expect(response.status, JSON.stringify(response.body)).to.equal(status);
  expect(response.body).to.deep.include({ success: false });
  expect(response.body.error).to.include({ i18nKey, ...(code && { code }) });
}

function expectData(response: Response, shape: Shape) {
  expect(response.status, JSON.stringify(response.body)).to.equal(200);
  expect(Object.keys(response.body)).to.deep.equal(['success', 'data']);
  expect(mismatches(shape, response.body.data)).to.deep.equal([]);
}

describe('The routes of the query service', () => {
  let query: Harness;

  beforeEach(async () => {
    query = await openHarness();
    await query.serve(300n);
  });
  afterEach(() => query.close());

  const engage = (name: string) =>
    query.write('config', {
      ...config(),
      killSwitches: { [name]: { engaged: true, changedBy: adminId, changedAt: T0 } },
    });

  describe('GET /creators/dashboard and /creators/profile', () => {
    const pages = [
      { path: '/creators/dashboard', notFound: 'creator.dashboard.not_found', shape: golden.creatorDashboard.shape },
      { path: '/creators/profile', notFound: 'creator.profile.not_found', shape: golden.creatorProfile.shape },
    ];
    const write = async (changes: { deletedAt?: string } = {}) => {
      await query.write('creatorDashboard', dashboard({ avatarUrl: null, ...changes }));
      await query.write('creatorProfile', profile(changes));
    };

    for (const { path, notFound, shape } of pages) {
      it(`${path} shows the caller's own data, and nobody else's`, async () => {
        await write();
        expectData(await query.get(path), shape);
        expectError(await query.get(path, { as: strangerId }), 404, notFound);
        expectError(await query.get(path, { as: adminId, role: 'ADMIN' }), 403, 'auth.role.forbidden');
      });

      it(`${path} is a 404 before the upgrade and after the deletion (G37)`, async () => {
        expectError(await query.get(path), 404, notFound, notFound.replaceAll('.', '_').toUpperCase());
        await write({ deletedAt: T0 });
        expectError(await query.get(path), 404, notFound);
      });
    }

    it('is a 404 when only an avatar was set before the upgrade', async () => {
      await query.write('creatorDashboard', dashboard({ creatorId: null }));
      expectError(await query.get('/creators/dashboard'), 404, 'creator.dashboard.not_found');
    });

    it('combines the dashboard with the config in force', async () => {
      await write();
      const settings = { 'creator.commission_bronze': 15, 'creator.silver_min_earnings': 2_500 };
      await query.write('config', config(settings));
      const { data } = (await query.get('/creators/dashboard')).body;
      expect(data).to.include({ commissionRate: 15, nextLevelProgress: 47 });
    });

    it('has no kill switch', async () => {
      await write();
      for (const name of ['REFERRAL', 'PAYOUT', 'PAYMENT', 'MESSAGING', 'CREATOR_UPGRADE', 'KYC']) {
        await engage(name);
        expect((await query.get('/creators/dashboard')).status).to.equal(200);
      }
    });
  });

  describe('GET /creators/:creatorId/dm-config', () => {
    const read = (id: string, as = userId) => query.get(`/creators/${id}/dm-config`, { as });

    it("shows the owner's own settings", async () => {
      await query.write('dmConfig', dmConfig());
      const response = await read(creatorId);
      expectData(response, golden.dmConfig.shape);
      expect(response.body.data).to.deep.equal(golden.dmConfig.sample);
      expect((await read(creatorId.toUpperCase())).status).to.equal(200);
    });

    it('is a 400 for an id that is not a UUID', async () => {
      for (const id of ['x', '123', `${creatorId}0`])
        expectError(await read(id), 400, 'common.validation_failed', 'VALIDATION_FAILED');
    });

    it('is a 403 for every other id, whether it exists or not', async () => {
      await query.write('dmConfig', dmConfig());
      const [existing, missing] = [await read(creatorId, strangerId), await read(messageId, strangerId)];
      expectError(existing, 403, 'creator.ownership.forbidden');
      expectError(missing, 403, 'creator.ownership.forbidden');
      const withoutId = ({ headers }: Response) =>
        Object.keys(headers)
          .sort()
          .filter((name) => name !== 'x-correlation-id');
      expect(withoutId(existing)).to.deep.equal(withoutId(missing));
    });

    it("is a 404 for the caller's own id only: never upgraded, or deleted (G37)", async () => {
      expectError(await read(creatorId), 404, 'creator.dm.not_found');
      await query.write('dmConfig', dmConfig({ deletedAt: T0 }));
      expectError(await read(creatorId), 404, 'creator.dm.not_found');
    });
  });

  describe('GET /referral/dashboard', () => {
    it('is never a 404', async () => {
      const empty = await query.get('/referral/dashboard');
      expectData(empty, golden.referralDashboard.shape);
      expect(empty.body.data).to.deep.equal(golden.noReferral);
    });

    it("shows the caller's link and rewards", async () => {
      const code = await query.sealer.seal(kinds.name, userId, 'alice123');
      const link = referral().link;
      await query.write('referralDashboard', referral({ link: link && { ...link, code } }));
      const response = await query.get('/referral/dashboard');
      expectData(response, golden.referralDashboard.shape);
      expect(response.body.data).to.deep.equal(golden.referralDashboard.sample);
      expect((await query.get('/referral/dashboard', { as: strangerId })).body.data).to.deep.equal(golden.noReferral);
    });

    it('is a 503 while REFERRAL is switched off, and a 429 after 30 calls a minute', async () => {
      for (let call = 0; call < 30; call += 1) expect((await query.get('/referral/dashboard')).status).to.equal(200);
      const limited = await query.get('/referral/dashboard');
      expectError(limited, 429, 'common.rate_limited', 'RATE_LIMITED');
      expect(Number(limited.headers['retry-after'])).to.be.greaterThan(0);
      await engage('REFERRAL');
      expectError(await query.get('/referral/dashboard'), 503, 'features.referral_disabled', 'FEATURE_DISABLED');
    });
  });

  describe('GET /messages/:id', () => {
    const read = (as: string, id = messageId) => query.get(`/messages/${id}`, { as });
    const write = async (changes: Parameters<typeof message>[0] = {}) =>
      query.write(
        'message',
        message({ content: await query.sealer.seal(kinds.messageContent, fanId, 'Hello!'), ...changes }),
      );

    it('shows the message to sender and receiver', async () => {
      await write();
      for (const as of [fanId, userId]) {
        const response = await read(as);
        expectData(response, golden.message.shape);
        expect(response.body.data).to.include({ id: messageId, content: 'Hello!', status: 'ESCROWED' });
      }
    });

    it('is a 403 for everyone else, admins too', async () => {
      await write();
      expectError(await read(strangerId), 403, 'message.error.not_authorized');
      const asAdmin = await query.get(`/messages/${messageId}`, { as: adminId, role: 'ADMIN' });
      expectError(asAdmin, 403, 'auth.role.forbidden');
    });

    it('is a 404 for an unknown id and a 400 for a malformed one', async () => {
      expectError(await read(fanId), 404, 'message.error.not_found');
      expectError(await read(fanId, 'search'), 400, 'common.validation_failed');
    });

    it('shows a quarantined message as PENDING to its sender, and as a 404 to its receiver', async () => {
      await write({ status: 'QUARANTINED', deliveredAt: null });
      expect((await read(fanId)).body.data.status).to.equal('PENDING');
      expectError(await read(userId), 404, 'message.error.not_found');
    });

    it('stays a 404 for the receiver when the quarantine was upheld', async () => {
      await write({ status: 'REFUNDED', deliveredAt: null });
      expect((await read(fanId)).body.data.status).to.equal('REFUNDED');
      expectError(await read(userId), 404, 'message.error.not_found');
    });

    it('is a 503 while MESSAGING is switched off', async () => {
      await write();
      await engage('MESSAGING');
      expectError(await read(fanId), 503, 'features.messaging_disabled', 'FEATURE_DISABLED');
    });
  });

  describe('A caller whose account', () => {
    const account = (status: string, also: object = {}) =>
      query.write('account', { _id: userId, position: 5n, lastEvent: '00000000', status, ...also } as never);

    for (const status of ['SUSPENDED', 'DELETED', 'ERASED'])
      it(`is ${status} is a 401, before any 404`, async () => {
        await account(status);
        expectError(await query.get('/creators/dashboard'), 401, 'auth.account.unknown', 'AUTH_UNAUTHORIZED');
        expectError(await query.get('/admin/config', { role: 'ADMIN' }), 401, 'auth.account.unknown');
      });
    for (const status of ['ACTIVE', 'DEACTIVATED'])
      it(`is ${status} is answered`, async () => {
        await account(status);
        expectError(await query.get('/creators/dashboard'), 404, 'creator.dashboard.not_found');
      });
    it('cannot be told from an account whose events wait for repair: 503', async () => {
      await account('ACTIVE', { parked: true });
      expectError(await query.get('/creators/dashboard'), 503, 'common.view_degraded');
    });
    it('was suspended is refused within a second', async () => {
      await account('ACTIVE');
      expectError(await query.get('/creators/dashboard'), 404, 'creator.dashboard.not_found');
      await account('SUSPENDED', { position: 6n });
      query.advance(1_000);
      expectError(await query.get('/creators/dashboard'), 401, 'auth.account.unknown');
    });
  });

  describe('GET /wallet/balance', () => {
    it("shows the caller's FAN wallet, and '0.00' without one", async () => {
      await query.write('fanWallet', wallet());
      expect((await query.get('/wallet/balance')).body.data).to.deep.equal({ balance: '12.50', frozen: true });
      const empty = await query.get('/wallet/balance', { as: strangerId });
      expectData(empty, golden.walletBalance.shape);
      expect(empty.body.data).to.deep.equal(golden.walletBalance.sample);
    });

    it('is a 503 while PAYMENT is switched off', async () => {
      await engage('PAYMENT');
      expectError(await query.get('/wallet/balance'), 503, 'features.payment_disabled');
    });
  });

  describe('GET /admin/config and /admin/kill-switches', () => {
    it('are open to admins and auditors', async () => {
      for (const path of ['/admin/config', '/admin/kill-switches']) {
        expectError(await query.get(path), 403, 'auth.role.forbidden');
        for (const role of ['ADMIN', 'AUDITOR'] as const)
          expect((await query.get(path, { role })).status).to.equal(200);
      }
    });

    it('show the values in force, with an ETag of the config', async () => {
      await query.write('config', config({ 'dm.max_price': 400 }, 77n));
      const { body, headers } = await query.get('/admin/config', { role: 'AUDITOR' });
      expect(headers['etag']).to.equal('W/"v1.77-0.0-0"');
      const { items } = body.data as ConfigBody;
      const item = items.find(({ key }) => key === 'dm.max_price');
      expect(item).to.include({ value: 400, default: 500, changedBy: adminId, changedAt: T0 });
    });

    it('show an engaged kill switch', async () => {
      await engage('KYC');
      const { items } = (await query.get('/admin/kill-switches', { role: 'ADMIN' })).body.data as KillSwitchesBody;
      expect(items.find(({ name }) => name === 'KYC')).to.include({ engaged: true });
    });
  });

  it('answer 503 while the state of the kill switches is unknown', async () => {
    await query.write('config', { _id: 'config', position: 0n, parked: true });
    expectError(await query.get('/wallet/balance'), 503, 'common.unavailable');
  });
});
