import { kinds } from '@creator-dashboards/shared/events/sealed';
import { expect } from 'chai';
import { newEvents } from '@creator-dashboards/shared/testing/events';
import { matches } from '../../src/reads/etag.js';
import { MAX_WAITING } from '../../src/reads/fresh.js';
import {
  config,
  dashboard,
  fanId,
  message,
  messageId,
  profile,
  referral,
  strangerId,
  userId,
} from '@creator-dashboards/shared/testing/fixtures/documents';
import { KEY_CACHE_MS, openHarness, type Harness } from '../harness.js';

const DASHBOARD = '/creators/dashboard';
const PROFILE = '/creators/profile';
const NO_AVATAR = { avatarUrl: null };

describe('The freshness of a read', () => {
  let query: Harness;

  beforeEach(async () => {
    query = await openHarness();
  });
  afterEach(() => query.close());

  describe('X-Position', () => {
    it('is the checkpoint when the document is older', async () => {
      await query.serve(300n);
      await query.write('creatorProfile', profile({ position: 100n }));
      const { headers } = await query.get(PROFILE);
      expect(headers).to.include({ 'x-position': '300', 'cache-control': 'private, no-cache' });
      expect(headers).to.not.have.any.keys('x-stale', 'x-degraded');
    });

    it("is the document's position when the checkpoint has not moved yet", async () => {
      await query.serve(300n);
      await query.write('creatorProfile', profile({ position: 301n }));
      expect((await query.get(PROFILE)).headers['x-position']).to.equal('301');
    });

    it('is what both the dashboard and the config combined with it have reached', async () => {
      await query.serve(300n, ['creatorDashboard']);
      await query.serve(200n, ['config']);
      await query.write('creatorDashboard', dashboard(NO_AVATAR));
      expect((await query.get(DASHBOARD)).headers['x-position']).to.equal('200');
      await query.write('config', config({}, 250n));
      expect((await query.get(DASHBOARD)).headers['x-position']).to.equal('250');
      await query.serve(400n, ['config']);
      expect((await query.get(DASHBOARD)).headers['x-position']).to.equal('300');
    });

    it('is sent with a 404 too', async () => {
      await query.serve(300n);
      const response = await query.get(PROFILE);
      expect(response.status).to.equal(404);
      expect(response.headers).to.include({ 'x-position': '300' }).and.not.have.property('etag');
    });

    it('is exact beyond 2^53', async () => {
      await query.serve(9_007_199_254_740_993n);
      await query.write('creatorProfile', profile());
      expect((await query.get(PROFILE)).headers['x-position']).to.equal('9007199254740993');
    });
  });

  describe('Read-After', () => {
    const after = (position: bigint | string) => ({ headers: { 'Read-After': String(position) } });

    it('answers at once when the view is fresh enough', async () => {
      await query.serve(300n);
      await query.write('creatorProfile', profile());
      const response = await query.get(PROFILE, after(300n));
      expect(response.status).to.equal(200);
      expect(query.pauses).to.deep.equal([]);
    });

    it('waits for the view, and answers its new content', async () => {
      const head = await query.grow('thing-1', newEvents(3));
      await query.serve(0n);
      query.whilePausing(async () => {
        if (query.pauses.length < 3) return;
        await query.write('creatorProfile', profile({ position: head, totalMessages: 7 }));
      });
      const { headers, body } = await query.get(PROFILE, after(head));
      expect(body.data.totalMessages).to.equal(7);
      expect(headers).to.include({ 'x-position': head.toString() }).and.not.have.property('x-stale');
      expect(query.pauses).to.have.length(3);
    });

    it('waits for the config that is combined with it as well', async () => {
      const head = await query.grow('thing-1', newEvents(3));
      await query.serve(head, ['creatorDashboard']);
      await query.serve(0n, ['config']);
      await query.write('creatorDashboard', dashboard(NO_AVATAR));
      query.whilePausing(() => query.serve(head, ['config']));
      const { headers } = await query.get(DASHBOARD, after(head));
      expect(headers).to.include({ 'x-position': head.toString() }).and.not.have.property('x-stale');
      expect(query.pauses).to.have.length(1);
    });

    it('does not wait for the config on a view that uses none', async () => {
      const head = await query.grow('thing-1', newEvents(3));
      await query.serve(head, ['creatorProfile']);
      await query.write('creatorProfile', profile());
      expect((await query.get(PROFILE, after(head))).status).to.equal(200);
    });

    it('gives up after a second and marks the answer as stale', async () => {
      const head = await query.grow('thing-1', newEvents(3));
      await query.serve(1n);
      await query.write('creatorProfile', profile({ position: 1n }));
      const { status, headers } = await query.get(PROFILE, after(head));
      expect(status).to.equal(200);
      expect(headers).to.include({ 'x-stale': 'true', 'x-position': '1' });
      expect([query.pauses[0], query.pauses.at(-1)]).to.deep.equal([1_000, 50]);
    });

    it('marks a 404 as stale too', async () => {
      const head = await query.grow('thing-1', newEvents(3));
      await query.serve(1n);
      const { status, headers } = await query.get(PROFILE, after(head));
      expect(status).to.equal(404);
      expect(headers).to.include({ 'x-stale': 'true' });
    });

    it('rejects a position ahead of the log without waiting', async () => {
      const head = await query.grow('thing-1', newEvents(3));
      await query.serve(1n);
      const response = await query.get(PROFILE, after(head + 1n));
      expect(response.status).to.equal(400);
      expect(response.body.error.i18nKey).to.equal('common.position_ahead');
      expect(query.pauses).to.deep.equal([]);
    });

    it('takes the greatest position there can be, 2^63 - 1', async () => {
      await query.serve(300n);
      const response = await query.get(PROFILE, after('9223372036854775807'));
      expect(response.body.error.i18nKey).to.equal('common.position_ahead');
    });

    it('lets a bounded number of reads wait; the next one is answered at once, as stale', async () => {
      const head = await query.grow('thing-1', newEvents(1));
      await query.serve(0n);
      let release = () => {};
      let noticeFull = () => {};
      const gate = new Promise<void>((resolve) => (release = resolve));
      const full = new Promise<void>((resolve) => (noticeFull = resolve));
      query.whilePausing(() => {
        if (query.pauses.length === MAX_WAITING) noticeFull();
        return gate;
      });
      const read = () =>
        query.reader.answer(
          { header: (name) => (name === 'read-after' ? head.toString() : undefined) },
          { view: 'creatorProfile', key: userId, show: () => () => 'shown' },
        );
      const waiting = Array.from({ length: MAX_WAITING }, async () => read());
      await full;
      expect((await read()).headers).to.include({ 'X-Stale': 'true' });
      expect(query.pauses).to.have.length(MAX_WAITING);
      query.whilePausing(async () => {});
      release();
      await Promise.all(waiting);
      query.pauses.length = 0;
      await read();
      expect(query.pauses, 'places are given back').to.not.have.length(0);
    });

    for (const malformed of ['', 'x', '-1', '1.5', '0x10', '9223372036854775808', '1'.repeat(30), '1, 2'])
      it(`rejects ${JSON.stringify(malformed)}`, async () => {
        await query.serve(300n);
        const response = await query.get(PROFILE, after(malformed));
        expect(response.status).to.equal(400);
        expect(response.body.error).to.deep.include({
          code: 'VALIDATION_FAILED',
          details: [{ field: 'Read-After', message: 'Read-After: must be a position' }],
        });
      });
  });

  describe('ETag', () => {
    const etagOf = async (path: string) => (await query.get(path)).headers['etag'];

    it('names the generation, the document and the config', async () => {
      await query.serve(300n, undefined, 'v1-7');
      await query.write('creatorDashboard', dashboard({ ...NO_AVATAR, position: 120n }), 'v1-7');
      await query.write('config', config({}, 80n), 'v1-7');
      expect(await etagOf(DASHBOARD)).to.equal('W/"v1-7.120-0.80-0"');
    });

    it('has 0 for what does not exist: no config event yet, no config needed, no document', async () => {
      await query.serve(300n);
      await query.write('creatorDashboard', dashboard(NO_AVATAR));
      await query.write('creatorProfile', profile());
      expect(await etagOf(DASHBOARD)).to.equal('W/"v1.100-0.0-0"');
      expect(await etagOf(PROFILE)).to.equal('W/"v1.100-0.0-0"');
      expect(await etagOf('/referral/dashboard')).to.equal('W/"v1.0-0.0-0"');
    });

    it('changes with the document, the config and the generation, but not with the checkpoint', async () => {
      await query.serve(300n);
      await query.write('creatorDashboard', dashboard(NO_AVATAR));
      await query.serve(400n);
      expect(await etagOf(DASHBOARD)).to.equal('W/"v1.100-0.0-0"');
      await query.write('creatorDashboard', dashboard({ ...NO_AVATAR, position: 401n }));
      await query.write('config', config({}, 402n));
      expect(await etagOf(DASHBOARD)).to.equal('W/"v1.401-0.402-0"');
      await query.write('creatorDashboard', dashboard({ ...NO_AVATAR, position: 401n }), 'v1-2');
      await query.serve(500n, ['creatorDashboard'], 'v1-2');
      expect(await etagOf(DASHBOARD)).to.equal('W/"v1-2.401-0.402-0"');
    });

    it('gives 304 without a body when it matches, and 200 when it is older', async () => {
      await query.serve(300n);
      await query.write('creatorProfile', profile());
      const asking = (etags: string) => query.get(PROFILE, { headers: { 'If-None-Match': etags } });
      for (const etags of ['W/"v1.100-0.0-0"', '"v1.100-0.0-0"', '"x", W/"v1.100-0.0-0" , "y"', '*']) {
        const { status, text, headers } = await asking(etags);
        expect([status, text], etags).to.deep.equal([304, '']);
        expect(headers).to.include({
          etag: 'W/"v1.100-0.0-0"',
          'x-position': '300',
          'cache-control': 'private, no-cache',
        });
      }
      for (const etags of ['W/"v1.99-0.0-0"', 'W/"v1.100-0.0-0d"', 'v1.100.0', '', '"*"'])
        expect((await asking(etags)).status, etags).to.equal(200);
    });

    it('never gives 304 to a 404, not even for *', async () => {
      await query.serve(300n);
      expect((await query.get(PROFILE, { headers: { 'If-None-Match': '*' } })).status).to.equal(404);
    });

    it('is compared weakly, and a header of any length costs little', () => {
      expect(matches('"a"', 'W/"a"')).to.equal(true);
      expect(matches('"'.repeat(1_000_000), 'W/"a"')).to.equal(false);
      expect(matches('"a",'.repeat(1_024), 'W/"a"')).to.equal(true);
      expect(matches('"a",'.repeat(1_024) + ' ', 'W/"a"')).to.equal(false); // longer than 4,096 characters
      expect(matches(undefined, 'W/"a"')).to.equal(false);
      expect(matches(' * ', 'W/"a"')).to.equal(true);
    });
  });

  describe('a degraded document', () => {
    const parked = { parked: true, parkedFrom: '101', parkedError: 'broken' };

    it('is served up to where it was parked, marked, with an ETag of its own and never as a 304', async () => {
      await query.serve(300n);
      await query.write('creatorProfile', profile(parked));
      const { status, headers, body } = await query.get(PROFILE, { headers: { 'If-None-Match': 'W/"v1.100-0.0-0d"' } });
      expect(status).to.equal(200);
      expect(headers).to.include({ 'x-degraded': 'true', etag: 'W/"v1.100-0.0-0d"', 'x-position': '300' });
      expect(JSON.stringify(body)).to.not.include('broken');
    });

    it('includes one whose config is degraded', async () => {
      await query.serve(300n);
      await query.write('creatorDashboard', dashboard(NO_AVATAR));
      await query.write('config', { ...config(), ...parked });
      expect((await query.get(DASHBOARD)).headers).to.include({ 'x-degraded': 'true', etag: 'W/"v1.100-0.50-0d"' });
    });

    it('answers 503 when nothing was applied yet, for the document or for the config', async () => {
      await query.serve(300n);
      await query.write('creatorProfile', { _id: userId, position: 0n, ...parked });
      await query.write('creatorDashboard', dashboard(NO_AVATAR));
      await query.write('config', { _id: 'config', position: 0n, ...parked });
      for (const path of [PROFILE, DASHBOARD, '/admin/config']) {
        const response = await query.get(path, { role: path.startsWith('/admin') ? 'ADMIN' : 'USER' });
        expect(response.status, path).to.equal(503);
        expect(response.body.error.i18nKey).to.equal('common.view_degraded');
        expect(response.headers).to.include({ 'x-degraded': 'true', 'x-position': '300' });
      }
    });

    it('answers 503, not 404, while the key is parked', async () => {
      await query.serve(300n);
      await query.write('creatorDashboard', dashboard({ ...NO_AVATAR, creatorId: null, ...parked }));
      expect((await query.get(DASHBOARD)).status).to.equal(503);
    });
  });

  describe('a view that is not built yet', () => {
    it('answers 503 with Retry-After, without an alias or without a checkpoint', async () => {
      for (const prepare of [async () => {}, () => query.reads.write('aliases', [aliasWithoutFeed])]) {
        await prepare();
        const response = await query.get(PROFILE);
        expect(response.status).to.equal(503);
        expect(response.body.error.i18nKey).to.equal('common.unavailable');
        expect(response.headers['retry-after']).to.equal('1');
      }
    });
    const aliasWithoutFeed = { document: { _id: 'creatorProfile', position: 0n, generation: 'v1' }, expected: null };

    it('waits for its config too', async () => {
      await query.serve(300n, ['creatorDashboard']);
      await query.write('creatorDashboard', dashboard(NO_AVATAR));
      expect((await query.get(DASHBOARD)).status).to.equal(503);
    });

    it('makes /readyz answer 503', async () => {
      await query.serve(300n, ['creatorDashboard', 'creatorProfile', 'config']);
      const red = await query.get('/readyz');
      expect(red.status).to.equal(503);
      expect(red.body.checks.views).to.deep.include({
        creatorDashboard: { generation: 'v1', position: '300' },
        dmConfig: 'not built yet',
      });
      await query.serve(300n);
      query.advance(1_000); // The answer is worked out once a second.
      expect((await query.get('/readyz')).status).to.equal(200);
    });

    it('is not shown in the middle of its first build: 503 instead of a 404, and /readyz says how far it is', async () => {
      await query.serve(300n);
      const alias = { _id: 'creatorProfile', position: 1_200n, generation: 'v1' };
      await query.reads.write('aliases', [{ document: alias, expected: { generation: 'v1' } }]);
      expect((await query.get(PROFILE)).status).to.equal(503);
      const { status, body } = await query.get('/readyz');
      expect(status).to.equal(503);
      expect(body).to.have.property('progress', '25 %');
      expect(body.checks.views).to.have.property('creatorProfile', 'being built: 25 %');
      await query.serve(1_200n);
      expect((await query.get(PROFILE)).status).to.equal(404);
    });
  });

  describe('an erasure', () => {
    it('reaches readers through the document that it moves, whatever key is cached', async () => {
      await query.serve(300n);
      const avatarUrl = await query.sealer.seal(kinds.avatarUrl, userId, 'https://cdn.bio.re/a.webp');
      await query.write('creatorDashboard', dashboard({ avatarUrl }));
      expect((await query.get(DASHBOARD)).body.data.avatarUrl).to.equal('https://cdn.bio.re/a.webp');
      await query.keys.destroy(userId);
      await query.write('creatorDashboard', dashboard({ avatarUrl, position: 101n }));
      const { headers, body } = await query.get(DASHBOARD);
      expect(headers['etag']).to.equal('W/"v1.101-0.0-0"');
      expect(body.data.avatarUrl).to.equal(null);
    });

    it("reaches what was opened in another person's document with the next look at her account", async () => {
      await query.serve(300n);
      const avatarUrl = await query.sealer.seal(kinds.avatarUrl, fanId, 'https://cdn.bio.re/a.webp');
      await query.write('creatorDashboard', dashboard({ avatarUrl }));
      const shown = async () =>
        ((await query.get(DASHBOARD)).body as { data: { avatarUrl: string | null } }).data.avatarUrl;
      expect(await shown()).to.equal('https://cdn.bio.re/a.webp');
      await query.keys.destroy(fanId);
      expect(await shown(), 'kept').to.equal('https://cdn.bio.re/a.webp');
      await query.write('account', { _id: fanId, position: 301n, status: 'ERASED', username: null });
      expect(await shown()).to.equal(null);
    });

    it('of the sender or the receiver changes the ETag of a message, which no event moves', async () => {
      await query.serve(300n);
      const content = await query.sealer.seal(kinds.messageContent, fanId, 'Hello!');
      const reply = { id: strangerId, content: await query.sealer.seal(kinds.replyContent, userId, 'Hi!') };
      await query.write('message', message({ content, reply }));
      const read = (headers = {}) => query.get(`/messages/${messageId}`, { headers });
      expect((await read()).headers['etag']).to.equal('W/"v2.100-0.0-0"');
      for (const [erased, before, after, shown] of [
        [fanId, 'W/"v2.100-0.0-0"', 'W/"v2.100-0.0-0x"', [null, 'Hi!']],
        [userId, 'W/"v2.100-0.0-0x"', 'W/"v2.100-0.0-0xx"', [null, null]],
      ] as const) {
        await query.keys.destroy(erased);
        query.advance(KEY_CACHE_MS);
        const { status, headers, body } = await read({ 'If-None-Match': before });
        expect(status).to.equal(200);
        expect(headers['etag']).to.equal(after);
        expect([body.data.content, body.data.reply.content]).to.deep.equal(shown);
        expect((await read({ 'If-None-Match': after })).status).to.equal(304);
      }
    });
  });

  describe('of a view of another log (G64)', () => {
    const status = async () => (await query.get(DASHBOARD)).status;
    beforeEach(async () => {
      await query.serve(300n);
      await query.write('creatorDashboard', dashboard({ avatarUrl: null }));
      await query.write('config', config());
    });

    it('is refused, and /readyz says what to do', async () => {
      query.replaceEvent(300n);
      const response = await query.get(DASHBOARD);
      expect(response.status).to.equal(503);
      expect(response.headers).to.have.property('retry-after', '60');
      const { status: ready, body } = await query.get('/readyz');
      expect(ready).to.equal(503);
      expect(body.checks.views.creatorDashboard)
        .to.include('the log has another event at position 300')
        .and.include('Restore the read store');
    });

    it('is refused where the view is ahead of the log', async () => {
      await query.serve(400n);
      query.removeEvent(400n);
      expect(await status()).to.equal(503);
      expect((await query.get('/readyz')).body.checks.views.creatorDashboard).to.include('no event at position 400');
    });

    it('is refused within ten seconds and a read when the log is replaced under a running process', async () => {
      expect(await status()).to.equal(200);
      query.replaceEvent(300n);
      query.advance(9_999);
      expect(await status()).to.equal(200);
      query.advance(50); // for so long what was worked out before is shown
      await query.get(DASHBOARD, { once: true }); // sets off the check
      query.advance(50);
      expect(await status()).to.equal(503);
    });

    it('is refused at the first read after a pause, however long', async () => {
      expect(await status()).to.equal(200);
      query.replaceEvent(300n);
      query.advance(20_000);
      expect(await status()).to.equal(503);
    });

    it('is refused at once when the checkpoint has gone back', async () => {
      expect(await status()).to.equal(200);
      await query.serve(200n);
      query.replaceEvent(200n);
      expect(await status()).to.equal(503);
    });

    it('is answered again once the right log is back', async () => {
      query.replaceEvent(300n);
      expect(await status()).to.equal(503);
      await query.serve(300n);
      query.advance(20_000);
      expect(await status()).to.equal(200);
    });

    it('is answered by what was known while the log is away, and not before anything is known', async () => {
      query.breakLog(true);
      expect(await status()).to.equal(503);
      query.breakLog(false);
      expect(await status()).to.equal(200);
      query.breakLog(true);
      query.advance(60_000);
      expect(await status()).to.equal(200);
    });
  });

  it('has another ETag when another event stands at the same position', async () => {
    await query.serve(300n);
    await query.write('creatorProfile', profile({ lastEvent: '0190aaaa' }));
    const etag = async () => (await query.get(PROFILE)).headers['etag'];
    expect(await etag()).to.equal('W/"v1.100-0190aaaa.0-0"');
    await query.write('creatorProfile', profile({ lastEvent: '0190bbbb' }));
    expect(await etag()).to.equal('W/"v1.100-0190bbbb.0-0"');
  });

  it('has another ETag after a document was made anew at the same event', async () => {
    await query.serve(300n);
    await query.write('creatorProfile', profile({ lastEvent: '0190aaaa', repairs: 2 }));
    expect((await query.get(PROFILE)).headers['etag']).to.equal('W/"v1.100-0190aaaar2.0-0"');
  });

  it('does not answer a seal that was tampered with', async () => {
    await query.serve(300n);
    await query.write('referralDashboard', referral());
    const sealed = await query.sealer.seal(kinds.name, userId, 'alice123');
    const forged = { ...sealed, tag: 'AAAAAAAAAAAAAAAAAAAAAA==' };
    await query.write('referralDashboard', referral({ position: 101n, link: { ...link, code: forged } }));
    const response = await query.get('/referral/dashboard');
    expect(response.status).to.equal(500);
    expect(response.body.error.i18nKey).to.equal('common.internal_error');
  });

  it('answers 503 for a document whose key is missing, and creates none', async () => {
    await query.serve(300n);
    await query.write('referralDashboard', referral());
    const response = await query.get('/referral/dashboard');
    expect(response.status).to.equal(503);
    expect(response.body.error.i18nKey).to.equal('common.key_missing');
    expect(response.headers).to.have.property('retry-after', '60');
    expect(await query.keys.get(userId)).to.equal('none');
  });
  const link = { id: 'a11a2b3c-d5e6-4890-abcd-ef1234567890', signups: 0, conversions: 0, active: true };
});
