/** GET /admin/money/…: the movements of a wallet, with amounts worked out by hand. */
import { DIFFERENCES, moneyDifferences, type MoneyDifference } from '@creator-dashboards/shared/ledger/differences';
import { idOf, messageId } from '@creator-dashboards/shared/testing/fixtures/people';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import {
  adminId,
  creatorId,
  fanId,
  strangerId,
  T0,
  userId,
} from '@creator-dashboards/shared/testing/fixtures/documents';
import { expect } from 'chai';
import { openHarness, type Call, type Harness } from './harness.js';

const sessionId = '99999999-9999-4999-8999-999999999901';
const onFan = onStream(`fanWallet-${fanId}`, { userId: fanId });
const fanEvents = [
  onFan('WalletOpened', { type: 'FAN', currency: 'USD' }),
  onFan('FundsLoaded', { sessionId, amount: '25.00', before: '0.00', after: '25.00' }),
  onFan('EscrowHeld', { messageId, amount: '10.00', before: '25.00', after: '15.00' }),
  onFan('WalletFrozen', {}),
  onFan('EscrowReleased', { messageId, amount: '10.00', before: '15.00', after: '15.00' }),
];
const onCreatorWallet = onStream(`creatorWallet-${userId}`, { userId, creatorId });
const credited = onCreatorWallet('EarningsCredited', {
  ...{ messageId, gross: '10.00', commission: '2.00', net: '8.00' },
  ...{ before: '0.00', after: '8.00' },
});
const account = (id: string) =>
  onStream(`user-${id}`, { userId: id })('UserReactivated', { userId: id, statusAfter: 'ACTIVE' });
const profile = onStream(`creator-${creatorId}`, { userId, creatorId })('TaxFormApproved', { at: T0 });

interface Item {
  readonly type: string;
  readonly change: string | null;
  readonly balance: string | null;
  readonly postings: readonly { readonly account: string; readonly change: string }[];
}
interface Page {
  readonly account: string;
  readonly items: readonly Item[];
  readonly next: string | null;
}

describe('The movements of a wallet', () => {
  let h: Harness;
  before(async () => {
    h = await openHarness();
    const log = history([account(fanId), account(strangerId), profile, credited, ...fanEvents]);
    for (const stream of new Set(log.map((event) => event.stream)))
      await h.grow(
        stream,
        log.filter((event) => event.stream === stream),
      );
  });
  after(() => h.close());

  const admin: Call = { as: adminId, role: 'ADMIN' };
  async function pageOf(path: string): Promise<Page> {
    const { status, body } = await h.get(path, admin);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.data as Page;
  }
  const story = ({ items }: Page) => items.map(({ type, change, balance }) => `${type} ${change} ${balance}`);
  const oldestFirst = ['FundsLoaded 25.00 25.00', 'EscrowHeld -10.00 15.00', 'EscrowReleased 0.00 15.00'];

  it('are shown the newest first, or the oldest first', async () => {
    expect(story(await pageOf(`/admin/money/fans/${fanId}`))).to.deep.equal([...oldestFirst].reverse());
    expect(story(await pageOf(`/admin/money/fans/${fanId}?order=oldest`))).to.deep.equal(oldestFirst);
  });

  it('say which accounts they touch', async () => {
    const { account: name, items } = await pageOf(`/admin/money/creators/${creatorId}`);
    expect(name).to.equal(`creatorWallet-${userId}`);
    expect(items.map(({ postings }) => postings)).to.deep.equal([
      [
        { account: `released-${messageId}`, change: '-10.00' },
        { account: `creatorWallet-${userId}`, change: '8.00' },
        { account: 'commission', change: '2.00' },
      ],
    ]);
    expect(items[0]).to.include({ change: '8.00', balance: '8.00' });
  });

  it('come in pages of any size, each once, in either order', async () => {
    for (const order of ['oldest', 'newest'])
      for (const limit of [1, 2, 3, 5]) {
        const path = `/admin/money/fans/${fanId}?order=${order}&limit=${limit}`;
        const pages = [await pageOf(path)];
        for (let next = pages[0]?.next; next; next = pages.at(-1)?.next)
          pages.push(await pageOf(`${path}&cursor=${next}`));
        const expected = order === 'oldest' ? oldestFirst : [...oldestFirst].reverse();
        expect(pages.flatMap(story), `${order} ${limit}`).to.deep.equal(expected);
        expect(pages).to.have.length(Math.ceil(fanEvents.length / limit));
      }
  });

  it('refuse a cursor of the other order or of another wallet', async () => {
    const { next } = await pageOf(`/admin/money/fans/${fanId}?limit=1`);
    for (const path of [`fans/${fanId}?order=oldest&`, `creators/${creatorId}?`]) {
      const { status, body } = await h.get(`/admin/money/${path}cursor=${next}`, admin);
      expect([status, body.error?.i18nKey]).to.deep.equal([400, 'admin.events.invalid_cursor']);
    }
  });

  it('are none for somebody without a wallet, and 404 for nobody', async () => {
    expect((await pageOf(`/admin/money/fans/${strangerId}`)).items).to.deep.equal([]);
    expect((await h.get(`/admin/money/fans/${messageId}`, admin)).body.error.i18nKey).to.equal('error.user.not_found');
    expect((await h.get(`/admin/money/creators/${messageId}`, admin)).body.error.i18nKey).to.equal(
      'error.creator.not_found',
    );
  });

  it('show an event that cannot be read as it stands, without a balance', async () => {
    const [opened] = history([onStream(`fanWallet-${strangerId}`, { userId: strangerId })('WalletFrozen', {})]);
    await h.grow(`fanWallet-${strangerId}`, [{ ...opened, type: 'MoneyTeleported' } as never]);
    const { items } = await pageOf(`/admin/money/fans/${strangerId}`);
    expect(items).to.have.length(1);
    expect(items[0]).to.include({ type: 'MoneyTeleported', change: null, balance: null });
  });

  it('are for admins and auditors only', async () => {
    const path = `/admin/money/fans/${fanId}`;
    expect((await h.get(path, { as: adminId, role: 'AUDITOR' })).status).to.equal(200);
    expect((await h.get(path, { as: fanId })).status).to.equal(403);
  });
});

