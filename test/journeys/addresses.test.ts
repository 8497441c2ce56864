/** The addresses that the API hands out lead somewhere (domain 2.4, 2.5). */
import { expect } from 'chai';
import { MINUTE } from '@creator-dashboards/shared/time';
import { journey } from '../support/journey.js';
import { read, register, type Person } from '../support/people.js';
import type { TestSystem } from '../support/system.js';

const SIGNUP_URL = 'https://www.example.com/join?from=link';

journey('a referral link', (openSystem) => {
  let system: TestSystem;
  let alice: Person;
  before(async () => {
    system = await openSystem({ env: { SIGNUP_URL } });
    alice = await register(system, 'alice');
  });
  after(() => system.close());

  /** What following an address appends, and where it leads. */
  async function followed(path: string, headers: Record<string, string> = {}, method: 'get' | 'head' = 'get') {
    await system.newEvents();
    const { status, headers: answered } = await system.browse(path, headers, method);
    expect(status).to.equal(303);
    expect(answered['cache-control']).to.equal('no-store');
    return { to: answered.location, events: (await system.newEvents()).map(({ type }) => type) };
  }
  const signUp = (code: string) => `${SIGNUP_URL}&referralCode=${code}`;

  it('as it is handed out counts a click and leads to where people sign up, with the code', async () => {
    const { link } = (await alice.get('/referral/link')).body.data as { link: string };
    const { pathname, origin } = new URL(link);
    expect(origin).to.equal(system.environment.publicUrl);
    expect(await followed(pathname)).to.deep.equal({ to: signUp('alice'), events: ['ReferralClickTracked'] });
    expect((await system.anybody.post('/referral/click/alice')).status).to.equal(200);
    const shown = await read<{ link: object }>(alice, '/referral/dashboard', String(await system.head()));
    expect(shown.link).to.include({ clicks: 2 });
  });

  it('is not counted for its headers alone, nor when a browser loads it ahead, and leads to the same place', async () => {
    const same = { to: signUp('alice'), events: [] };
    expect(await followed('/ref/alice', {}, 'head'), 'HEAD').to.deep.equal(same);
    for (const [name, value] of [
      ['Sec-Purpose', 'prefetch'],
      ['Sec-Purpose', 'prefetch;prerender'],
      ['Purpose', 'prefetch'],
    ] as const)
      expect(await followed('/ref/alice', { [name]: value }), `${name}: ${value}`).to.deep.equal(same);
  });

  it('leads on without being counted while the kill switch REFERRAL is engaged', async () => {
    const turn = (engaged: boolean) =>
      system.admin.put('/admin/kill-switches/REFERRAL', { engaged, reason: 'an incident' });
    await system.done(turn(true), 200, ['KillSwitchEngaged']);
    expect(await followed('/ref/alice')).to.deep.equal({ to: signUp('alice'), events: [] });
    await system.done(turn(false), 200, ['KillSwitchReleased']);
    expect((await followed('/ref/alice')).events).to.deep.equal(['ReferralClickTracked']);
  });

  it('of nobody leads to the same place and is not counted; its code cannot change the address', async () => {
    expect(await followed('/ref/nobody')).to.deep.equal({ to: signUp('nobody'), events: [] });
    const { to } = await followed(`/ref/${encodeURIComponent('x&from=me#"\r\nSet-Cookie: a=b')}`);
    const address = new URL(String(to));
    expect(Object.fromEntries(address.searchParams)).to.deep.equal({
      from: 'link',
      referralCode: 'x&from=me#"\r\nSet-Cookie: a=b',
    });
  });
});

journey('a referral link where people sign up nowhere else', (openSystem) => {
  let system: TestSystem;
  before(async () => {
    system = await openSystem({ rateLimits: 'real' });
  });
  after(() => system.close());

  it('leads to the public page of its name, on this site whatever the code', async () => {
    const to = async (code: string) => (await system.browse(`/ref/${code}`)).headers.location;
    const { publicUrl } = system.environment;
    expect(await to('Alice')).to.equal(`${publicUrl}/alice`);
    expect(await to('%2F%2Fevil.example.com')).to.equal(`${publicUrl}/%2F%2Fevil.example.com`);
  });

  it('may be followed 60 times a minute from one address', async () => {
    await system.pass(MINUTE);
    for (let visit = 1; visit <= 60; visit += 1)
      expect((await system.browse('/ref/alice')).status, `visit ${visit}`).to.equal(303);
    const { status, headers } = await system.browse('/ref/alice');
    expect([status, Number(headers['retry-after'])]).to.deep.equal([429, 60]);
  });
});
