/** What a creator sets about herself, and who may see and change it (domain 2.5, G6, G31, G32). */
import { expect } from 'chai';
import { DAY } from '@creator-dashboards/shared/time';
import { journey } from '../support/journey.js';
import {
  creator,
  creatorWithDms,
  dashboards,
  fanWith,
  read,
  register,
  setDms,
  type Creator,
} from '../support/people.js';
import type { Answer, TestSystem } from '../support/system.js';

interface Page {
  readonly bio: string;
  readonly links: readonly {
    readonly id: string;
    readonly title: string;
    readonly active: boolean;
    readonly clickCount: number;
  }[];
}

journey('the page of a creator', (openSystem) => {
  let system: TestSystem;
  before(async () => {
    system = await openSystem();
  });
  after(() => system.close());

  const pageOf = async (person: Creator) =>
    (await read<{ bioPage: Page }>(person, '/creators/profile', String(await system.head()))).bioPage;
  const linksOf = async (person: Creator) =>
    (await pageOf(person)).links.map(({ title, active }) => (active ? title : `(${title})`));

  it('starts with the documented defaults (G6)', async () => {
    const fresh = await creator(system, 'fresh');
    const { dashboard, dmConfig, referral } = await dashboards(fresh, String(await system.head()));
    expect(dashboard).to.include({ level: 'BRONZE', walletBalance: 0, totalEarnings: '0.00', responseRate: 100 });
    expect(dmConfig).to.deep.equal({ dmType: null, dmPrice: null, dmActive: false });
    expect(referral).to.deep.equal({ link: null, rewards: [], totalEarnings: '0' });
  });

  it('has paid DMs at a price within the configured range, and FREE ones without a price (G31)', async () => {
    const { done, refused } = system;
    const dora = await creator(system, 'dora');
    const path = `/creators/${dora.creatorId}/dm-config`;
    const patch = (dmType: string, dmPrice: number | undefined, dmActive = true) =>
      dora.patch(path, { dmType, dmPrice, dmActive });
    await refused(patch('PER_MESSAGE', undefined), 400, 'creator.dm.price_required');
    await refused(patch('PER_MESSAGE', 0.99), 400, 'creator.dm.price_out_of_range');
    await refused(patch('PER_MESSAGE', 500.01), 400, 'creator.dm.price_out_of_range');
    await refused(patch('PER_MESSAGE', 5000.01), 400, 'common.validation_failed');
    await refused(patch('PER_MESSAGE', 5.001), 400, 'common.validation_failed');
    expect(await done(patch('SINGLE_PAY', undefined, false), 200, ['DmConfigUpdated'])).to.include({ dmPrice: null });
    expect(await done(patch('SINGLE_PAY', 5), 200, ['DmConfigUpdated'])).to.include({ dmPrice: '5.00' });
    const { position, ...free } = await done(patch('FREE', 5), 200, ['DmConfigUpdated']);
    expect(free).to.deep.equal({ dmType: 'FREE', dmPrice: null, dmActive: true });
    const { profile, dmConfig } = await dashboards(dora, position);
    expect(dmConfig).to.deep.equal(free);
    expect(profile.dmPackages.map(({ dmType, price, active }) => [dmType, price, active])).to.deep.equal([
      ['FREE', null, true],
    ]);
  });

  it('plans a vacation with unchanged DM settings, which the clock begins and ends (G32, G52)', async () => {
    const { done, refused } = system;
    const vera = await creatorWithDms(system, 'vera', 'PER_MESSAGE', 5);
    const fan = await fanWith(system, 'verasfan', '10.00');
    const path = `/creators/${vera.creatorId}/vacation`;
    const [startDate, endDate] = ['2026-05-01T00:00:00.000Z', '2026-05-03T00:00:00.000Z'];
    const backwards = vera.patch(path, { enabled: true, startDate: endDate, endDate: startDate });
    await refused(backwards, 400, 'creator.vacation.invalid_range');
    const planned = await done(vera.patch(path, { enabled: true, startDate, endDate }), 200, ['VacationScheduled']);
    const dates = { vacationStart: startDate, vacationEnd: endDate };
    expect(planned).to.include({ vacationMode: false, ...dates, creatorStatus: 'ACTIVE' });
    expect(await read(vera, '/creators/profile', planned.position)).to.include({ vacationMode: false, ...dates });

    expect(await system.pass(2 * DAY)).to.deep.equal(['VacationEnabled']);
    const { profile, dmConfig, dashboard } = await dashboards(vera, String(await system.head()));
    expect(profile).to.include({ creatorStatus: 'VACATION', vacationMode: true, dmActive: true });
    expect(dmConfig).to.deep.equal({ dmType: 'PER_MESSAGE', dmPrice: '5.00', dmActive: true });
    expect(dashboard).to.include({ dmActive: true, dmPrice: '5.00' });
    const message = { creatorId: vera.creatorId, dmType: 'PER_MESSAGE', content: 'hello' };
    await refused(fan.post('/messages', message), 409, 'message.send.error.on_vacation');

    expect(await system.pass(2 * DAY)).to.deep.equal(['VacationDisabled']);
    const back = await read(vera, '/creators/profile', String(await system.head()));
    expect(back).to.include({ creatorStatus: 'ACTIVE', vacationMode: false, vacationStart: null, vacationEnd: null });
    expect((await fan.post('/messages', message)).status).to.equal(201);
  });

  it('shows the followers of connected accounts; an account belongs to one creator at a time', async () => {
    const { done, refused } = system;
    const [sara, tom] = [await creator(system, 'sara'), await creator(system, 'tomtom')];
    const wish = { platform: 'INSTAGRAM', code: 'saras-code', redirectUri: 'https://app.example.org/callback' };
    const connect = sara.post('/creators/social/connect', wish);
    const connected = await done(connect, 201, ['Reserved', 'SocialAccountConnected']);
    const after = await dashboards(sara, connected.position);
    expect(after.dashboard).to.include({ hasSocialAccounts: true });
    expect(after.profile.totalFollowers).to.equal(connected.followerCount);
    const again = sara.post('/creators/social/connect', { ...wish, code: 'another' });
    await refused(again, 409, 'creator.social.already_connected');
    await refused(tom.post('/creators/social/connect', wish), 409, 'creator.social.account_linked_elsewhere');

    const disconnect = sara.post('/creators/social/disconnect', { platform: 'INSTAGRAM' });
    const { position } = await done(disconnect, 200, ['SocialAccountDisconnected', 'Released']);
    const { dashboard, profile } = await dashboards(sara, position);
    expect(dashboard).to.include({ hasSocialAccounts: false });
    expect(profile).to.include({ totalFollowers: 0 });
    const gone = sara.post('/creators/social/disconnect', { platform: 'INSTAGRAM' });
    await refused(gone, 404, 'creator.social.not_found');
    await done(tom.post('/creators/social/connect', wish), 201, ['Reserved', 'SocialAccountConnected']);
  });

  it("has links in the creator's order; manual social ones are hidden while DMs are on", async () => {
    const { done, refused } = system;
    const lena = await creator(system, 'lena');
    const path = `/creators/${lena.creatorId}/links`;
    const add = async (title: string, isSocial = false) => {
      const link = { title, url: `https://example.org/${title}`, isSocial };
      return (await done(lena.post(path, link), 201, ['BioLinkAdded'])).id;
    };
    const [shop, insta, blog] = [await add('shop'), await add('insta', true), await add('blog')];
    expect(await linksOf(lena)).to.deep.equal(['shop', 'insta', 'blog']);

    const reorder = (...linkIds: string[]) => lena.post(`${path}/reorder`, { linkIds });
    await refused(reorder(blog, shop), 400, 'creator.links.not_owned');
    await done(reorder(blog, insta, shop), 200, ['BioLinksReordered']);
    expect(await linksOf(lena)).to.deep.equal(['blog', 'insta', 'shop']);

    const dms = (dmActive: boolean) =>
      lena.patch(`/creators/${lena.creatorId}/dm-config`, { dmType: 'FREE', dmActive });
    await done(dms(true), 200, ['DmConfigUpdated', 'SocialLinksHidden']);
    expect(await linksOf(lena)).to.deep.equal(['blog', '(insta)', 'shop']);
    const social = { title: 'x', url: 'https://x.example', isSocial: true };
    await refused(lena.post(path, social), 400, 'creator.links.social_dm_active');
    await done(dms(false), 200, ['DmConfigUpdated', 'SocialLinksRestored']);
    expect(await linksOf(lena)).to.deep.equal(['blog', 'insta', 'shop']);

    await done(lena.patch(`/creators/links/${shop}`, { title: 'market', active: false }), 200, ['BioLinkUpdated']);
    await done(lena.delete(`/creators/links/${insta}`), 200, ['BioLinkRemoved']);
    expect(await linksOf(lena)).to.deep.equal(['blog', '(market)']);
    await refused(lena.delete(`/creators/links/${insta}`), 404, 'creator.links.not_found');
    await done(system.anybody.post(`/bio/links/${blog}/click`), 200, ['BioLinkClicked']);
    expect((await pageOf(lena)).links[0]).to.include({ title: 'blog', clickCount: 1 });

    const stranger = await creator(system, 'otto');
    await refused(stranger.patch(`/creators/links/${blog}`, { title: 'mine' }), 403, 'creator.links.not_owner');
    await refused(stranger.post(path, social), 403, 'creator.ownership.forbidden');
    await refused(lena.post(path, { title: 'x', url: 'ftp://example.org' }), 400, 'creator.links.invalid_url');
  });

  it('has texts and a template', async () => {
    const { done, refused } = system;
    const bea = await creator(system, 'bea');
    const path = `/creators/${bea.creatorId}/bio`;
    const templateId = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const template = {
      ...{ id: templateId, name: 'Night', description: null, tokens: { colour: 'black' }, thumbnail: null },
      ...{ active: true, sortOrder: 1, createdAt: system.now(), updatedAt: system.now() },
    };
    await refused(bea.patch(path, { templateId }), 400, 'creator.bio.template_unknown');
    const templates = { value: [template], reason: 'new design' };
    await done(system.admin.put('/admin/config/bio.templates', templates), 200, ['ConfigValueSet']);
    await done(bea.patch(path, { templateId }), 200, ['BioTemplateApplied']);
    const texts = { bio: 'I bake.', customCss: 'a { color: red }', embedEnabled: true };
    await done(bea.patch(path, texts), 200, ['BioPageUpdated']);
    await refused(bea.patch(path, { bio: 'quarantine-me' }), 400, 'creator.bio.content_flagged');
    expect(await pageOf(bea)).to.deep.include({ ...texts, templateId, template, published: true });
  });

  it("shows the avatar of the creator's account, even one set before the upgrade", async () => {
    const { done } = system;
    const ava = await register(system, 'ava');
    const avatarUrl = 'https://cdn.example.org/ava.webp';
    const set = await done(ava.patch('/users/avatar', { avatarUrl }), 200, ['UserAvatarChanged']);
    const dashboard = (position = '') => ava.get('/creators/dashboard', { 'Read-After': position });
    await system.refused(dashboard(set.position), 404, 'creator.dashboard.not_found');
    const upgraded = await done(ava.post('/creators/upgrade', { displayName: 'Ava' }), 201, ['CreatorUpgraded']);
    expect((await dashboard(upgraded.position)).body.data).to.include({ avatarUrl });
    const removed = await done(ava.patch('/users/avatar', { avatarUrl: null }), 200, ['UserAvatarChanged']);
    expect((await dashboard(removed.position)).body.data).to.include({ avatarUrl: null });
  });

  it('of a suspended creator accepts no message and shows the status, until reinstatement', async () => {
    const { done, refused } = system;
    const suse = await creatorWithDms(system, 'suse', 'FREE');
    const fan = await register(system, 'susesfan');
    const judge = (verdict: string) =>
      system.admin.post(`/admin/creators/${suse.creatorId}/${verdict}`, { reason: 'complaints' });
    const message = { creatorId: suse.creatorId, dmType: 'FREE', content: 'hello' };
    const { position } = await done(judge('suspend'), 200, ['CreatorSuspended']);
    const { profile, dashboard, dmConfig } = await dashboards(suse, position);
    expect(profile).to.include({ creatorStatus: 'SUSPENDED' });
    expect([dashboard.dmActive, dmConfig.dmActive]).to.deep.equal([true, true]);
    await refused(fan.post('/messages', message), 403, 'message.send.error.receiver_inactive');
    await refused(judge('suspend'), 409, 'creator.status.unchanged');
    await done(judge('reinstate'), 200, ['CreatorReinstated']);
    await done(fan.post('/messages', message), 201, ['MessageAdmitted', 'MessageSent', 'MessageDelivered']);
  });

  it("is nobody else's: a stranger gets 403 for any id but his own, existing or not (1.3)", async () => {
    const [owner, stranger] = [await creator(system, 'owner'), await creator(system, 'stranger')];
    await setDms(owner, { dmType: 'FREE', dmActive: true });
    const nobody = '0f8fad5b-d9cb-469f-a165-70867728950e';
    for (const id of [owner.creatorId, nobody]) {
      await system.refused(stranger.get(`/creators/${id}/dm-config`), 403, 'creator.ownership.forbidden');
      const dms = { dmType: 'FREE', dmActive: false };
      await system.refused(stranger.patch(`/creators/${id}/dm-config`, dms), 403, 'creator.ownership.forbidden');
    }
    const fan = await register(system, 'ownersfan');
    const sent = await fan.post('/messages', { creatorId: owner.creatorId, dmType: 'FREE', content: 'hello' });
    const { messageId, position } = sent.body.data as Answer;
    const look = (who: Creator) => who.get(`/messages/${messageId}`, { 'Read-After': position });
    expect((await look(owner)).body.data).to.include({ content: 'hello', status: 'DELIVERED', priceSnapshot: null });
    await system.refused(look(stranger), 403, 'message.error.not_authorized');
    const answer = stranger.post(`/messages/${messageId}/reply`, { content: 'me too' });
    await system.refused(answer, 403, 'message.error.not_authorized');
  });
});