describe('GET /admin/money/differences', () => {
  let h: Harness;
  before(async () => {
    h = await openHarness();
    await h.reads.declare(DIFFERENCES, ['open', 'foundAt']);
    for (const [n, open] of [true, false, true].entries())
      await h.reads.write<MoneyDifference>(DIFFERENCES, [{ document: difference(n + 1, open), expected: null }]);
  });
  after(() => h.close());

  const difference = (n: number, open: boolean): MoneyDifference => ({
    ...{ _id: idOf(n), position: BigInt(n), open, account: `escrow-${messageId}`, eventId: idOf(100 + n) },
    ...{ kind: 'OWED', foundAt: `2026-04-29T10:00:0${n}.000Z` },
    acknowledgedAt: open ? null : '2026-04-29T11:00:00.000Z',
    acknowledgedBy: open ? null : adminId,
  });
  async function pageOf(query: string) {
    const { status, body } = await h.get(`/admin/money/differences?${query}`, { as: adminId, role: 'AUDITOR' });
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.data as { items: { item: string; meaning: string }[]; next: string | null };
  }
  const items = ({ items: all }: Awaited<ReturnType<typeof pageOf>>) => all.map(({ item }) => item);

  it('shows the open ones, or all, the oldest first, with what they mean', async () => {
    const open = await pageOf('');
    expect(items(open)).to.deep.equal([idOf(1), idOf(3)]);
    expect(open.items[0]).to.include({ account: `escrow-${messageId}`, kind: 'OWED', eventId: idOf(101) });
    expect(open.items[0]?.meaning).to.match(/not empty/);
    expect(items(await pageOf('open=all'))).to.deep.equal([idOf(1), idOf(2), idOf(3)]);
  });

  it('comes in pages, each difference once', async () => {
    const first = await pageOf('open=all&limit=2');
    const second = await pageOf(`open=all&limit=2&cursor=${first.next}`);
    expect([...items(first), ...items(second)]).to.deep.equal([idOf(1), idOf(2), idOf(3)]);
    expect(second.next).to.equal(null);
    const other = await h.get(`/admin/money/differences?cursor=${first.next}`, { as: adminId, role: 'ADMIN' });
    expect(other.body.error.i18nKey).to.equal('admin.events.invalid_cursor');
  });

  it('reads them where the command service keeps them', () => {
    expect(DIFFERENCES).to.equal(`lookup.${moneyDifferences.name}.v${moneyDifferences.version}`);
  });
});
