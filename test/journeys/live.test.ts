/** Dashboards are pushed as they change: what each frame says is what the GET answers, to the same caller, behind the same guards. */
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { openLive, type LiveClient, type LiveFrame } from '../support/live.js';
import { creator, setDms, type Creator } from '../support/people.js';
import type { TestSystem } from '../support/system.js';

const BOTH = 'creatorDashboard,referralDashboard';
const paths: Readonly<Record<string, string>> = {
  creatorDashboard: '/creators/dashboard',
  referralDashboard: '/referral/dashboard',
};

journey('live dashboards over HTTP', (openSystem) => {
  let system: TestSystem;
  let alice: Creator;
  let clients: LiveClient[];
  beforeEach(async () => {
    system = await openSystem();
    alice = await creator(system, 'alice');
    await system.catchUp();
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) client.leave();
    await system.close();
  });

  async function open(views: string, headers: Readonly<Record<string, string>> = {}, of = alice.userId) {
    const client = await openLive(system, of, views, headers);
    clients.push(client);
    return client;
  }
  async function framesOf(client: LiveClient, count: number): Promise<Map<string, LiveFrame | null>> {
    const frames: (readonly [string, LiveFrame | null])[] = [];
    while (frames.length < count) {
      const frame = await client.next();
      frames.push([frame?.event ?? 'nothing', frame]);
    }
    return new Map(frames);
  }
  /** The frame is, byte for byte, what the GET answers now. */
  async function expectAsGet(frame: LiveFrame | null | undefined): Promise<void> {
    const { text, headers } = await alice.get(paths[frame?.event ?? ''] ?? 'none');
    expect([frame?.text, frame?.id]).to.deep.equal([text, headers.etag]);
  }
  async function change(dmPrice: number): Promise<void> {
    await setDms(alice, { dmType: 'PER_MESSAGE', dmPrice, dmActive: true });
    await system.catchUp();
  }
  const reason = 'an incident';

  it('are sent at once and after each change, each as its GET answers it', async () => {
    const client = await open(BOTH);
    const first = await framesOf(client, 2);
    expect([...first.keys()]).to.have.members(['creatorDashboard', 'referralDashboard']);
    for (const frame of first.values()) await expectAsGet(frame);
    for (const price of [5, 7]) {
      await change(price);
      const frame = await client.next();
      expect(frame?.event).to.equal('creatorDashboard');
      await expectAsGet(frame);
    }
  });

  it('are not sent to who holds them, by the last id of one view or by the ids of several, but whatever changed meanwhile is', async () => {
    const before = await framesOf(await open(BOTH), 2);
    const idOf = (view: string) => before.get(view)?.id ?? '';
    const named = [...before].map(([view, frame]) => `${view}=${frame?.id}`).join(', ');
    const held = await open('creatorDashboard', { 'Last-Event-ID': idOf('creatorDashboard') });
    const both = await open(BOTH, { 'Last-Event-ID': named });
    await change(5);
    for (const client of [held, both]) {
      const frame = await client.next();
      await expectAsGet(frame);
      expect(frame?.id).to.not.equal(idOf('creatorDashboard'));
    }
    const later = await open(BOTH, { 'Last-Event-ID': named });
    await expectAsGet(await later.next());
  });

  it('change with the config', async () => {
    const client = await open('creatorDashboard');
    await expectAsGet(await client.next());
    const value = { value: 12, reason };
    expect((await system.admin.put('/admin/config/creator.commission_bronze', value)).status).to.equal(200);
    await system.catchUp();
    await expectAsGet(await client.next());
  });

  it('are the own ones: a stranger is answered what his own GET answers', async () => {
    const stranger = system.as(system.adminId);
    const client = await open('creatorDashboard', {}, system.adminId);
    const { error } = JSON.parse((await client.next())?.text ?? '') as { error: { i18nKey: string } };
    expect(error.i18nKey).to.equal('creator.dashboard.not_found');
    await system.refused(stranger.get('/creators/dashboard'), 404, error.i18nKey);
    await system.refused(system.admin.get('/live'), 403, 'auth.role.forbidden');
    await system.refused(system.anybody.get('/live'), 401, 'auth.token.invalid');
    await system.refused(alice.get('/live?views=fanWallet'), 400, 'common.validation_failed');
  });

  it('end when the account is suspended', async () => {
    const client = await open('creatorDashboard');
    await client.next();
    await system.admin.post(`/admin/users/${alice.userId}/suspend`, { reason });
    await system.catchUp();
    expect(await client.next()).to.include({ event: 'end', text: '{"reason":"auth.account.unknown"}' });
    expect(await client.next()).to.equal(null);
  });

  it('end when one of them is switched off, and are refused while it is', async () => {
    const [client, other] = [await open(BOTH), await open('creatorDashboard')];
    await framesOf(client, 2);
    await other.next();
    const engage = { engaged: true, reason };
    expect((await system.admin.put('/admin/kill-switches/REFERRAL', engage)).status).to.equal(200);
    await system.catchUp();
    let last = await client.next();
    if (last?.event === 'creatorDashboard') last = await client.next(); // its ETag names the config
    expect(last).to.include({ event: 'end', text: '{"reason":"features.referral_disabled"}' });
    await system.refused(alice.get(`/live?views=${BOTH}`), 503, 'features.referral_disabled');
    await expectAsGet(await other.next());
  });

  it('are one answer where no stream is asked for', async () => {
    const data = (await system.done(alice.get(`/live?views=${BOTH}`), 200, [])) as unknown;
    const bodies = await Promise.all(
      BOTH.split(',').map(async (view) => [view, (await alice.get(paths[view] ?? '')).body as unknown] as const),
    );
    expect(data).to.deep.equal(Object.fromEntries(bodies));
  });
});
