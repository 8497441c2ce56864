/** What waits for the staff: how it comes into the list, who settles it, and who may see it. */
import { HOUR, SECOND } from '@creator-dashboards/shared/time';
import type { WorkBody } from '@creator-dashboards/shared/views/work/body';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import {
  answered,
  creatorWithDms,
  fanWith,
  mayBePaid,
  send,
  webhookId,
  type Creator,
  type Person,
} from '../support/people.js';
import type { Answer, TestSystem } from '../support/system.js';

interface Page {
  readonly items: readonly WorkBody[];
  readonly counts: Readonly<Record<string, number>>;
  readonly nextCursor: string | null;
  readonly [field: string]: unknown;
}

const reason = 'it is right';
const NOTHING = { payout: 0, quarantine: 0, conflict: 0, erasure: 0, money: 0 };

journey('what waits for the staff', (openSystem) => {
  let system: TestSystem;
  let alice: Creator;
  let finn: Person;
  let question: string;
  beforeEach(async () => {
    system = await openSystem();
    alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 50);
    await mayBePaid(system, alice);
    finn = await fanWith(system, 'finn', '200.00');
    question = await answered(finn, alice, 'PER_MESSAGE', 'who?');
    await system.admin.put('/admin/config/payout.cooldown_days', { value: 0, reason });
    await system.catchUp();
  });
  afterEach(() => system.close());

  async function work(query = ''): Promise<Page> {
    const headers = { 'Read-After': (await system.head()).toString() };
    return (await system.done(system.auditor.get(`/admin/work${query}`, headers), 200, [])) as unknown as Page;
  }
  const told = ({ items }: Page) => items.map(({ kind, status, subject }) => [kind, status, subject]);
  async function request(amount: string): Promise<string> {
    const { body } = await alice.post('/payouts/request', { amount });
    await system.catchUp();
    return (body.data as Answer).payoutId;
  }
  const judge = async (path: string, body: object = {}) => {
    const answer = await system.admin.post(`/admin/${path}`, { reason, ...body });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    await system.catchUp();
  };
  const report = (payoutId: string, status: 'paid' | 'failed') =>
    system.provider.post('/webhooks/payouts', { id: webhookId(), payoutId, status });

  it('is nothing at first, and nothing for others', async () => {
    expect(await work()).to.deep.include({ items: [], total: 0, counts: NOTHING });
    for (const who of [alice, finn]) await system.refused(who.get('/admin/work'), 403, 'auth.role.forbidden');
    await system.refused(system.auditor.get('/admin/work?kind=other'), 400, 'common.validation_failed');
  });

  it('is a payout until it is on its way, and again where nobody says for twenty hours how it ended', async () => {
    const since = system.now();
    const payoutId = await request('20.00');
    const { items, counts } = await work();
    expect(items).to.deep.equal([
      {
        ...{ kind: 'payout', status: 'PENDING', subject: payoutId, userId: alice.userId, creatorId: alice.creatorId },
        ...{ amount: '20.00', details: { method: 'BANK_TRANSFER' }, since },
      },
    ]);
    expect(counts).to.deep.equal({ ...NOTHING, payout: 1 });
    await judge(`payouts/${payoutId}/approve`);
    expect(told(await work('?kind=payout'))).to.deep.equal([['payout', 'APPROVED', payoutId]]);
    expect(told(await work('?kind=payout&status=PENDING'))).to.deep.equal([]);
    await judge(`payouts/${payoutId}/process`);
    await system.pass(20 * HOUR - SECOND);
    expect(await work()).to.deep.include({ items: [], counts: NOTHING });
    await system.pass(SECOND);
    const unknown = await work('?status=PROCESSING');
    expect(told(unknown)).to.deep.equal([['payout', 'PROCESSING', payoutId]]);
    expect(unknown.counts).to.deep.equal({ ...NOTHING, payout: 1 });
    await judge(`payouts/${payoutId}/result`, { status: 'paid' });
    expect(await work()).to.deep.include({ items: [], counts: NOTHING });
  });

  it('is a message in quarantine, until somebody judges it', async () => {
    const [one, two] = [
      await send(finn, alice, 'PER_MESSAGE', 'quarantine-me'),
      await send(await fanWith(system, 'greta', '50.00'), alice, 'PER_MESSAGE', 'quarantine-me, too'),
    ];
    expect((await work('?kind=quarantine')).items.map(({ subject }) => subject)).to.have.members([one, two]);
    await judge(`messages/${one}/release`);
    await judge(`messages/${two}/refuse`);
    expect(await work()).to.deep.include({ items: [], counts: NOTHING });
  });

  it('is a result that conflicts with what is known, until somebody has looked into it', async () => {
    const payoutId = await request('20.00');
    for (const act of ['approve', 'process']) await judge(`payouts/${payoutId}/${act}`);
    await report(payoutId, 'paid');
    await report(payoutId, 'failed');
    await report(payoutId, 'failed');
    const { items, counts } = await work();
    expect(told(await work())).to.deep.equal([['conflict', 'PAYOUT_RESULT', payoutId]]);
    expect(items[0]?.details).to.deep.equal({ from: 'PROCESSED', result: 'failed' });
    expect(counts).to.deep.equal({ ...NOTHING, conflict: 1 });
    await system.refused(
      system.admin.post(`/admin/payouts/${payoutId}/acknowledge`, {}),
      400,
      'common.validation_failed',
    );
    const asked = { reason: 'the bank says it was paid' };
    await system.done(system.admin.post(`/admin/payouts/${payoutId}/acknowledge`, asked), 200, [
      'PayoutConflictAcknowledged',
    ]);
    expect(await work()).to.deep.include({ items: [], counts: NOTHING });
    await system.refused(
      system.admin.post(`/admin/payouts/${payoutId}/acknowledge`, asked),
      409,
      'admin.work.nothing_to_acknowledge',
    );
  });

  it('is a chargeback that does not fit, until somebody has looked into it', async () => {
    const wrong = { id: webhookId(), type: 'chargeback', messageId: question, amount: '49.00' };
    expect((await system.provider.post('/webhooks/payments', wrong)).status).to.equal(200);
    const { items } = await work('?status=CHARGEBACK');
    expect(items).to.have.length(1);
    expect(items[0]).to.deep.include({
      ...{ kind: 'conflict', subject: question, userId: finn.userId, creatorId: alice.creatorId, amount: '49.00' },
      details: { expected: '50.00', status: 'COMPLETED' },
    });
    await system.done(system.admin.post(`/admin/messages/${question}/acknowledge`, { reason }), 200, [
      'ChargebackMismatchAcknowledged',
    ]);
    expect(told(await work())).to.deep.equal([]);
  });

  it('is an erasure that waits for a payout, beside nothing that the erasure has cancelled', async () => {
    const paying = await request('20.00');
    for (const act of ['approve', 'process']) await judge(`payouts/${paying}/${act}`);
    await request('10.00');
    expect((await work()).counts).to.deep.equal({ ...NOTHING, payout: 1 });
    await judge(`users/${alice.userId}/erase`);
    await system.pass(SECOND);
    expect(told(await work())).to.deep.equal([['erasure', 'REQUESTED', alice.userId]]);
    await report(paying, 'paid');
    await system.pass(SECOND);
    expect(await work()).to.deep.include({ items: [], counts: NOTHING });
  });

  it('comes in pages, the oldest first, by cursors that are good for their list', async () => {
    const ids: string[] = [];
    for (const amount of ['10.00', '11.00', '12.00']) {
      ids.push(await request(amount));
      await system.pass(SECOND);
    }
    const first = await work('?kind=payout&limit=2');
    expect(first).to.include({ total: 3, page: 1, totalPages: 2 });
    expect(first.items.map(({ subject }) => subject)).to.deep.equal(ids.slice(0, 2));
    const cursor = `cursor=${first.nextCursor}`;
    await judge(`payouts/${ids[0]}/reject`);
    const rest = await work(`?kind=payout&limit=2&${cursor}`);
    expect([rest.items.map(({ subject }) => subject), rest.nextCursor]).to.deep.equal([ids.slice(2), null]);
    expect((await work('?limit=1&page=2')).items.map(({ subject }) => subject)).to.deep.equal([ids[2]]);
    for (const other of ['', 'kind=conflict&', 'status=PENDING&'])
      await system.refused(system.auditor.get(`/admin/work?${other}${cursor}`), 400, 'common.invalid_cursor');
  });

  it('is shown as it was, by the key of its document', async () => {
    const payoutId = await request('20.00');
    const position = (await system.head()).toString();
    await judge(`payouts/${payoutId}/approve`);
    const { body } = await system.auditor.get(`/admin/as-of/work/${payoutId}_payout?position=${position}`);
    expect((body.data as { body: object }).body).to.include({ status: 'PENDING', amount: '20.00' });
  });
});
