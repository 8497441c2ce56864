/** What people and creators read of themselves, and what everybody may read of a creator (domain 2.5, 2.6). */
import { DAY, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { creator, creatorWithDms, register, setDms, type Creator, type Person } from '../support/people.js';
import type { Answer, Caller, TestSystem } from '../support/system.js';

type Data = Readonly<Record<string, unknown>>;

journey('pages of one’s own', (openSystem) => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem();
  });
  afterEach(() => system.close());

  /** What a documented read answers, as of all that has happened. */
  async function read(who: Caller, path: string): Promise<Data> {
    const headers = { 'Read-After': (await system.head()).toString() };
    return system.done(who.get(path, headers), 200, []);
  }
  const OWN = ['bio', 'vacation'];
  const PARTS = ['payout-settings', 'kyc/status', 'stripe-connect/status'];

  describe('of a person', () => {
    it('say who she is, and follow each change', async () => {
      const finn = await register(system, 'finn');
      const createdAt = system.now();
      const fresh = { id: finn.userId, username: 'finn', displayName: 'finn', status: 'ACTIVE' };
      expect(await read(finn, '/users/me')).to.deep.equal({
        ...fresh,
        ...{ email: finn.email, emailVerified: true, avatarUrl: null, roles: [], creatorId: null, createdAt },
      });
      await finn.patch('/users/avatar', { avatarUrl: 'https://example.org/finn.png' });
      await finn.patch('/users/username', { username: 'finn2' });
      const grant = { role: 'AUDITOR', reason: 'looks after the books' };
      await system.admin.post(`/admin/users/${finn.userId}/staff/grant`, grant);
      const { creatorId } = (await finn.post('/creators/upgrade', { displayName: 'Finn' })).body.data as Answer;
      const now = { username: 'finn2', avatarUrl: 'https://example.org/finn.png', roles: ['AUDITOR'], creatorId };
      expect(await read(finn, '/users/me')).to.deep.include(now);
      await system.admin.post(`/admin/users/${finn.userId}/staff/revoke`, grant);
      await finn.post('/users/delete', {});
      expect(await read(finn, '/users/me')).to.deep.include({ status: 'DEACTIVATED', roles: [] });
    });

    it('answer 304 to whoever has them, and 404 to a token of nobody', async () => {
      const finn = await register(system, 'finn');
      await read(finn, '/users/me');
      const { headers } = await finn.get('/users/me');
      expect((await finn.get('/users/me', { 'If-None-Match': headers['etag'] ?? '' })).status).to.equal(304);
      const nobody = system.as('0f8fad5b-d9cb-469f-a165-70867728950e');
      await system.refused(nobody.get('/users/me'), 404, 'error.user.not_found');
    });

    it('list whom she has blocked, newest first, until she lifts it; nobody sees who blocks her', async () => {
      const [finn, greta, hugo] = [
        await register(system, 'finn'),
        await register(system, 'greta'),
        await register(system, 'hugo'),
      ];
      const times: string[] = [];
      for (const other of [greta, hugo]) {
        times.push(system.now());
        await finn.post(`/users/block/${other.userId}`);
        await system.pass(SECOND);
      }
      await greta.post(`/users/block/${finn.userId}`);
      const page = await read(finn, '/users/blocked');
      expect(page).to.include({ total: 2, page: 1, truncated: false, nextCursor: null });
      expect(page['items']).to.deep.equal([
        { userId: hugo.userId, username: 'hugo', blockedAt: times[1] },
        { userId: greta.userId, username: 'greta', blockedAt: times[0] },
      ]);
      expect((await read(hugo, '/users/blocked'))['items']).to.deep.equal([]);

      const first = await read(finn, '/users/blocked?limit=1');
      const second = await read(finn, `/users/blocked?limit=1&cursor=${String(first['nextCursor'])}`);
      expect(second['items']).to.have.length(1);
      expect(second['nextCursor']).to.equal(null);
      const tampered = `/users/blocked?cursor=${String(first['nextCursor']).slice(1)}`;
      await system.refused(finn.get(tampered), 400, 'common.invalid_cursor');
      const of = `/users/blocked?cursor=${String(first['nextCursor'])}`;
      await system.refused(greta.get(of), 400, 'common.invalid_cursor');

      await finn.delete(`/users/block/${hugo.userId}`);
      await system.admin.post(`/admin/users/${greta.userId}/erase`, { reason: 'she asked for it' });
      await system.pass(SECOND);
      expect((await read(finn, '/users/blocked'))['items']).to.deep.equal([
        { userId: greta.userId, username: null, blockedAt: times[0] },
      ]);
      await finn.post(`/users/block/${hugo.userId}`);
      expect(await read(finn, '/users/blocked')).to.include({ total: 2 });
    });
  });

  describe('of a creator', () => {
    it('show what nothing was done about yet', async () => {
      const alice = await creator(system, 'alice');
      const off = { vacationMode: false, vacationStart: null, vacationEnd: null, creatorStatus: 'ACTIVE' };
      expect(await read(alice, `/creators/${alice.creatorId}/vacation`)).to.deep.equal(off);
      const bio = await read(alice, `/creators/${alice.creatorId}/bio`);
      expect(bio).to.deep.include({ creatorId: alice.creatorId, bio: 'alice', published: true, links: [] });
      const none = { iban: null, bankName: null, accountHolderName: null, swiftCode: null, bankCountry: null };
      expect(await read(alice, '/creators/payout-settings')).to.deep.equal({
        bankDetails: { ...none, verified: false, verifiedAt: null },
        stripeConnect: { connected: false, payoutsEnabled: false },
        ...{ preferredPayoutMethod: null, availableMethods: [], autoPayoutEnabled: false },
      });
      const kyc = { status: 'NOT_STARTED', provider: null, providerId: null, completedAt: null };
      expect(await read(alice, '/creators/kyc/status')).to.deep.equal(kyc);
      const stripe = { accountId: null, status: 'NOT_STARTED', chargesEnabled: false, payoutsEnabled: false };
      expect(await read(alice, '/creators/stripe-connect/status')).to.deep.equal(stripe);
      expect(await read(alice, '/creators/social')).to.deep.equal({ items: [] });
    });

    it('follow a vacation, an identity check, a Stripe account, a bank account and social accounts', async () => {
      const alice = await creator(system, 'alice');
      const [startDate, endDate] = ['2026-04-28T20:00:00.000Z', '2026-05-09T20:00:00.000Z'];
      await alice.patch(`/creators/${alice.creatorId}/vacation`, { enabled: true, startDate, endDate });
      expect(await read(alice, `/creators/${alice.creatorId}/vacation`)).to.deep.equal({
        ...{ vacationMode: true, vacationStart: startDate, vacationEnd: endDate, creatorStatus: 'VACATION' },
      });

      const { sessionId } = (await alice.post('/creators/kyc/start')).body.data as Answer;
      expect(await read(alice, '/creators/kyc/status')).to.include({ status: 'PENDING', completedAt: null });
      const approvedAt = system.now();
      await system.provider.post('/webhooks/kyc', { id: 'kyc-1', sessionId, status: 'APPROVED' });
      expect(await read(alice, '/creators/kyc/status')).to.include({ status: 'APPROVED', completedAt: approvedAt });

      const opened = (await alice.post('/creators/stripe-connect/initiate')).body.data as { accountId: string };
      const { accountId } = opened;
      const pending = { accountId, status: 'PENDING', chargesEnabled: false, payoutsEnabled: false };
      expect(await read(alice, '/creators/stripe-connect/status')).to.deep.equal(pending);
      expect((await read(alice, '/creators/payout-settings'))['availableMethods']).to.deep.equal([]);
      const report = { accountId, status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true };
      await system.provider.post('/webhooks/stripe', { id: 'stripe-1', ...report });
      expect(await read(alice, '/creators/stripe-connect/status')).to.deep.equal(report);

      const iban = 'DE89370400440532013000';
      await alice.patch('/creators/bank-details', { iban, preferredPayoutMethod: 'BANK_TRANSFER' });
      expect(await read(alice, '/creators/payout-settings')).to.deep.include({
        stripeConnect: { connected: true, payoutsEnabled: true },
        ...{ preferredPayoutMethod: 'BANK_TRANSFER', availableMethods: ['STRIPE_CONNECT'] },
      });
      const verifiedAt = system.now();
      await system.admin.post(`/admin/creators/${alice.creatorId}/bank-account/verify`, { reason: 'seen' });
      const settings = await read(alice, '/creators/payout-settings');
      expect(settings['bankDetails']).to.deep.include({ iban, verified: true, verifiedAt });
      expect(settings['availableMethods']).to.deep.equal(['STRIPE_CONNECT', 'BANK_TRANSFER']);

      const connected: string[] = [];
      for (const platform of ['TWITCH', 'INSTAGRAM']) {
        connected.push(system.now());
        const social = { platform, code: `alice-${platform}`, redirectUri: 'https://app.example/back' };
        await alice.post('/creators/social/connect', social);
        await system.pass(SECOND);
      }
      const accounts = (await read(alice, '/creators/social'))['items'] as Data[];
      expect(accounts.map(({ platform, connectedAt }) => [platform, connectedAt])).to.deep.equal([
        ['TWITCH', connected[0]],
        ['INSTAGRAM', connected[1]],
      ]);
      await alice.post('/creators/social/disconnect', { platform: 'TWITCH' });
      expect((await read(alice, '/creators/social'))['items']).to.deep.equal([accounts[1]]);
    });

    it('are refused to others before anything is said, and are a 404 for who is no creator', async () => {
      const alice = await creator(system, 'alice');
      const finn = await register(system, 'finn');
      for (const part of OWN) {
        const path = `/creators/${alice.creatorId}/${part}`;
        await system.refused(finn.get(path), 403, 'creator.ownership.forbidden');
        await system.refused(finn.get(`/creators/1/${part}`), 400, 'common.validation_failed');
      }
      const keys = ['creator.bank.not_found', 'error.creator.not_found', 'creator.stripe.not_creator'];
      for (const [at, part] of PARTS.entries())
        await system.refused(finn.get(`/creators/${part}`), 404, keys[at] ?? '');
      expect(await read(finn, '/creators/social')).to.deep.equal({ items: [] });
    });

    it('stop at the kill switch of identity checks, as starting one does', async () => {
      const alice = await creator(system, 'alice');
      await system.admin.put('/admin/kill-switches/KYC', { engaged: true, reason: 'the provider is away' });
      await system.catchUp();
      await system.refused(alice.get('/creators/kyc/status'), 503, 'features.kyc_disabled');
    });
  });

  describe('of a creator, for everybody,', () => {
    let alice: Creator;
    let fan: Person;
    beforeEach(async () => {
      alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 10);
      fan = await register(system, 'finn');
      await system.catchUp();
    });
    const bio = () => read(system.anybody, '/bio/alice');

    it('show names, prices and links, and DMs as on only while she is not away', async () => {
      const { creatorId } = alice;
      const link = { title: 'Shop', url: 'https://shop.example' };
      const hidden = { ...link, title: 'Later', scheduledStart: '2026-06-01T00:00:00.000Z' };
      for (const each of [link, hidden]) await alice.post(`/creators/${creatorId}/links`, each);
      const shown = await bio();
      expect(shown).to.deep.include({ creatorId, username: 'alice', displayName: 'alice', bio: 'alice' });
      expect(shown).to.include({ dmActive: true, dmType: 'PER_MESSAGE', dmPrice: '10.00' });
      expect((shown['links'] as Data[]).map(({ title, url }) => [title, url])).to.deep.equal([
        ['Shop', 'https://shop.example/'],
      ]);
      expect(Object.keys(shown)).to.not.include.members(['userId', 'totalEarnings', 'kycStatus']);
      await alice.patch(`/creators/${creatorId}/vacation`, { enabled: true });
      expect(await bio()).to.include({ dmActive: false });
      await alice.patch(`/creators/${creatorId}/vacation`, { enabled: false });
      await setDms(alice, { dmType: 'FREE', dmActive: false });
      expect(await bio()).to.include({ dmActive: false, dmType: 'FREE', dmPrice: null });
    });

    it('are kept by their ETag, which moves with the time of a link as well', async () => {
      const scheduled = { title: 'Soon', url: 'https://soon.example', scheduledStart: '2026-04-30T00:00:00.000Z' };
      await alice.post(`/creators/${alice.creatorId}/links`, scheduled);
      await bio();
      const { headers } = await system.anybody.get('/bio/alice');
      const known = { 'If-None-Match': headers['etag'] ?? '' };
      expect(headers['cache-control']).to.equal('no-cache');
      expect(headers['vary']).to.equal('Origin, Accept-Encoding'); // a shared cache may keep it
      expect((await system.anybody.get('/bio/ALICE', known)).status).to.equal(304);
      await system.pass(DAY);
      const later = await system.anybody.get('/bio/alice', known);
      expect(later.status).to.equal(200);
      expect(later.body.data.links).to.have.length(1);
    });

    it('do not exist for a fan, for nobody, for one that is not published, suspended, or erased', async () => {
      const gone = async (name: string) =>
        system.refused(system.anybody.get(`/bio/${name}`), 404, 'creator.bio.not_found');
      for (const name of [fan.username, 'nobody', '%00']) await gone(name);
      await alice.patch(`/creators/${alice.creatorId}/bio`, { published: false });
      await system.catchUp();
      await gone('alice');
      await alice.patch(`/creators/${alice.creatorId}/bio`, { published: true });
      await system.catchUp();
      await bio();
      await system.admin.post(`/admin/users/${alice.userId}/suspend`, { reason: 'spam' });
      await system.pass(SECOND);
      await gone('alice');
      await system.admin.post(`/admin/users/${alice.userId}/reinstate`, { reason: 'it was none' });
      await system.pass(SECOND);
      await bio();
      await system.admin.post(`/admin/users/${alice.userId}/erase`, { reason: 'she asked for it' });
      await system.pass(SECOND);
      await gone('alice');
    });
  });
});
