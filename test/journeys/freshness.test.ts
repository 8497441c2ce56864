/** How fresh an answer is, and what it costs to ask again (design of the read path; G36). */
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { creator, creatorWithDms, register, setDms, type Creator } from '../support/people.js';
import type { TestSystem } from '../support/system.js';

journey('reads after writes', (openSystem) => {
  let system: TestSystem;
  let alice: Creator;
  before(async () => {
    system = await openSystem();
    alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 5);
    await system.catchUp();
  });
  after(() => system.close());

  const path = () => `/creators/${alice.creatorId}/dm-config`;

  it('include the write whose position they name, and say which position they include', async () => {
    const before = await alice.get(path());
    const dms = { dmType: 'PER_MESSAGE', dmPrice: 6, dmActive: true };
    const { position } = (await alice.patch(path(), dms)).body.data as { position: string };
    const stale = await alice.get(path());
    expect(stale.body).to.deep.equal(before.body);
    expect(BigInt(stale.headers['x-position'] ?? '') < BigInt(position)).to.equal(true);
    const fresh = await alice.get(path(), { 'Read-After': position });
    expect(fresh.body.data).to.deep.equal({ dmType: 'PER_MESSAGE', dmPrice: '6.00', dmActive: true });
    expect(fresh.headers['x-position']).to.equal(position);
    expect(fresh.headers['cache-control']).to.equal('private, no-cache');
  });

  it('after a position that is ahead of the log or malformed are a 400', async () => {
    const ahead = String((await system.head()) + 1n);
    await system.refused(alice.get(path(), { 'Read-After': ahead }), 400, 'common.position_ahead');
    for (const wrong of ['-1', '1.5', 'now', '9'.repeat(30)])
      await system.refused(alice.get(path(), { 'Read-After': wrong }), 400, 'common.validation_failed');
  });

  it('answer 304 to their own ETag until something they show changes', async () => {
    for (const route of [
      '/creators/dashboard',
      '/creators/profile',
      path(),
      '/referral/dashboard',
      '/wallet/balance',
    ]) {
      const { etag } = (await alice.get(route)).headers as { etag: string };
      expect(etag, route).to.match(/^W\/"[\w.-]+"$/);
      const again = await alice.get(route, { 'If-None-Match': etag });
      expect(again.status, route).to.equal(304);
      expect(again.text, route).to.equal('');
      expect(again.headers, route).to.include({ etag });
      expect((await alice.get(route, { 'If-None-Match': 'W/"other"' })).status, route).to.equal(200);
    }
  });

  it('keep the ETag while others write, and change it with their own write or a config change', async () => {
    const etagOf = async (route: string) => {
      await system.catchUp();
      return (await alice.get(route)).headers['etag'];
    };
    const [dashboard, dmConfig] = [await etagOf('/creators/dashboard'), await etagOf(path())];
    await creator(system, 'bob');
    expect(await etagOf('/creators/dashboard')).to.equal(dashboard);
    await system.admin.put('/admin/config/creator.commission_bronze', { value: 19, reason: 'a test' });
    const cheaper = await etagOf('/creators/dashboard');
    expect(cheaper).to.not.equal(dashboard);
    expect(await etagOf(path())).to.equal(dmConfig); // Shows no config.
    await setDms(alice, { dmType: 'FREE', dmActive: true });
    expect(await etagOf('/creators/dashboard')).to.not.equal(cheaper);
    expect(await etagOf(path())).to.not.equal(dmConfig);
  });

  it('that end in a 404 name their position too', async () => {
    const nobody = await register(system, 'nobody');
    const response = await nobody.get('/creators/dashboard');
    expect(response.status).to.equal(404);
    expect(response.headers['x-position']).to.match(/^\d+$/);
  });

  it('answer 405 to other methods, with the allowed ones', async () => {
    const post = await alice.post('/creators/dashboard', {});
    expect(post.status).to.equal(405);
    expect(post.headers['allow']).to.equal('GET, HEAD, OPTIONS');
    expect(post.body.error.i18nKey).to.equal('common.method_not_allowed');
  });
});
