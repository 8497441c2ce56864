/** Payouts and movements of wallets, page by page (domain 2.2 and 2.3, docs/lists.md). */
import { DAY, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import {
  answered,
  creatorWithDms,
  fanWith,
  mayBePaid,
  register,
  webhookId,
  type Creator,
  type Person,
} from '../support/people.js';
import type { Answer, Caller, TestSystem } from '../support/system.js';

type Item = Readonly<Record<string, unknown>>;
interface Page {
  readonly items: readonly Item[];
  readonly [field: string]: unknown;
  readonly nextCursor: string | null;
}

const reason = 'it is right';

journey('lists of money', (openSystem) => {
  let system: TestSystem;
  let alice: Creator;
  let finn: Person;
  before(async () => {
    system = await openSystem();
    alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 50);
    await mayBePaid(system, alice);
    finn = await fanWith(system, 'finn', '200.00');
    for (const question of ['who?', 'what?']) await answered(finn, alice, 'PER_MESSAGE', question);
  });
  after(() => system.close());

  async function read<T>(who: Caller, path: string): Promise<T> {
    const headers = { 'Read-After': (await system.head()).toString() };
    return (await system.done(who.get(path, headers), 200, [])) as T;
  }
  const page = (who: Caller, path: string) => read<Page>(who, path);

  describe('movements', () => {
    /** In short: type, amount, balances, what it is for. */
    const told = ({ items }: Page) =>
      items.map((item) =>
        ['type', 'amount', 'balanceBefore', 'balanceAfter', 'referenceType'].map((name) => item[name]).join(' '),
      );
    const [first, second] = ['DEBIT 50.00 200.00 150.00 MESSAGE', 'DEBIT 50.00 150.00 100.00 MESSAGE'];
    const load = 'CREDIT 200.00 0.00 200.00 STRIPE_CHECKOUT';

    it('of the wallet that a fan pays from are listed with both balances, newest first', async () => {
      const page1 = await page(finn, '/wallet/activity');
      expect(told(page1)).to.deep.equal([second, first, load]);
      expect(page1).to.include({ total: 3, limit: 20, nextCursor: null });
      const { items } = await page(finn, '/messages');
      expect(page1.items.slice(0, 2).map(({ referenceId }) => referenceId)).to.have.members(items.map(({ id }) => id));
      for (const { walletId } of page1.items) expect(walletId).to.equal(`fanWallet-${finn.userId}`);
      const found = await system.auditor.get(`/admin/events/${String(page1.items[0]?.['id'])}`);
      expect(JSON.stringify(found.body)).to.include('"EscrowHeld"');
    });

    it('of the wallet that a creator earns into are listed where she asks for it', async () => {
      expect((await page(alice, '/wallet/activity')).items).to.deep.equal([]);
      const earned = ['CREDIT 40.00 40.00 80.00 MESSAGE', 'CREDIT 40.00 0.00 40.00 MESSAGE'];
      expect(told(await page(alice, '/wallet/activity?wallet=CREATOR'))).to.deep.equal(earned);
      await system.refused(alice.get('/wallet/activity?wallet=OTHER'), 400, 'common.validation_failed');
    });

    it('are listed by type, and an unknown type is passed over', async () => {
      const of = async (type: string) => told(await page(finn, `/wallet/activity?type=${type}`));
      expect(await of('CREDIT')).to.deep.equal([load]);
      expect(await of('EXPIRY')).to.deep.equal([]);
      expect(await of('LOTTERY')).to.deep.equal([second, first, load]);
    });

    it('are paged, twenty at most, each wallet and type by cursors of its own', async () => {
      expect(await page(finn, '/wallet/activity?limit=50')).to.include({ limit: 20 });
      const two = await page(finn, '/wallet/activity?limit=2');
      expect(told(await page(finn, `/wallet/activity?limit=2&cursor=${two.nextCursor}`))).to.deep.equal([load]);
      for (const other of ['wallet=CREATOR', 'type=DEBIT'])
        await system.refused(
          finn.get(`/wallet/activity?${other}&cursor=${two.nextCursor}`),
          400,
          'common.invalid_cursor',
        );
    });

    it('of one moment are shown as they followed each other', async () => {
      const greta = await fanWith(system, 'greta', '10.00');
      const amounts = ['1.00', '2.00', '3.00', '4.00'];
      for (const amount of amounts) {
        const adjustment = { type: 'FAN', amount, direction: 'CREDIT', reason };
        await system.admin.post(`/admin/wallets/${greta.userId}/adjust`, adjustment);
      }
      const { items } = await page(greta, '/wallet/activity');
      expect(new Set(items.map(({ createdAt }) => createdAt)).size, 'moments').to.equal(1);
      expect(items.map(({ balanceAfter }) => balanceAfter)).to.deep.equal([
        '20.00',
        '16.00',
        '13.00',
        '11.00',
        '10.00',
      ]);
    });

    it('may be loads of what is offered to everybody, which is config', async () => {
      const packages = { packages: ['5.00', '10.00', '25.00'], min: '5.00', max: '500.00', currency: 'USD' };
      expect(await read(system.anybody, '/wallet/packages')).to.deep.equal(packages);
      await system.admin.put('/admin/config/wallet.load_packages', { value: [7.5, 20], reason });
      const changed = { ...packages, packages: ['7.50', '20.00'] };
      expect(await read(system.anybody, '/wallet/packages')).to.deep.equal(changed);
    });
  });

  describe('payouts', () => {
    const ids: string[] = [];
    const times: string[] = [];

    async function request(amount: string): Promise<string> {
      times.push(system.now());
      const { status, body } = await alice.post('/payouts/request', { amount });
      expect(status, JSON.stringify(body)).to.equal(201);
      ids.push((body.data as Answer).payoutId);
      await system.catchUp();
      return ids.at(-1) ?? '';
    }
    const judge = (payoutId: string, act: string) => system.admin.post(`/admin/payouts/${payoutId}/${act}`, { reason });

    // 80.00 were earned: 10.00 rejected in April, 20.00 paid, 30.00 waiting and 15.00 approved in May.
    before(async () => {
      await system.admin.put('/admin/config/payout.cooldown_days', { value: 0, reason });
      await system.catchUp();
      await judge(await request('10.00'), 'reject');
      await system.pass(4 * DAY);
      const paid = await request('20.00');
      for (const act of ['approve', 'process']) await judge(paid, act);
      const result = { id: webhookId(), payoutId: paid, status: 'paid' };
      expect((await system.provider.post('/webhooks/payouts', result)).status).to.equal(200);
      await system.pass(SECOND);
      await request('30.00');
      await system.pass(SECOND);
      await judge(await request('15.00'), 'approve');
    });

    it('are listed to their creator, newest first, each with what became of it', async () => {
      const { items, ...rest } = await page(alice, '/payouts');
      expect(rest).to.deep.equal({ total: 4, page: 1, limit: 20, totalPages: 1, truncated: false, nextCursor: null });
      const told = items.map(({ id, amount, status, createdAt }) => ({ id, amount, status, createdAt }));
      const amounts = ['10.00', '20.00', '30.00', '15.00'];
      const statuses = ['REJECTED', 'PROCESSED', 'PENDING', 'APPROVED'];
      const expected = ids.map((id, n) => ({ id, amount: amounts[n], status: statuses[n], createdAt: times[n] }));
      expect(told).to.deep.equal(expected.reverse());
      expect(items[1]).to.deep.include({ method: 'BANK_TRANSFER', approvedAt: null, closedAt: null });
      expect(items[2]).to.deep.include({ approvedAt: times[1], closedAt: times[1] });
    });

    it('are listed by status, where each is found once, and leave a list with their status', async () => {
      const of = async (status: string) => (await page(alice, `/payouts?status=${status}`)).items.map(({ id }) => id);
      expect(await of('PENDING')).to.deep.equal([ids[2]]);
      expect(await of('PROCESSED')).to.deep.equal([ids[1]]);
      expect(await of('PROCESSING')).to.deep.equal([]);
      await system.refused(alice.get('/payouts?status=LOST'), 400, 'common.validation_failed');
    });

    it('are paged by a cursor that is good for this list only', async () => {
      const first = await page(alice, '/payouts?limit=3');
      const rest = await page(alice, `/payouts?limit=3&cursor=${first.nextCursor}`);
      expect(rest.items.map(({ id }) => id)).to.deep.equal([ids[0]]);
      expect(rest.nextCursor).to.equal(null);
      for (const path of ['/payouts?status=PENDING&cursor=', '/messages?cursor='])
        await system.refused(alice.get(`${path}${first.nextCursor}`), 400, 'common.invalid_cursor');
    });

    it('are nobody else’s', async () => {
      const hugo = await creatorWithDms(system, 'hugo', 'FREE');
      expect((await page(hugo, '/payouts')).items).to.deep.equal([]);
      expect(await read(finn, '/payouts/report')).to.deep.equal({ rows: [], total: 0, count: 0 });
    });

    it('are reported by month, with the sum of all, whatever became of them', async () => {
      interface Report {
        readonly rows: readonly Item[];
      }
      const { rows, ...sums } = await read<Report>(alice, '/payouts/report');
      expect(rows).to.deep.equal((await page(alice, '/payouts')).items);
      expect(sums).to.deep.equal({ total: 75, count: 4 });
      const of = async (month: string) => {
        const report = await read<Report>(alice, `/payouts/report?month=${month}`);
        return { ...report, rows: report.rows.map(({ id }) => id) };
      };
      expect(await of('2026-04')).to.deep.equal({ rows: [ids[0]], total: 10, count: 1 });
      expect(await of('2026-05')).to.deep.equal({ rows: [ids[3], ids[2], ids[1]], total: 65, count: 3 });
      expect(await of('2026-06')).to.deep.equal({ rows: [], total: 0, count: 0 });
      for (const month of ['2026-13', '2026-4', 'April', ''])
        await system.refused(alice.get(`/payouts/report?month=${month}`), 400, 'payment.payout.error.invalid_month');
    });

    it('stop at their kill switch', async () => {
      await system.admin.put('/admin/kill-switches/PAYOUT', { engaged: true, reason });
      await system.catchUp();
      for (const path of ['/payouts', '/payouts/report'])
        await system.refused(alice.get(path), 503, 'features.payout_disabled');
      await system.admin.put('/admin/kill-switches/PAYOUT', { engaged: false, reason });
      await system.catchUp();
    });

    it('are cancelled by an erasure, each of those that were not paid yet', async () => {
      const { userId } = await register(system, 'nobody');
      expect((await page(system.as(userId), '/payouts')).items).to.deep.equal([]);
      await system.admin.post(`/admin/users/${alice.userId}/erase`, { reason });
      await system.pass(SECOND);
      const statusOf = async (id: string | undefined) => {
        const { body } = await system.auditor.get(`/admin/as-of/payout/${id}`);
        return (body.data as { body: Item }).body['status'];
      };
      expect(await Promise.all(ids.map(statusOf))).to.deep.equal(['REJECTED', 'PROCESSED', 'CANCELLED', 'CANCELLED']);
    });
  });
});
