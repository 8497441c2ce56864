/** Every number explainable from its history: who did what, when, why and by which request (domain 9.1, G29, G34). */
import { expect } from 'chai';
import { newId } from '@creator-dashboards/shared/ids';
import { journey } from '../support/journey.js';
import { answered, creatorWithDms, fanWith, register, type Creator } from '../support/people.js';
import type { TestSystem } from '../support/system.js';

interface Page {
  readonly items: readonly {
    readonly type: string;
    readonly stream: string;
    readonly position: string;
    readonly data: unknown;
    readonly metadata: Readonly<Record<string, unknown>>;
  }[];
  readonly next: string | null;
  readonly chainIntact?: boolean;
}

const SECRETS = ['a private question', 'alice@example.org', 'DE89370400440532013000'];

journey('the audit', (openSystem) => {
  let system: TestSystem;
  let alice: Creator;
  let otto: Creator;
  before(async () => {
    system = await openSystem();
    alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 5);
    const finn = await fanWith(system, 'finn', '20.00');
    await alice.patch('/creators/bank-details', { iban: 'DE89370400440532013000' });
    await answered(finn, alice, 'PER_MESSAGE', 'a private question');
    otto = await creatorWithDms(system, 'otto', 'PER_MESSAGE', 5);
    await answered(finn, otto, 'PER_MESSAGE', 'another question');
  });
  after(() => system.close());

  async function pages(filter: Readonly<Record<string, string>>, path = '/admin/events'): Promise<Page[]> {
    const all: Page[] = [];
    for (let cursor: string | null = ''; cursor !== null; cursor = all.at(-1)?.next ?? null) {
      const query = new URLSearchParams({ ...filter, ...(cursor && { cursor }) });
      const { status, body } = await system.auditor.get(`${path}?${query.toString()}`);
      expect(status, JSON.stringify(body)).to.equal(200);
      all.push(body.data as Page);
    }
    return all;
  }

  it("carries a caller's correlation id from the request to the answer, the events and their follow-ups", async () => {
    const correlationId = newId();
    const header = { 'X-Correlation-Id': correlationId };
    await system.newEvents();
    const dms = { dmType: 'FREE', dmActive: true };
    const answer = await alice.patch(`/creators/${alice.creatorId}/dm-config`, dms, header);
    expect(answer.headers['x-correlation-id']).to.equal(correlationId);
    const events = await system.newEvents();
    expect(events.map(({ metadata }) => metadata.$correlationId)).to.deep.equal(events.map(() => correlationId));
    expect(events[0]?.metadata.actor).to.deep.equal({ userId: alice.userId, role: 'USER' });

    const refusal = await alice.patch(`/creators/${newId()}/dm-config`, dms, header);
    expect(refusal.headers['x-correlation-id']).to.equal(correlationId);
    expect(refusal.body.error.correlationId).to.equal(correlationId);
  });

  it('creates a correlation id when a caller gives none or an invalid one', async () => {
    for (const given of [undefined, { 'X-Correlation-Id': 'not-an-id' }]) {
      const { headers, body } = await alice.get('/wallet/nowhere', given);
      expect(headers['x-correlation-id']).to.match(/^[0-9a-f-]{36}$/);
      expect(body.error.correlationId).to.equal(headers['x-correlation-id']);
    }
  });

  it('links follow-ups to their cause, by ids that lead back to the request', async () => {
    const fan = await fanWith(system, 'greta', '10.00');
    await alice.patch(`/creators/${alice.creatorId}/dm-config`, { dmType: 'PER_MESSAGE', dmPrice: 5, dmActive: true });
    await system.newEvents();
    await answered(fan, alice, 'PER_MESSAGE', 'hello');
    const events = await system.newEvents();
    const causes = new Set(events.flatMap(({ id, metadata }) => [id, metadata.commandId]));
    for (const { type, metadata } of events) expect(causes, type).to.include(metadata.$causationId);
  });

  it('shows every event of a creator, page by page in order, and no other event', async () => {
    const all = (await pages({ creatorId: alice.creatorId, limit: '7' })).flatMap(({ items }) => items);
    const positions = all.map(({ position }) => Number(position));
    expect(positions).to.deep.equal(positions.toSorted((a, b) => a - b));
    expect(new Set(positions).size).to.equal(positions.length);
    const types = all.map(({ type }) => type);
    expect(types).to.include.members(['UserRegistered', 'CreatorUpgraded', 'DmConfigUpdated', 'BankDetailsUpdated']);
    expect(types).to.include.members(['MessageAdmitted', 'MessageSent', 'MessageCompleted', 'EarningsCredited']);
    expect(JSON.stringify(all)).to.not.include(otto.creatorId);
    const whole = (await pages({ limit: '200' })).flatMap(({ items }) => items);
    expect(whole.length).to.be.greaterThan(all.length);
    const keys = whole.filter(({ metadata }) => JSON.stringify(metadata.keys).includes(alice.creatorId));
    expect(all.map(({ position }) => position)).to.include.members(keys.map(({ position }) => position));
  });

  it('shows one stream with its unbroken chain, and complete metadata on every event', async () => {
    const stream = `creator-${alice.creatorId}`;
    const [first, ...rest] = await pages({ limit: '2' }, `/admin/streams/${stream}`);
    expect([first, ...rest].map((page) => page?.chainIntact)).to.not.include(false);
    const items = [first, ...rest].flatMap((page) => page?.items ?? []);
    expect(items[0]?.type).to.equal('CreatorUpgraded');
    for (const { stream: its, metadata } of items) {
      expect(its).to.equal(stream);
      expect(metadata).to.include.all.keys(
        ...['$correlationId', '$causationId', 'commandId', 'actor', 'reason', 'occurredAt'],
        ...['schemaVersion', 'prevHash', 'keys'],
      );
      expect(metadata.keys).to.deep.equal({ userId: alice.userId, creatorId: alice.creatorId });
    }
  });

  it('says who decided and why, and never what else is sealed', async () => {
    const reason = 'because of a complaint';
    await system.admin.post(`/admin/creators/${alice.creatorId}/suspend`, { reason });
    const { items } = (await pages({ stream: `creator-${alice.creatorId}`, limit: '200' }))[0] as Page;
    expect(items.at(-1)?.type).to.equal('CreatorSuspended');
    expect(items.at(-1)?.metadata).to.deep.include({
      actor: { userId: system.adminId, role: 'ADMIN' },
      reason,
    });
    const whole = JSON.stringify(await pages({ limit: '200' }));
    for (const secret of SECRETS) expect(whole).to.not.include(secret);
    expect(whole).to.not.match(/ciphertext|nonce|\$argon2/);
  });

  it('is itself in the log: how often an admin searched in a minute, by what filters, and whose money she read', async () => {
    const admin = system.as(newId(), 'ADMIN');
    const { userId } = otto;
    const searches = [`userId=${userId}&limit=5`, `userId=${userId}&limit=5&order=newest`, `userId=${userId}`];
    for (const query of searches) expect((await admin.get(`/admin/events?${query}`)).status).to.equal(200);
    expect((await admin.get(`/admin/money/fans/${userId}`)).status).to.equal(200);
    await system.newEvents();
    await system.access.flush('all');
    const since = system.now();
    const events = (await system.newEvents()).filter(({ type }) => /^(LogSearched|PersonHistoryRead)$/.test(type));
    const own = events.map(({ data }) => data as Readonly<Record<string, unknown>>);
    expect(own.filter(({ person }) => person === userId)).to.deep.equal([
      { person: userId, since, counts: { 'GET /admin/money/fans/:userId': 1 }, by: null },
    ]);
    const counted = own.flatMap(
      ({ searches: all = [] }) => all as { means: string; filters: string[]; count: number }[],
    );
    const byOwner = counted.filter(({ filters }) => filters.join() === 'order,userId').map(({ count }) => count);
    expect(byOwner).to.have.members([2, 1]); // two oldest first, one newest first
    expect(JSON.stringify(counted)).to.not.include(userId);
  });

  it('accepts a cursor only for the filter it was made for', async () => {
    const [page] = await pages({ creatorId: alice.creatorId, limit: '1' });
    const wrong = [`stream=creator-${alice.creatorId}&cursor=${page?.next}`, 'cursor=rubbish', 'cursor=W10'];
    for (const query of wrong)
      await system.refused(system.admin.get(`/admin/events?${query}`), 400, 'admin.events.invalid_cursor');
  });

  it('is open to admins and auditors; auditors can read but never write', async () => {
    const { admin, auditor, refused } = system;
    const user = await register(system, 'ulla');
    for (const path of ['/admin/events', '/admin/config', '/admin/kill-switches']) {
      expect((await admin.get(path)).status, path).to.equal(200);
      expect((await auditor.get(path)).status, path).to.equal(200);
      await refused(user.get(path), 403, 'auth.role.forbidden');
      await refused(system.anybody.get(path), 401, 'auth.token.invalid');
    }
    const value = { value: 15, reason: 'just once' };
    await refused(auditor.put('/admin/config/creator.commission_gold', value), 403, 'auth.role.forbidden');
    const engage = { engaged: true, reason: 'just once' };
    await refused(auditor.put('/admin/kill-switches/KYC', engage), 403, 'auth.role.forbidden');
  });

  it('says who set a config value, and when; it rejects kill switches and unknown keys as config keys', async () => {
    const value = { value: 12.5, reason: 'campaign' };
    const { position } = await system.done(system.admin.put('/admin/config/creator.commission_gold', value), 200, [
      'ConfigValueSet',
    ]);
    const { body } = await system.auditor.get('/admin/config', { 'Read-After': position });
    const items = body.data.items as readonly { key: string }[];
    const { description, ...shown } = items.find(({ key }) => key === 'creator.commission_gold') as Record<
      string,
      unknown
    > & { key: string };
    expect(description).to.be.a('string');
    expect(shown).to.deep.equal({
      ...{ key: 'creator.commission_gold', value: 12.5, default: 20 },
      ...{ changedBy: system.adminId, changedAt: system.now() },
    });
    const put = (key: string, value: unknown) => system.admin.put(`/admin/config/${key}`, { value, reason: 'x' });
    await system.refused(put('kill_switch.PAYOUT', true), 404, 'admin.config.unknown_key');
    await system.refused(put('constructor', true), 404, 'admin.config.unknown_key');
    await system.refused(put('creator.commission_gold', 101), 400, 'admin.config.invalid_value');
    await system.refused(put('creator.commission_gold', '12'), 400, 'admin.config.invalid_value');
  });
});
