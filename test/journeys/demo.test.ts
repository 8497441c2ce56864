/** The demonstration: the documented samples as history, told once however often it is told (domain 1). */
import type { DashboardBody, ProfileBody, ReferralBody } from '@creator-dashboards/query-service/bodies';
import type { RunningCommandService } from '@creator-dashboards/command-service/create-service';
import { mismatches, type Shape } from '@creator-dashboards/shared/testing/fixtures/golden';
import * as golden from '@creator-dashboards/shared/testing/fixtures/seeds';
import { expect } from 'chai';
import type { Cast, Person } from '../../demo/file.js';
import { STORY_LENGTH, tellStory } from '../../demo/story.js';
import { openSystem, type TestSystem } from '../support/system.js';

describe('the demonstration', () => {
  let system: TestSystem;
  let cast: Cast;
  let began: number;

  /** Its commands until the one with this number, which fails as a killed process would. */
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
    this.timeout(30_000);
    system = await openSystem({ demo: true });
    began = system.clock.now() - STORY_LENGTH;
    for (const last of [220, 380]) {
      const failure = await tellStory(interruptedAt(last), system.clock, began).catch((error: unknown) => error);
      expect(failure).to.be.an('error').with.property('message', 'interrupted');
    }
    cast = await tellStory(system.commands, system.clock, began);
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

  it('makes the documented dashboard, number by number', async () => {
    expect(await dashboardOf(cast.creator)).to.deep.equal(golden.creatorDashboard.sample);
  });

  it('makes the documented DM config and referral numbers', async () => {
    const path = `/creators/${cast.creator.creatorId}/dm-config`;
    expect(await shown(cast.creator, path, golden.dmConfig.shape)).to.deep.equal(golden.dmConfig.sample);
    const { link, totalEarnings, rewards } = await referralOf(cast.creator);
    const { id: _, ...numbers } = golden.referralDashboard.sample.link;
    expect(link).to.deep.include(numbers);
    expect(totalEarnings).to.equal('25.00');
    expect(rewards.length).to.equal(17 + 5);
    const [newest] = rewards;
    expect(newest).to.include({ triggerType: 'FIRST_PAYMENT', amount: '5.00', clawedBack: false });
  });

  it('makes a profile that has everything', async () => {
    const profile = await profileOf(cast.creator);
    expect(profile).to.include({
      ...{ id: cast.creator.creatorId, userId: cast.creator.userId, level: 'BRONZE', kycStatus: 'APPROVED' },
      ...{ totalEarnings: '1250.00', totalMessages: 47, bankAccountVerified: true, creatorStatus: 'ACTIVE' },
    });
    expect(profile.bioPage?.links.length).to.equal(2);
    expect(profile.categories.map(({ name }) => name)).to.deep.equal(['Cooking']);
  });

  it('has a fresh creator with every default', async () => {
    const { profile, dashboard } = { profile: await profileOf(cast.fresh), dashboard: await dashboardOf(cast.fresh) };
    // The sample has chosen FREE; a fresh one has chosen nothing (G6).
    const { id: _, userId: __, createdAt: ___, updatedAt: ____, ...defaults } = golden.creatorProfile.sample;
    expect(profile).to.deep.include({ ...defaults, dmType: null, dmActive: false });
    expect(dashboard).to.include({ walletBalance: 0, totalEarnings: '0.00', responseRate: 100, dmType: null });
    expect(await referralOf(cast.fresh)).to.deep.equal(golden.noReferral);
  });

  it('has a PLATINUM creator with nothing above her (G11)', async () => {
    expect(await dashboardOf(cast.platinum)).to.deep.include({
      ...{ level: 'PLATINUM', nextLevel: null, nextLevelProgress: 100, nextLevelRequirements: null },
    });
  });

  it('has a referrer of more than fifty rewards, one of them taken back', async () => {
    const { link, rewards, totalEarnings } = await referralOf(cast.referrer);
    // 12 signups; 9 x 4 + 3 x 3 = 45 payments of 20.00: 12 first ones at 5.00 and 33 at 0.40, less one of 5.00.
    expect(link).to.include({ signups: 12, conversions: 45, totalEarnings: '68.20' });
    expect(totalEarnings).to.equal('68.20');
    expect(rewards.length).to.equal(50);
    expect(rewards.map(({ clawedBack }) => clawedBack)).to.not.include(true);
  });

  it('told again adds nothing', async function () {
    this.timeout(15_000);
    const head = await system.head();
    expect(await tellStory(system.commands, system.clock, began)).to.deep.equal(cast);
    await system.catchUp();
    expect(await system.head()).to.equal(head);
  });
});
