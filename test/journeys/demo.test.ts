/** The demo: the documented samples as history, written once however often it runs (domain 1). */
import type { ReferralBody } from '@creator-dashboards/shared/views/referral-dashboard/body';
import type { ProfileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import type { DashboardBody } from '@creator-dashboards/shared/views/creator-dashboard/body';
import type { RunningCommandService } from '@creator-dashboards/command-service/create-service';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { mismatches, type Shape } from '@creator-dashboards/shared/testing/fixtures/golden';
import * as golden from '@creator-dashboards/shared/testing/fixtures/seeds';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { banner } from '../../demo/banner.js';
import { demoFile, type People, type Person } from '../../demo/file.js';
import { STORY_LENGTH, tellStory } from '../../demo/story.js';
import { journey } from '../support/journey.js';
import type { TestSystem } from '../support/system.js';

/** What `demo.json` holds for scripts. */
type Written = { readonly complete: boolean; readonly url: string } & Readonly<Record<string, { token: string }>>;

journey('the demonstration', (openSystem) => {
  let system: TestSystem;
  let people: People;
  let began: number;

  /** The demo's commands up to the one with this number, which fails as a killed process would. */
  function interruptedAt(last: number): RunningCommandService {
    let count = 0;
    const routes = system.commands.routes.map((route) => ({
      ...route,
      handle: async (request: Parameters<typeof route.handle>[0]) => {
        count += 1;
        if (count >= last) throw new Error('interrupted');
        return route.handle(request);
      },
    }));
    return { ...system.commands, routes };
  }

  before(async function () {
    system = await openSystem({ demo: true });
    began = system.clock.now() - STORY_LENGTH;
    for (const last of [220, 380]) {
      const failure = await tellStory(interruptedAt(last), system.clock, began).catch((error: unknown) => error);
      expect(failure).to.be.an('error').with.property('message', 'interrupted');
    }
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
    const sign = (who: { userId: string; role: 'USER' | 'ADMIN' }, seconds: number) =>
      signToken(system.environment, who, system.clock, seconds);
    for (const url of ['http://first.example', 'http://second.example']) {
      const state = file.read();
      if (!state?.complete) throw new Error('the file lost the people');
      const printed = banner(url, state, file, sign);
      const { complete, url: written, ...people } = JSON.parse(readFileSync(file.path, 'utf8')) as Written;
      expect([complete, written]).to.deep.equal([true, url]);
      expect(people).to.have.all.keys('creator', 'fresh', 'platinum', 'fan', 'referrer', 'admin');
      for (const [name, { token }] of Object.entries(people)) {
        const path = name === 'admin' ? '/admin/config' : '/wallet/balance';
        const { status } = await system.anybody.get(path, { Authorization: `Bearer ${token}` });
        expect(status, name).to.equal(200);
      }
      const asked = [...printed.matchAll(/(\/api\/v1\/\S+)/g)].map(([, path = '']) => path.replace('/api/v1', ''));
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
});
