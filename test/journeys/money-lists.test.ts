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
      const greta = await creatorWithDms(system, 'greta', 'FREE');
      expect((await page(greta, '/payouts')).items).to.deep.equal([]);
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
