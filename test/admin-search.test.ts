/** POST /admin/search: what an id, a name, a code or an address is, and where an auditor looks at it. */
import { API_PREFIX } from '@creator-dashboards/shared/http/route';
import { DAY } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { readLog } from './support/invariants.js';
import { answered, creatorWithDms, fanWith, mayBePaid, type Creator, type Person } from './support/people.js';
import { openSystem, type Answer, type TestSystem } from './support/system.js';

interface Item {
  readonly kind: string;
  readonly id: string;
  readonly href: string;
}
const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e';

describe('The search for an id, a name or an address', () => {
  let system: TestSystem;
  let creator: Creator;
  let fan: Person;
  let messageId: string;
  let payoutId: string;
  before(async () => {
    system = await openSystem();
    creator = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 100);
    await mayBePaid(system, creator);
    fan = await fanWith(system, 'fan', '100.00');
    messageId = await answered(fan, creator, 'PER_MESSAGE', 'hello');
    await system.pass(8 * DAY);
    const asked = await creator.post(
      '/payouts/request',
      { amount: '50.00', method: 'BANK_TRANSFER' },
      { 'X-Correlation-Id': CORRELATION },
    );
    expect(asked.status, JSON.stringify(asked.body)).to.equal(201);
    ({ payoutId } = asked.body.data as Answer);
    await creator.get('/referral/link');
  });
  after(() => system.close());

  async function found(q: string): Promise<readonly Item[]> {
    const { status, body } = await system.auditor.post('/admin/search', { q });
    expect(status, JSON.stringify(body)).to.equal(200);
    return (body.data as { items: readonly Item[] }).items;
  }
  const named = (items: readonly Item[]) => items.map(({ kind, id }) => `${kind} ${id}`);

  it('names what an id is, in either case, and answers more under each link', async () => {
    const [event] = await readLog(system.stores.events, 0n);
    const expected = [
      ...[`event ${event?.id}`, `user ${fan.userId}`, `creator ${creator.creatorId}`, `message ${messageId}`],
      ...[`payout ${payoutId}`, `correlation ${CORRELATION}`],
    ];
    for (const one of expected) {
      const items = await found((one.split(' ')[1] ?? '').toUpperCase());
      expect(named(items)).to.deep.equal([one]);
      const { status, body } = await system.auditor.get((items[0]?.href ?? '').slice(API_PREFIX.length));
      expect(status, items[0]?.href).to.equal(200);
      expect(JSON.stringify(body)).to.include(items[0]?.id);
    }
  });

  it('finds a creator by her user id, e-mail address, username and referral code, however they are written', async () => {
    const herself = [`user ${creator.userId}`, `creator ${creator.creatorId}`];
    for (const q of [creator.userId, 'caller@example.org', ' Caller@Example.ORG ', 'caller', 'CALLER'])
      expect(named(await found(q)), q).to.deep.equal(herself);
    expect(named(await found('fan@example.org'))).to.deep.equal([`user ${fan.userId}`]);
  });

  it('finds an admin by what she did', async () => {
    expect(named(await found(system.adminId))).to.deep.equal([`actor ${system.adminId}`]);
  });

  it('finds a name by which somebody was known before', async () => {
    const person = await fanWith(system, 'earlier', '5.00');
    await person.patch('/users/username', { username: 'later' });
    for (const q of ['earlier', 'later']) expect(named(await found(q)), q).to.deep.equal([`user ${person.userId}`]);
  });

  it('finds nothing for what nobody has', async () => {
    for (const q of ['0f8fad5b-d9cb-469f-a165-70867728950f', 'nobody@example.org', 'nobody', '$where', 'a@b@c'])
      expect(await found(q), q).to.deep.equal([]);
  });

  it('finds nobody by the name or address that she had before she was erased', async () => {
    const gone = await fanWith(system, 'leaving', '5.00');
    expect(named(await found('leaving'))).to.deep.equal([`user ${gone.userId}`]);
    await system.admin.post(`/admin/users/${gone.userId}/erase`, { reason: 'asked for it' });
    await system.pass(DAY);
    for (const q of ['leaving', 'leaving@example.org']) expect(await found(q), q).to.deep.equal([]);
  });

  it('rejects an empty search, one that is too long, and one that is no text', async () => {
    for (const q of ['', '  ', 'x'.repeat(321), 5, null, { $ne: '' }, ['caller']]) {
      const { status } = await system.auditor.post('/admin/search', { q });
      expect(status, JSON.stringify(q)).to.equal(400);
    }
  });

  it('is recorded with what kind of thing was asked for, never with the text', async () => {
    await system.access.flush('all');
    await system.newEvents();
    await found('caller@example.org');
    await found('Caller');
    await system.access.flush('all');
    const recorded = await system.newEvents();
    expect(recorded.map(({ type }) => type)).to.deep.equal(['LogSearched']);
    const { searches } = recorded[0]?.data as { searches: { means: string; filters: string[] }[] };
    expect(searches.map(({ means, filters }) => [means, filters])).to.deep.equal([
      ['POST /admin/search', ['email']],
      ['POST /admin/search', ['name']],
    ]);
    expect(JSON.stringify(recorded.map(({ data }) => data)).toLowerCase()).to.not.include('caller');
  });

  it('is a read: it takes no Idempotency-Key, and an auditor without an account may ask', async () => {
    const twice = await Promise.all(
      ['caller', 'fan'].map((q) => system.auditor.post('/admin/search', { q }, { 'Idempotency-Key': 'same' })),
    );
    expect(twice.map(({ status }) => status)).to.deep.equal([200, 200]);
    expect((await fan.post('/admin/search', { q: 'caller' })).status).to.equal(403);
  });
});
