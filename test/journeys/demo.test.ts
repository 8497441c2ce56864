/** The demo: the documented samples as history, written once however often it runs (domain 1). */
import type { ReferralBody } from '@creator-dashboards/shared/views/referral-dashboard/body';
import type { ProfileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import type { DashboardBody } from '@creator-dashboards/shared/views/creator-dashboard/body';
import { callRoute } from '@creator-dashboards/command-service/http/call-route';
import { signToken, type TokenRole } from '@creator-dashboards/shared/http/auth';
import { mismatches, type Shape } from '@creator-dashboards/shared/testing/fixtures/golden';
import * as golden from '@creator-dashboards/shared/testing/fixtures/seeds';
import { DAY } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { banner } from '../../demo/banner.js';
import { endStory } from '../../demo/endings.js';
import { demoFile, type People, type Person } from '../../demo/file.js';
import { personaRoutes } from '../../demo/personas.js';
import { STORY_LENGTH, tellStory } from '../../demo/story.js';
import { readLog } from '../support/invariants.js';
import { journey } from '../support/journey.js';
import type { TestSystem } from '../support/system.js';

/** What `demo.json` holds for scripts. */
type Written = { readonly complete: boolean; readonly url: string } & Readonly<Record<string, { token: string }>>;

journey('the demonstration', (openSystem) => {
  let system: TestSystem;
  let people: People;
  let began: number;

  /** Tells the story up to the command with this number, which fails as if the process was killed; what is under way then is done. */
  async function interruptAt(last: number): Promise<unknown> {
    let count = 0;
    const begun: Promise<unknown>[] = [];
    const routes = system.commands.routes.map((route) => ({
      ...route,
      handle: async (request: Parameters<typeof route.handle>[0]) => {
        count += 1;
        if (count >= last) throw new Error('interrupted');
        const handled = Promise.resolve(route.handle(request));
        begun.push(handled);
        return handled;
      },
    }));
    const told = tellStory({ ...system.commands, routes }, system.clock, began);
    const failure = await told.catch((error: unknown) => error);
    await Promise.allSettled(begun);
    await setImmediate(); // whoever waited for them has gone on, and failed
    return failure;
  }

  before(async function () {
    system = await openSystem({ demo: true });
    began = system.clock.now() - STORY_LENGTH;
    for (const last of [220, 380])
      expect(await interruptAt(last))
        .to.be.an('error')
        .with.property('message', 'interrupted');
    people = await tellStory(system.commands, system.clock, began);
    await system.catchUp();
  });
  after(() => system.close());

  async function shown<T>(person: Person, path: string, shape: Shape): Promise<T> {
    const { status, body } = await system.as(person.userId).get(path);
    expect(status, JSON.stringify(body)).to.equal(200);
    expect(mismatches(shape, body.data)).to.deep.equal([]);
    return body.data as T;
  }
  const dashboardOf = (person: Person) =>
    shown<DashboardBody>(person, '/creators/dashboard', golden.creatorDashboard.shape);
  const profileOf = (person: Person) => shown<ProfileBody>(person, '/creators/profile', golden.creatorProfile.shape);
  const referralOf = (person: Person) =>
    shown<ReferralBody>(person, '/referral/dashboard', golden.referralDashboard.shape);

  it('shows the documented dashboard, number by number', async () => {
    expect(await dashboardOf(people.creator)).to.deep.equal(golden.creatorDashboard.sample);
  });

  it('shows the documented DM settings and referral numbers', async () => {
    const path = `/creators/${people.creator.creatorId}/dm-config`;
    expect(await shown(people.creator, path, golden.dmConfig.shape)).to.deep.equal(golden.dmConfig.sample);
    const { link, totalEarnings, rewards } = await referralOf(people.creator);
    const { id: _, ...numbers } = golden.referralDashboard.sample.link;
    expect(link).to.deep.include(numbers);
    expect(totalEarnings).to.equal('25.00');
    expect(rewards.length).to.equal(17 + 5);
    const [newest] = rewards;
    expect(newest).to.include({ triggerType: 'FIRST_PAYMENT', amount: '5.00', clawedBack: false });
  });

  it('has a profile with every field set', async () => {
    const profile = await profileOf(people.creator);
    expect(profile).to.include({
      ...{ id: people.creator.creatorId, userId: people.creator.userId, level: 'BRONZE', kycStatus: 'APPROVED' },
      ...{ totalEarnings: '1250.00', totalMessages: 47, bankAccountVerified: true, creatorStatus: 'ACTIVE' },
    });
    expect(profile.bioPage?.links.length).to.equal(2);
    expect(profile.categories.map(({ name }) => name)).to.deep.equal(['Cooking']);
  });

  it('has a fresh creator with every default', async () => {
    const { profile, dashboard } = {
      profile: await profileOf(people.fresh),
      dashboard: await dashboardOf(people.fresh),
    };
    // The sample has chosen FREE; a fresh creator has chosen nothing (G6).
    const { id: _, userId: __, createdAt: ___, updatedAt: ____, ...defaults } = golden.creatorProfile.sample;
    expect(profile).to.deep.include({ ...defaults, dmType: null, dmActive: false });
    expect(dashboard).to.include({ walletBalance: 0, totalEarnings: '0.00', responseRate: 100, dmType: null });
    expect(await referralOf(people.fresh)).to.deep.equal(golden.noReferral);
  });

  it('has a PLATINUM creator, who has no next level (G11)', async () => {
    expect(await dashboardOf(people.platinum)).to.deep.include({
      ...{ level: 'PLATINUM', nextLevel: null, nextLevelProgress: 100, nextLevelRequirements: null },
    });
  });

  it('has a referrer with more than fifty rewards, one of them clawed back', async () => {
    const { link, rewards, totalEarnings } = await referralOf(people.referrer);
    // 12 signups; 9 x 4 + 3 x 3 = 45 payments of 20.00: 12 first ones at 5.00 and 33 at 0.40, less one of 5.00.
    expect(link).to.include({ signups: 12, conversions: 45, totalEarnings: '68.20' });
    expect(totalEarnings).to.equal('68.20');
    expect(rewards.length).to.equal(50);
    expect(rewards.map(({ clawedBack }) => clawedBack)).to.not.include(true);
  });

  it('prints commands that work, and writes working tokens to the data folder, after a restart too', async () => {
    const file = demoFile(system.environment.dataDir);
    file.write({ complete: true, ...people });
    const sign = (who: { userId: string; role: TokenRole }, seconds: number) =>
      signToken(system.environment, who, system.clock, seconds);
    for (const url of ['http://first.example', 'http://second.example']) {
      const state = file.read();
      if (!state?.complete) throw new Error('the file lost the people');
      const printed = banner(url, state, file, sign);
      const { complete, url: written, ...people } = JSON.parse(readFileSync(file.path, 'utf8')) as Written;
      expect([complete, written]).to.deep.equal([true, url]);
      expect(people).to.have.all.keys(
        ...['creator', 'fresh', 'platinum', 'frozen', 'degraded', 'erased', 'fan', 'referrer', 'admin', 'auditor'],
      );
      for (const [name, { token }] of Object.entries(people)) {
        const path = ['admin', 'auditor'].includes(name) ? '/admin/config' : '/wallet/balance';
        const { status } = await system.anybody.get(path, { Authorization: `Bearer ${token}` });
        expect(status, name).to.equal(200);
      }
      const asked = [...printed.matchAll(/^curl .*(\/api\/v1\/\S+)/gm)].map(([, path = '']) =>
        path.replace('/api/v1', ''),
      );
      expect(asked.length).to.equal(4);
      const creator = { Authorization: `Bearer ${people.creator?.token}` };
      for (const path of asked) expect((await system.anybody.get(path, creator)).status, path).to.equal(200);
    }
  });

  it('adds nothing when it runs again', async function () {
    const head = await system.head();
    expect(await tellStory(system.commands, system.clock, began)).to.deep.equal(people);
    await system.catchUp();
    expect(await system.head()).to.equal(head);
  });

  it('has a life in it: something was asked, paid or answered on most days, and time never runs backwards', async () => {
    const log = await readLog(system.stores.events);
    const times = log.map(({ metadata }) => Date.parse(metadata.occurredAt));
    // A command or a policy states the time of when it began, which others may have passed in the meantime: Rita's twelve friends talk
    // at once, and three hours pass after each answer, so that a round of theirs takes a day and a half.
    let latest = 0;
    const furthestBack = times.reduce((most, time) => {
      latest = Math.max(latest, time);
      return Math.max(most, latest - time);
    }, 0);
    expect(furthestBack).to.be.lessThan(2 * DAY);
    const dayOf = (time: number) => Math.floor((time - began) / DAY);
    const of = (type: string) => log.flatMap((event, at) => (event.type === type ? [dayOf(times[at] ?? 0)] : []));
    expect(new Set(of('MessageReplied')).size, 'days with an answer').to.be.within(18, 40);
    expect(new Set(times.map(dayOf)).size, 'days with anything').to.be.within(25, 41);
    expect(new Set(of('ReferralClickTracked')).size, 'days with a click').to.be.greaterThan(1);
  });

  describe('after its end', () => {
    before(async () => {
      await endStory(system.commands, people);
      await system.catchUp();
    });

    /** Acts as somebody by the one call there is for it. */
    async function actAs(name: string) {
      const file = demoFile(system.environment.dataDir);
      file.write({ complete: true, ...people });
      const routes = personaRoutes(system.commands.service, file);
      const { data, headers } = await callRoute(routes, 'POST /demo/personas/:name/session', { params: { name } });
      const { accessToken, ...who } = data as { accessToken: string; role: string; creatorId: string | null };
      const bearer = { Authorization: `Bearer ${accessToken}` };
      const get = (path: string) => system.anybody.get(path, bearer);
      return { get, who, cookie: headers?.['Set-Cookie'] ?? null };
    }
    const dashboardAs = async (name: string) =>
      (await (await actAs(name)).get('/creators/dashboard')).body.data as DashboardBody;

    it('lets anybody act as any persona that it lists, with a session that can be refreshed', async () => {
      const file = demoFile(system.environment.dataDir);
      file.write({ complete: true, ...people });
      const routes = personaRoutes(system.commands.service, file);
      const { items } = (await callRoute(routes, 'GET /demo/personas')).data as { items: Record<string, string>[] };
      expect(items.map(({ name, role }) => `${name} ${role}`)).to.deep.equal([
        ...['busy USER', 'fresh USER', 'platinum USER', 'frozen USER', 'degraded USER', 'erased USER', 'fan USER'],
        ...['referrer USER', 'admin ADMIN', 'auditor AUDITOR'],
      ]);
      for (const { name = '', role } of items) {
        if (name === 'erased') continue;
        const { who, cookie } = await actAs(name);
        expect(who.role, name).to.equal(role);
        const refreshed = await system.anybody.post('/auth/refresh', undefined, {
          Cookie: cookie?.split(';')[0] ?? '',
        });
        expect(refreshed.status, name).to.equal(200);
        const path = role === 'USER' ? '/wallet/balance' : '/admin/config';
        const bearer = { Authorization: `Bearer ${String(refreshed.body.data.accessToken)}` };
        expect((await system.anybody.get(path, bearer)).status, name).to.equal(200);
      }
    });

    it('shows a creator whose wallet is frozen, with 48.00 in it: 2 x 30.00 less 20 %', async () => {
      expect(await dashboardAs('frozen')).to.include({ walletFrozen: true, walletBalance: '48.00' });
    });

    it('shows a dashboard that waits for repair, and the rest of her as usual', async () => {
      const { get } = await actAs('degraded');
      const { status, headers, body } = await get('/creators/dashboard');
      expect([status, headers['x-degraded']]).to.deep.equal([200, 'true']);
      expect(body.data).to.include({ totalEarnings: '12.00', avatarUrl: null });
      const profile = await get('/creators/profile');
      expect([profile.status, profile.headers['x-degraded']]).to.deep.equal([200, undefined]);
    });

    it('refuses every call of the person who was erased, and starts no session for her', async () => {
      const { get, cookie } = await actAs('erased');
      expect(cookie).to.equal(null);
      for (const path of ['/creators/dashboard', '/wallet/balance']) {
        const { status, body } = await get(path);
        expect([status, body.error?.i18nKey], path).to.deep.equal([401, 'auth.account.unknown']);
      }
    });

    it('knows nobody else, and nobody at all where this installation told no story', async () => {
      const nobody = await actAs('stranger').catch((error: unknown) => error);
      expect(nobody).to.include({ key: 'common.not_found' });
      const routes = personaRoutes(system.commands.service, { read: () => ({ complete: false, began }) });
      expect((await callRoute(routes, 'GET /demo/personas')).data).to.deep.equal({ items: [] });
      const refused = await callRoute(routes, 'POST /demo/personas/:name/session', { params: { name: 'busy' } }).catch(
        (error: unknown) => error,
      );
      expect(refused).to.include({ key: 'common.not_found' });
    });
  });
});
