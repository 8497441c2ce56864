/** The typed client beside the running system, with TanStack Query as a front end has it. */
import {
  createClient,
  createQueries,
  followQueries,
  Unauthorized,
  ValidationFailed,
  type Client,
} from '@creator-dashboards/client';
import { QueryClient, QueryObserver } from '@tanstack/query-core';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { creator, type Creator } from '../support/people.js';
import type { TestSystem } from '../support/system.js';

journey('the client', (openSystem) => {
  let system: TestSystem;
  let alice: Creator;
  let baseUrl: string;
  let client: Client;
  let cache: QueryClient;

  beforeEach(async () => {
    system = await openSystem();
    alice = await creator(system, 'alice');
    await system.catchUp();
    baseUrl = `http://127.0.0.1:${system.port}`;
    client = createClient({ baseUrl, token: () => tokenOf(alice.userId) });
    cache = new QueryClient();
  });
  afterEach(async () => {
    cache.unmount();
    await system.close();
  });

  const tokenOf = (userId: string) => system.bearer(userId).Authorization.slice('Bearer '.length);

  it('fills the queries of the four dashboards, under the keys of the platform', async () => {
    const { creatorId } = alice;
    const queries = createQueries(client);
    const [dashboard, profile, dmConfig, referral] = await Promise.all([
      cache.fetchQuery(queries.creatorDashboard()),
      cache.fetchQuery(queries.creatorProfile()),
      cache.fetchQuery(queries.dmConfig(creatorId)),
      cache.fetchQuery(queries.referralDashboard()),
    ]);
    expect([dashboard.totalEarnings, dmConfig.dmActive, referral.totalEarnings]).to.deep.equal(['0.00', false, '0']);
    expect(profile.userId).to.equal(alice.userId);
    for (const key of [
      ['creators', 'dashboard'],
      ['creators', 'profile'],
      ['creators', creatorId, 'dm-config'],
      ['referral', 'dashboard'],
    ])
      expect(cache.getQueryData(key), key.join()).to.be.an('object');
  });

  it('reads what it has just written, though the views are behind', async () => {
    const params = { creatorId: alice.creatorId };
    const body = { dmType: 'PER_MESSAGE', dmPrice: 5, dmActive: true } as const;
    const before = await client.read('/creators/{creatorId}/dm-config', { params });
    await client.patch('/creators/{creatorId}/dm-config', { params, body });
    const after = await client.read('/creators/{creatorId}/dm-config', { params });
    expect([before.data.dmActive, after.data.dmActive, after.isStale]).to.deep.equal([false, true, false]);
    expect(await client.get('/creators/{creatorId}/dm-config', { params }), 'by its ETag').to.deep.equal(after.data);
  });

  it('throws what a front end can tell apart', async () => {
    const failure = (call: Promise<unknown>) => call.catch((error: unknown) => error);
    const nobody = createClient({ baseUrl });
    expect(await failure(nobody.get('/creators/dashboard'))).to.be.instanceOf(Unauthorized);
    const refused = await failure(
      client.post('/messages', { body: { creatorId: alice.creatorId, dmType: 'FREE', content: '' } }),
    );
    expect(refused).to.be.instanceOf(ValidationFailed);
    expect((refused as ValidationFailed).details.map(({ field }) => field)).to.deep.equal(['content']);
  });

  it('keeps a dashboard on the screen at what is pushed, without another request', async () => {
    const queries = createQueries(client, { isLive: true });
    const shown: unknown[] = [];
    let wake = () => {};
    const observer = new QueryObserver(cache, queries.creatorDashboard());
    const leave = observer.subscribe(({ data }) => {
      shown.push(data?.dmPrice);
      wake();
    });
    const until = async (price: string) => {
      while (shown.at(-1) !== price) await new Promise<void>((resolve) => (wake = resolve));
    };
    await cache.fetchQuery(queries.creatorDashboard());
    const end = followQueries(client, cache);
    const params = { creatorId: alice.creatorId };
    const body = { dmType: 'PER_MESSAGE', dmPrice: 7, dmActive: true } as const;
    await client.patch('/creators/{creatorId}/dm-config', { params, body });
    await system.catchUp();
    await until('7.00');
    end();
    leave();
  });
});
