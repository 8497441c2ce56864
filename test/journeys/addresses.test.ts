/** The addresses that the API hands out lead somewhere (domain 2.4, 2.5). */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { HOUR, MINUTE } from '@creator-dashboards/shared/time';
import { journey } from '../support/journey.js';
import { creator, read, register, type Creator, type Person } from '../support/people.js';
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
    for (const code of ['nobody', 'x'.repeat(300)])
      expect(await followed(`/ref/${code}`)).to.deep.equal({ to: signUp(code), events: [] });
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

journey('the public page of a creator', (openSystem) => {
  let system: TestSystem;
  before(async () => {
    system = await openSystem();
  });
  after(() => system.close());

  /** The page as it is once everything so far is projected. */
  async function visit(name: string, headers: Record<string, string> = {}) {
    return system.browse(`/${name}`, { 'Read-After': String(await system.head()), ...headers });
  }
  const addLink = async (who: Creator, link: object) => {
    const { status, body } = await who.post(`/creators/${who.creatorId}/links`, {
      url: 'https://shop.example.com/',
      ...link,
    });
    expect(status, JSON.stringify(body)).to.equal(201);
    return (body.data as { id: string }).id;
  };
  const clicksOf = async (who: Creator) => {
    type Profile = { bioPage: { links: readonly { id: string; clickCount: number }[] } };
    const { bioPage } = await read<Profile>(who, '/creators/profile', String(await system.head()));
    return Object.fromEntries(bioPage.links.map(({ id, clickCount }) => [id, clickCount]));
  };

  it('is at the address that the upgrade answers: her names, her text, her links, and no script', async () => {
    const person = await register(system, 'alice');
    const { body } = await person.post('/creators/upgrade', { displayName: 'Alice A.', bio: 'I paint.\nEvery day.' });
    const { bioPageUrl, creatorId } = body.data as { bioPageUrl: string; creatorId: string };
    expect(bioPageUrl).to.equal(`${system.environment.publicUrl}/alice`);
    const id = await addLink({ ...person, creatorId }, { title: 'Shop' });
    const { status, headers, text } = await visit(new URL(bioPageUrl).pathname.slice(1));
    expect([status, headers['content-type']]).to.deep.equal([200, 'text/html; charset=utf-8']);
    expect(text).to.include('<title>Alice A. (@alice)</title>').and.include('>Alice A.</h1>').and.include('>@alice<');
    expect(text).to.include('>I paint.\nEvery day.</p>').and.include('>Shop<').and.include('>shop.example.com<');
    expect(text)
      .to.include(`href="/go/${id}"`)
      .and.to.not.match(/<script|\son\w+=|javascript:/i);
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).to.equal(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
  });

  it('shows a script in any of its texts as text', async () => {
    const script = '<script>alert("1")</script>';
    const asText = '&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;';
    const person = await register(system, 'mallory');
    const { body } = await person.post('/creators/upgrade', { displayName: `name ${script}`, bio: `bio ${script}` });
    const mallory = { ...person, creatorId: (body.data as { creatorId: string }).creatorId };
    await addLink(mallory, { title: `title ${script}`, url: `https://example.com/"><script>alert(1)</script>` });
    const { text } = await visit('mallory');
    for (const [field, times] of [
      ['name', 2],
      ['bio', 1],
      ['title', 1],
    ] as const)
      expect(text.split(`${field} ${asText}`), field).to.have.length(times + 1);
    expect(text).to.not.match(/<script|alert\("/i);
    await mallory.patch(`/creators/${mallory.creatorId}/bio`, {
      bio: `edited ${script}`,
      customCss: `</style>${script}`,
    });
    const edited = (await visit('mallory')).text;
    expect(edited)
      .to.include(`edited ${asText}`)
      .and.to.not.match(/<script|alert\("/i);
    expect(edited.split('</style>')).to.have.length(2);
  });

  it('counts a followed link as the API counts a click, and nothing for headers or what is loaded ahead', async () => {
    const bea = await creator(system, 'bea');
    const id = await addLink(bea, { title: 'Shop', url: 'https://shop.example.com/a?b=c#d' });
    await system.catchUp();
    await system.newEvents();
    const follow = async (headers: Record<string, string> = {}, method: 'get' | 'head' = 'get') => {
      const answer = await system.browse(`/go/${id}`, headers, method);
      expect([answer.status, answer.headers.location, answer.headers['cache-control']]).to.deep.equal([
        ...[303, 'https://shop.example.com/a?b=c#d', 'no-store'],
      ]);
      return (await system.newEvents()).map(({ type }) => type);
    };
    expect(await follow()).to.deep.equal(['BioLinkClicked']);
    expect(await follow({}, 'head')).to.deep.equal([]);
    expect(await follow({ 'Sec-Purpose': 'prefetch' })).to.deep.equal([]);
    await system.done(system.anybody.post(`/bio/links/${id}/click`), 200, ['BioLinkClicked']);
    expect(await clicksOf(bea)).to.deep.equal({ [id]: 2 });
  });

  it('shows and follows only links that are switched on, from their start on and before their end', async () => {
    const cleo = await creator(system, 'cleo');
    const now = Date.parse(system.now());
    const at = (ms: number) => new Date(now + ms).toISOString();
    const off = await addLink(cleo, { title: 'Switched off', active: false });
    const soon = await addLink(cleo, { title: 'Soon', scheduledStart: at(HOUR) });
    const until = await addLink(cleo, { title: 'Until then', scheduledEnd: at(HOUR) });
    await system.catchUp();
    const shown = async () =>
      [...(await visit('cleo')).text.matchAll(/<span dir="auto">([^<]*)/g)].map(([, title]) => title);
    const followed = async () =>
      Promise.all([off, soon, until].map(async (id) => (await system.browse(`/go/${id}`)).status));
    const before = await visit('cleo');
    expect(await shown()).to.deep.equal(['Until then']);
    expect(await followed()).to.deep.equal([404, 404, 303]);
    const same = { 'If-None-Match': String(before.headers.etag) };
    expect((await visit('cleo', same)).status, 'the follow was counted: no matter to the page').to.equal(304);
    await system.pass(HOUR);
    expect(await shown()).to.deep.equal(['Soon']);
    expect(await followed()).to.deep.equal([404, 303, 404]);
    expect((await visit('cleo', same)).status).to.equal(200);
  });

  it('is not sent again to who has it, as long as it shows the same', async () => {
    const dora = await creator(system, 'dora');
    const { headers } = await visit('dora');
    expect(headers['cache-control']).to.equal('no-cache');
    const again = await visit('dora', { 'If-None-Match': String(headers.etag) });
    expect([again.status, again.text]).to.deep.equal([304, '']);
    await dora.patch(`/creators/${dora.creatorId}/bio`, { bio: 'New here' });
    expect((await visit('dora', { 'If-None-Match': String(headers.etag) })).status).to.equal(200);
  });

  it('is under each name of hers and shows the present one', async () => {
    const eve = await creator(system, 'eve');
    await eve.patch('/users/username', { username: 'eve.new' });
    for (const name of ['eve', 'EVE.new']) expect((await visit(name)).text, name).to.include('>@eve.new<');
  });

  it('is the same 404 for a name of nobody, of a fan, and of who is unpublished, suspended, banned or erased', async () => {
    const { status, text, headers } = await visit('nobody');
    expect([status, headers['content-type']]).to.deep.equal([404, 'text/html; charset=utf-8']);
    expect(text).to.include('There is no such page.');
    await register(system, 'fan');
    const reason = { reason: 'a reason' };
    const hidden: Readonly<Record<string, (who: Creator) => Promise<{ status: number }>>> = {
      unpublished: (who) => who.patch(`/creators/${who.creatorId}/bio`, { published: false }),
      suspended: ({ userId }) => system.admin.post(`/admin/users/${userId}/suspend`, reason),
      banned: ({ creatorId }) => system.admin.post(`/admin/creators/${creatorId}/ban`, reason),
      erased: ({ userId }) => system.admin.post(`/admin/users/${userId}/erase`, reason),
    };
    for (const [name, hide] of Object.entries(hidden)) {
      const who = await creator(system, name);
      const link = await addLink(who, { title: 'Shop' });
      expect((await visit(name)).status, name).to.equal(200);
      expect((await hide(who)).status, name).to.equal(200);
      await system.catchUp();
      const gone = await visit(name);
      expect([gone.status, gone.text], name).to.deep.equal([404, text]);
      if (name !== 'banned') expect((await system.browse(`/go/${link}`)).status, name).to.equal(404);
    }
    expect((await visit('fan')).text).to.equal(text);
    expect((await visit('%3Cscript%3E')).text).to.equal(text);
    for (const link of ['0f8fad5b-d9cb-469f-a165-70867728950e', 'no-id']) {
      const followed = await system.browse(`/go/${link}`);
      expect([followed.status, followed.text], link).to.deep.equal([404, text]);
    }
  });
});

journey('the addresses of providers', (openSystem) => {
  /** What is handed out to load a wallet, to pass the identity check and to open a Stripe account. */
  async function handedOut(system: TestSystem, pass: (address: string) => Promise<void>) {
    const who = await creator(system, 'alice');
    const given = async (path: string, field: string, body?: object) => {
      const answer = await who.post(path, body);
      expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
      const address = String((answer.body.data as Record<string, unknown>)[field]);
      await pass(address);
      return address;
    };
    return {
      who,
      addresses: [
        await given('/wallet/load', 'checkoutUrl', { amount: '12.50' }),
        await given('/creators/kyc/start', 'redirectUrl'),
        await given('/creators/stripe-connect/initiate', 'onboardingUrl'),
      ],
    };
  }

  it('lead to pages of ours in a demonstration, where one click passes', async () => {
    const system = await openSystem({ demo: true });
    try {
      const { who } = await handedOut(system, async (address) => {
        expect(new URL(address).origin).to.equal(system.environment.publicUrl);
        const { pathname } = new URL(address);
        const shown = await system.browse(pathname);
        expect([shown.status, shown.text.match(/<button>/g)?.length], address).to.deep.equal([200, 1]);
        const [, action = pathname] = /<form method="post" action="([^"]+)"/.exec(shown.text) ?? [];
        const passed = await system.anybody.post(action.replace(/^\/api\/v1/, ''));
        expect([passed.status, passed.text.includes('<button>')], address).to.deep.equal([200, false]);
        expect((await system.browse(pathname)).text).to.not.include('<button>');
        await system.catchUp();
      });
      const position = String(await system.head());
      expect(await read(who, '/wallet/balance', position)).to.include({ balance: '12.50' });
      expect(await read(who, '/creators/profile', position)).to.include({
        ...{ kycStatus: 'APPROVED', stripeAccountStatus: 'ACTIVE', stripePayoutsEnabled: true },
      });
      for (const path of ['/demo/kyc/0f8fad5b-d9cb-469f-a165-70867728950e', '/demo/stripe/acct_of_nobody'])
        await system.refused(system.anybody.get(path), 404, 'error.creator.not_found');
    } finally {
      await system.close();
    }
  });

  it("are the providers' own otherwise, and nobody can pass there", async () => {
    const system = await openSystem();
    try {
      const { addresses } = await handedOut(system, async (address) => {
        if (!address.includes('/sessions/')) return;
        const body = { id: 'report', sessionId: address.split('/').at(-1), status: 'APPROVED' };
        expect((await system.provider.post('/webhooks/kyc', body)).status).to.equal(200);
      });
      expect(addresses.map((address) => new URL(address).host)).to.deep.equal([
        ...['payments.simulator.invalid', 'kyc.simulator.invalid', 'stripe.simulator.invalid'],
      ]);
      const id = addresses[0]?.split('/').at(-1);
      await system.refused(system.anybody.post(`/checkout/${id}/complete`), 404, 'common.not_found');
    } finally {
      await system.close();
    }
  });
});
