/** The typed client beside the running system, with TanStack Query as a front end has it. */
import {
  createClient,
  ApiError,
  createQueries,
  createSession,
  followQueries,
  Unauthorized,
  ValidationFailed,
  type Client,
} from '@creator-dashboards/client';
import { QueryClient, QueryObserver } from '@tanstack/query-core';
import { MINUTE } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { creator, fanWith, PASSWORD, send, setDms, type Creator } from '../support/people.js';
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

  it('fills those of messages, of people and of parts of a profile, each under a key that begins as its path', async () => {
    const { creatorId } = alice;
    const queries = createQueries(client);
    const finn = await fanWith(system, 'finn', '50.00');
    await setDms(alice, { dmType: 'PER_MESSAGE', dmPrice: 5, dmActive: true });
    const messageId = await send(finn, alice, 'PER_MESSAGE', 'How are you?');
    await system.catchUp();
    const received = await cache.fetchQuery(queries.messages({ role: 'creator', limit: '1' }));
    expect(received.items.map(({ id }) => id)).to.deep.equal([messageId]);
    expect(await cache.fetchQuery(queries.message(messageId))).to.include({ content: 'How are you?' });
    expect((await cache.fetchQuery(queries.messageSearch({ q: 'how' }))).items).to.have.length(1);
    expect(await cache.fetchQuery(queries.me())).to.include({ username: 'alice', creatorId });
    expect(await cache.fetchQuery(queries.blocked())).to.include({ total: 0 });
    expect(await cache.fetchQuery(queries.publicBio('alice'))).to.include({ creatorId, dmPrice: '5.00' });
    expect(await cache.fetchQuery(queries.bio(creatorId))).to.include({ creatorId, published: true });
    expect(await cache.fetchQuery(queries.vacation(creatorId))).to.include({ vacationMode: false });
    expect(await cache.fetchQuery(queries.payoutSettings())).to.include({ preferredPayoutMethod: null });
    expect(await cache.fetchQuery(queries.kycStatus())).to.include({ status: 'NOT_STARTED' });
    expect(await cache.fetchQuery(queries.stripeStatus())).to.include({ status: 'NOT_STARTED' });
    expect((await cache.fetchQuery(queries.social())).items).to.deep.equal([]);
    const cached = cache.getQueryCache().getAll();
    const keys = cached.map(({ queryKey }) => queryKey);
    expect(keys).to.have.deep.members([
      ['messages', 'list', { role: 'creator', limit: '1' }],
      ['messages', messageId],
      ['messages', 'search', { q: 'how' }],
      ['users', 'me'],
      ['users', 'blocked', {}],
      ['bio', 'alice'],
      ['creators', creatorId, 'bio'],
      ['creators', creatorId, 'vacation'],
      ['creators', 'payout-settings'],
      ['creators', 'kyc', 'status'],
      ['creators', 'stripe-connect', 'status'],
      ['creators', 'social'],
    ]);
  });

  describe('with a session', () => {
    /** As a browser keeps it, for all pages. */
    let cookie: string;
    let changes: boolean[];
    beforeEach(() => ([cookie, changes] = ['', []]));

    function open() {
      const browser: typeof fetch = async (url, init) => {
        expect(init?.credentials).to.equal('include');
        const response = await fetch(url, { ...init, headers: { ...(init?.headers as object), Cookie: cookie } });
        cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
        return response;
      };
      const surroundings = { fetch: browser, now: Date.now, after: () => () => undefined, newKey, chance: () => 0 };
      return createSession({ baseUrl, surroundings, onChange: (isLoggedIn) => changes.push(isLoggedIn) });
    }
    const newKey = () => crypto.randomUUID();
    const failure = (call: Promise<unknown>) => call.catch((error: unknown) => error);
    const credentials = () => ({ email: alice.email, password: PASSWORD });

    it('logs in, goes on when its token is over, and in a page that is loaded anew', async () => {
      const session = open();
      await session.login(credentials());
      expect((await session.client.get('/users/me')).username).to.equal('alice');
      const [token, first] = [session.token(), cookie];
      await system.pass(16 * MINUTE);
      expect((await session.client.get('/users/me')).username, 'with another token').to.equal('alice');
      expect(session.token()).to.be.a('string').that.does.not.equal(token);
      expect(cookie).to.not.equal(first);
      const loadedAnew = open();
      expect([loadedAnew.token(), await loadedAnew.refresh()]).to.deep.equal([null, true]);
      expect((await loadedAnew.client.get('/users/me')).username).to.equal('alice');
      expect(changes).to.deep.equal([true, true]);
    });

    it('is over after a logout, in every page', async () => {
      const [session, other] = [open(), open()];
      await session.login(credentials());
      expect(await other.refresh()).to.equal(true);
      const kept = cookie;
      await session.logout();
      expect(session.token()).to.equal(null);
      expect(await failure(session.client.get('/users/me'))).to.be.instanceOf(Unauthorized);
      cookie = kept;
      expect(await other.refresh(), 'with the cookie of before').to.equal(false);
      expect(changes).to.deep.equal([true, true, false, false]);
    });

    it('logs staff in by a role that was granted, and nobody with a wrong password', async () => {
      const session = open();
      const asAuditor = () => session.login({ ...credentials(), as: 'AUDITOR' });
      expect(await failure(asAuditor()))
        .to.be.instanceOf(ApiError)
        .and.include({ status: 403 });
      const grant = { role: 'AUDITOR', reason: 'looks after the books' };
      await system.admin.post(`/admin/users/${alice.userId}/staff/grant`, grant);
      await asAuditor();
      expect((await session.client.get('/admin/config')).items).to.be.an('array');
      const wrong = session.login({ email: alice.email, password: 'Wrong-horse-7' });
      expect(await failure(wrong)).to.include({ status: 401, i18nKey: 'auth.login.invalid_credentials' });
    });

    it('goes on as whoever got a token elsewhere', async () => {
      const session = open();
      session.use({ accessToken: tokenOf(alice.userId) });
      expect((await session.client.get('/users/me')).id).to.equal(alice.userId);
    });
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
