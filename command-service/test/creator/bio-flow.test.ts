import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import { derivedId } from '@creator-dashboards/shared/ids';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { ZodError } from 'zod';
import { bioPage, bioPageStream } from '../../src/domain/bio-page.js';
import { creators } from '../../src/features/creator.js';
import { processBeside } from '../support/another-process.js';
import type { Harness } from '../support/harness.js';
import { callRoute, type Call } from '../../src/http/call-route.js';
import { bioLinkPages } from '../../src/routes/bio-link-clicks.js';
import { becomeCreator, configured, happened, known, person, start, type CreatorPerson } from './flows.js';

describe("A creator's bio page", () => {
  let h: Harness;
  let alice: CreatorPerson;
  let moderationIsDown: boolean;
  beforeEach(async () => {
    moderationIsDown = false;
    h = await start({
      providers: (simulators) => ({
        ...simulators,
        moderation: {
          review: (text) =>
            moderationIsDown ? Promise.reject(new Error('no route')) : simulators.moderation.review(text),
        },
      }),
    });
    alice = await becomeCreator(h);
  });
  afterEach(() => h.close());

  const stream = () => bioPageStream(alice.bioPageId);
  const page = async () => (await h.service.commands.load(bioPage, stream())).state;
  const invalid = async (row: string, body: unknown, params: Record<string, string> = alice.params) => {
    const error: unknown = await h.call(row, { as: alice.as, params, body }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error, `${row} took ${JSON.stringify(body)}`).to.be.instanceOf(ZodError);
  };

  describe('PATCH /creators/:creatorId/bio', () => {
    const row = 'PATCH /creators/:creatorId/bio';
    const set = (body: object) => h.data(row, { as: alice.as, params: alice.params, body });
    const content = async () => h.service.sealer.open(kinds.bioContent, (await page()).content);

    it('keeps the bio of the upgrade until another is given, and merges the texts', async () => {
      await set({ customCss: 'a { color: red }' });
      expect(await content()).to.deep.equal({ bio: 'I paint.', themeOverride: null, customCss: 'a { color: red }' });
      await set({ themeOverride: { accent: '#f00' } });
      await set({ bio: 'I sculpt.', customCss: null });
      expect(await content()).to.deep.equal({ bio: 'I sculpt.', themeOverride: { accent: '#f00' }, customCss: null });
    });

    it('writes nothing when it changes nothing', async () => {
      const head = () => h.service.events.head();
      const start = await head();
      await set({
        bio: 'I paint.',
        published: true,
        embedEnabled: false,
        emailCollectionEnabled: false,
        customCss: null,
      });
      expect(await head()).to.equal(start);
      const body = { bio: 'I sculpt.', themeOverride: { a: 1, b: 2 }, published: false };
      await set(body);
      const changed = await head();
      await set({ ...body, themeOverride: { b: 2, a: 1 } });
      expect(await head()).to.equal(changed);
      await set({ ...body, published: true });
      expect((await h.log(stream())).at(-1)?.data).to.deep.equal({ published: true });
    });

    it('records switches as they are given', async () => {
      await set({ published: false, embedEnabled: true });
      const [updated] = await h.log(stream());
      expect(updated?.data).to.deep.equal({ published: false, embedEnabled: true });
    });

    it('applies a template, and removes it', async () => {
      const id = derivedId('template');
      const rest = { description: null, tokens: {}, thumbnail: null, sortOrder: 0 };
      const template = { id, name: 'Dark', ...rest, active: true, createdAt: h.now(), updatedAt: h.now() };
      await h.refused('creator.bio.template_unknown', row, {
        as: alice.as,
        params: alice.params,
        body: { templateId: id },
      });
      await configured(h, 'bio.templates', [template]);
      await set({ templateId: id.toUpperCase() });
      await set({ templateId: null });
      expect((await h.log(stream())).map(({ type, data }) => [type, data])).to.deep.equal([
        ['BioTemplateApplied', { templateId: id, template }],
        ['BioTemplateApplied', { templateId: null, template: null }],
      ]);
    });

    it('refuses texts that moderation flags or cannot check, wherever they enter (G60)', async () => {
      const { as, params } = alice;
      const { id } = await h.data('POST /creators/:creatorId/links', { as, params, body: aLink('A page') });
      const newcomer = await person(h);
      const enter: readonly (readonly [where: string, call: (text: string) => Call])[] = [
        [row, (bio) => ({ as, params, body: { bio } })],
        ['POST /creators/:creatorId/links', (title) => ({ as, params, body: aLink(title) })],
        ['PATCH /creators/links/:linkId', (title) => ({ as, params: { linkId: String(id) }, body: { title } })],
        ['POST /creators/upgrade', (bio) => ({ as: newcomer, body: { displayName: 'B', username: 'bea', bio } })],
        ['POST /creators/upgrade', (displayName) => ({ as: newcomer, body: { displayName, username: 'bea' } })],
      ];
      const head = await h.service.events.head();
      for (const [where, call] of enter) await h.refused('creator.bio.content_flagged', where, call('quarantine-me'));
      moderationIsDown = true;
      for (const [where, call] of enter) await h.refused('creator.bio.moderation_unavailable', where, call('harmless'));
      expect(await h.service.events.head(), 'nothing was written').to.equal(head);
      await set({ published: false });
    });
    const aLink = (title: string) => ({ title, url: 'https://example.org' });

    it('does not ask moderation about a text that is on the page already', async () => {
      const { as, params } = alice;
      const { id } = await h.data('POST /creators/:creatorId/links', { as, params, body: aLink('A page') });
      await set({ bio: 'I paint.' });
      moderationIsDown = true;
      await set({ bio: 'I paint.', customCss: 'a {}' });
      const same = { title: 'A page', active: false };
      await h.call('PATCH /creators/links/:linkId', { as, params: { linkId: String(id) }, body: same });
    });

    it('does not ask moderation or look for the template again for a command that was done, but not answered', async () => {
      const { as, params } = alice;
      const { id } = await h.data('POST /creators/:creatorId/links', { as, params, body: aLink('A page') });
      const bea = await person(h);
      const templateId = derivedId('template');
      const rest = { name: 'Dark', description: null, tokens: {}, thumbnail: null, sortOrder: 0 };
      const template = { id: templateId, ...rest, active: true, createdAt: h.now(), updatedAt: h.now() };
      await configured(h, 'bio.templates', [template]);
      const calls: readonly (readonly [where: string, call: Call])[] = [
        [row, { as, params, body: { bio: 'I sculpt.', templateId }, key: 'k' }],
        ['POST /creators/:creatorId/links', { as, params, body: aLink('Another'), key: 'k' }],
        ['PATCH /creators/links/:linkId', { as, params: { linkId: String(id) }, body: { title: 'My page' }, key: 'k' }],
        ['POST /creators/upgrade', { as: bea, body: { displayName: 'Bea', username: 'bea' }, key: 'k' }],
      ];
      const { reads } = h.service;
      const write: typeof reads.write = (collection, writes) =>
        collection === 'idempotencyClaims' && writes.some(({ expected }) => expected)
          ? Promise.reject(new Error('died before the claim kept the answer'))
          : reads.write(collection, writes);
      const dying = processBeside(h.service, [creators], { reads: { ...reads, write } });
      for (const [where, call] of calls) expect(await dying.call(where, call).catch(String)).to.include('died');
      const head = await h.service.events.head();
      await configured(h, 'bio.templates', []);
      const after = await h.service.events.head();
      moderationIsDown = true;
      for (const [where, call] of calls)
        expect(
          BigInt(String((await h.data(where, call))['position'])) <= head,
          `${where} answers its first position`,
        ).to.equal(true);
      expect(await h.service.events.head(), 'nothing was written').to.equal(after);
    });

    it('enforces length limits and refuses unknown fields', async () => {
      for (const body of [
        { bio: 'b'.repeat(5_001) },
        { customCss: 'c'.repeat(10_001) },
        { themeOverride: { a: 'x'.repeat(10_001) } },
        { themeOverride: [] },
        { published: 'no' },
        { title: 'x' },
      ])
        await invalid(row, body);
    });

    it('is open to the owner only, and closed once the profile is deleted', async () => {
      const bob = await becomeCreator(h);
      const body = { published: false };
      await h.refused('creator.ownership.forbidden', row, { as: alice.as, params: bob.params, body });
      await known(h, alice, { type: 'CreatorDeleted', data: { deletedAt: h.now() } });
      await h.refused('creator.bio.not_found', row, { as: alice.as, params: alice.params, body });
    });
  });

  describe('links', () => {
    const add = 'POST /creators/:creatorId/links';
    const change = 'PATCH /creators/links/:linkId';
    const remove = 'DELETE /creators/links/:linkId';
    const reorder = 'POST /creators/:creatorId/links/reorder';
    const shop = { title: 'Shop', url: 'https://example.org/shop' };
    const added = async (fields: object = {}, of: CreatorPerson = alice) =>
      String((await h.data(add, { as: of.as, params: of.params, body: { ...shop, ...fields } })).id);
    const at = (linkId: string, body?: object) => ({ as: alice.as, params: { linkId }, ...(body && { body }) });
    const link = async (linkId: string) => (await page()).links[linkId];

    it('are not touched by an update that changes nothing', async () => {
      const linkId = await added({ icon: 'pen', scheduledStart: '2026-05-01T00:00:00Z' });
      const before = await h.service.events.head();
      for (const body of [
        {},
        {
          ...shop,
          icon: 'pen',
          embedMeta: null,
          active: true,
          sortOrder: 0,
          scheduledStart: '2026-05-01T00:00:00.000Z',
        },
      ])
        await h.call(change, at(linkId, body));
      expect(await h.service.events.head()).to.equal(before);
    });

    it('get their defaults when added, with their texts sealed as one value', async () => {
      const first = await added();
      const second = await added({ title: 'Blog', icon: 'pen', active: false });
      const [one, two] = (await h.log(stream())) as unknown as EventNamed<'BioLinkAdded'>[];
      expect(one?.data).to.deep.include({ linkId: first, sortOrder: 0, active: true, isSocial: false });
      expect(two?.data).to.deep.include({ linkId: second, sortOrder: 1, active: false });
      expect(await h.service.sealer.open(kinds.linkContent, two?.data.content ?? null)).to.deep.equal({
        title: 'Blog',
        url: shop.url,
        icon: 'pen',
        platform: null,
        embedType: null,
        embedMeta: null,
      });
    });

    it('must point to an http(s) URL', async () => {
      for (const url of [
        'javascript:alert(1)',
        'ftp://example.org',
        'example.org',
        'https:example.org',
        'http://',
        '',
      ]) {
        await h.refused('creator.links.invalid_url', add, {
          as: alice.as,
          params: alice.params,
          body: { ...shop, url },
        });
      }
      const linkId = await added();
      await h.refused('creator.links.invalid_url', change, at(linkId, { url: 'data:text/html,x' }));
    });

    it('are limited to bio.max_links', async () => {
      await configured(h, 'bio.max_links', 1);
      await added();
      await h.refused('creator.links.limit_reached', add, { as: alice.as, params: alice.params, body: shop });
    });

    it('repeat the first answer, with the same link id, for the same Idempotency-Key', async () => {
      const ask = { as: alice.as, params: alice.params, body: shop, key: 'key' };
      const first = await h.data(add, ask);
      expect(await h.data(add, ask)).to.deep.equal(first);
      expect(await h.types(stream())).to.deep.equal(['BioLinkAdded']);
    });

    it('change in the given fields only, to null as well', async () => {
      const linkId = await added({ icon: 'cart', scheduledStart: '2026-05-01T00:00:00Z' });
      await h.call(change, at(linkId, { title: 'Store', icon: null, scheduledStart: null }));
      const now = await link(linkId);
      expect(now).to.include({ scheduledStart: null, active: true });
      expect(await h.service.sealer.open(kinds.linkContent, now?.content ?? null)).to.include({
        title: 'Store',
        icon: null,
        url: shop.url,
      });
    });

    it('refuse a visible period that ends before it starts, also when its start is the stored one', async () => {
      const [scheduledStart, scheduledEnd] = ['2026-05-02T00:00:00Z', '2026-05-01T00:00:00Z'];
      const both = { ...shop, scheduledStart, scheduledEnd };
      await h.refused('common.validation_failed', add, { as: alice.as, params: alice.params, body: both });
      const linkId = await added({ scheduledStart });
      await h.refused('common.validation_failed', change, at(linkId, { scheduledEnd }));
    });

    it('refuse values out of bounds, and unknown fields', async () => {
      for (const fields of [{ title: '' }, { title: 't'.repeat(101) }, { colour: 'red' }, { sortOrder: 1.5 }]) {
        await invalid(add, { ...shop, ...fields });
        await invalid(change, fields, { linkId: derivedId('any') });
      }
      await invalid(add, { title: 'Shop' });
    });

    it("answer 403 for another creator's page and 404 for an unknown link", async () => {
      const bob = await becomeCreator(h);
      const his = await added({}, bob);
      for (const [row, body] of [
        [change, { active: false }],
        [remove, undefined],
      ] as const) {
        await h.refused('creator.links.not_owner', row, at(his, body));
        await h.refused('creator.links.not_found', row, at(derivedId('nobody'), body));
      }
      await h.refused('creator.ownership.forbidden', add, { as: alice.as, params: bob.params, body: shop });
      await h.call(remove, { as: bob.as, params: { linkId: his } });
      await h.refused('creator.links.not_found', change, at(his, { active: false }));
    });

    it('are removed once; a retry repeats the first answer', async () => {
      const linkId = await added();
      const first = await h.data(remove, { ...at(linkId), key: 'key' });
      expect(await h.data(remove, { ...at(linkId), key: 'key' })).to.deep.equal(first);
      await h.refused('creator.links.not_found', remove, at(linkId));
    });

    it('when one is removed, the links that are left are answered, in the order in which the profile lists them', async () => {
      const [one, two, three, four] = [await added(), await added(), await added(), await added()];
      const left = async (linkId: string, key?: string) =>
        (await h.data(remove, { ...at(linkId), ...(key && { key }) })).linkIds;
      expect(await left(two, 'key')).to.deep.equal([one, three, four]);
      await h.call(change, at(three, { sortOrder: 0 }));
      expect(await left(four), 'at equal sortOrder the oldest comes first').to.deep.equal([one, three]);
      await h.call(reorder, { as: alice.as, params: alice.params, body: { linkIds: [three, one] } });
      const five = await added();
      expect(await left(five)).to.deep.equal([three, one]);
      expect(await left(three)).to.deep.equal([one]);
      expect(await left(one)).to.deep.equal([]);
      expect(await left(two, 'key'), 'a retry repeats the first answer').to.deep.equal([one, three, four]);
    });

    it('are reordered by a list of all links only', async () => {
      const [one, two] = [await added(), await added()];
      const ask = (linkIds: string[]) => ({ as: alice.as, params: alice.params, body: { linkIds } });
      await h.call(reorder, ask([two, one]));
      expect([(await link(one))?.sortOrder, (await link(two))?.sortOrder]).to.deep.equal([1, 0]);
      await h.refused('creator.links.not_owned', reorder, ask([two]));
      const bob = await becomeCreator(h);
      await h.refused('creator.links.not_owned', reorder, ask([two, await added({}, bob)]));
    });

    it('count clicks from anybody, without a token', async () => {
      const click = 'POST /bio/links/:linkId/click';
      const linkId = await added();
      await h.call(click, { params: { linkId }, key: 'ignored' });
      await h.call(click, { params: { linkId }, key: 'ignored' });
      const [clicked, ...others] = await h.log(`bioLinkClicks-${linkId}`);
      expect(clicked?.metadata.keys).to.deep.equal({ userId: alice.userId, creatorId: alice.creatorId });
      expect([clicked, ...others].map((event) => event?.type)).to.deep.equal(['BioLinkClicked', 'BioLinkClicked']);
      expect(await h.types(stream())).to.deep.equal(['BioLinkAdded']);
      await h.refused('creator.links.not_found', click, { params: { linkId: derivedId('nobody') } });
      const hers = { as: alice.as, params: alice.params };
      const publish = (published: boolean) =>
        h.call('PATCH /creators/:creatorId/bio', { ...hers, body: { published } });
      await publish(false);
      await h.refused('creator.links.not_found', click, { params: { linkId } });
      await publish(true);
      await h.call(click, { params: { linkId } });
      await h.call(remove, at(linkId));
      await h.refused('creator.links.not_found', click, { params: { linkId } });
      const other = await added();
      await happened(h, `user-${alice.userId}`, { userId: alice.userId }, [
        { type: 'UserSuspended', data: { userId: alice.userId, reason: null } },
      ]);
      await h.refused('creator.links.not_found', click, { params: { linkId: other } });
    });

    it('lead a visitor on after a second where the store does not take the click', async () => {
      const linkId = await added();
      const clock = createManualTime(h.service.clock.now());
      const events = { ...h.service.events, append: () => new Promise<never>(() => undefined) };
      const { service } = processBeside(h.service, [creators], { events, clock });
      let status: number | undefined;
      const sent = callRoute(bioLinkPages(service), 'GET /go/:linkId', { params: { linkId } }).then(
        (answer) => (status = answer.status),
      );
      await clock.advance(SECOND - 1);
      expect(status).to.equal(undefined);
      await clock.advance(1);
      expect(status).to.equal(303);
      await sent;
    });
  });

  describe('manual social links', () => {
    const dm = (dmActive: boolean, key?: string) =>
      h.data('PATCH /creators/:creatorId/dm-config', {
        as: alice.as,
        params: alice.params,
        body: { dmType: 'FREE', dmActive },
        ...(key && { key }),
      });
    const add = (fields: object) =>
      h.data('POST /creators/:creatorId/links', {
        as: alice.as,
        params: alice.params,
        body: { title: 'Me', url: 'https://example.org', isSocial: true, ...fields },
      });
    const activity = async () => Object.values((await page()).links).map(({ active }) => active);

    it('are hidden when DMs are switched on and all shown when DMs are switched off, before the request is answered', async () => {
      await add({});
      await add({ active: false });
      await add({ isSocial: false });
      const on = await dm(true);
      expect(await activity()).to.deep.equal([false, false, true]);
      expect(on.position).to.equal((await h.log()).at(-1)?.position.toString());
      await dm(false);
      expect(await activity()).to.deep.equal([true, true, true]);
    });

    it("change once per switch, also when the policy's own feed sees the event later", async () => {
      await add({});
      await dm(true);
      await dm(false);
      const before = await h.types(stream());
      expect(before).to.deep.equal(['BioLinkAdded', 'SocialLinksHidden', 'SocialLinksRestored']);
      await h.catchUp();
      expect(await h.types(stream())).to.deep.equal(before);
    });

    it('stay as they are when the switch was reverted before the policy saw it', async () => {
      await add({});
      const off = { dmType: 'FREE' as const, dmPrice: null, dmActive: false };
      const on = { ...off, dmActive: true };
      const rest = { packageId: derivedId(alice.creatorId, 'FREE') };
      await known(
        h,
        alice,
        { type: 'DmConfigUpdated', data: { ...on, ...rest, previous: off } },
        { type: 'DmConfigUpdated', data: { ...off, ...rest, previous: on } },
      );
      await h.catchUp();
      expect(await h.types(stream())).to.deep.equal(['BioLinkAdded']);
    });

    it('are hidden when the DMs were switched on while the link was being added, in either order (G59)', async () => {
      const off = { dmType: 'FREE' as const, dmPrice: null, dmActive: false };
      const data = { ...off, dmActive: true, packageId: derivedId(alice.creatorId, 'FREE'), previous: off };
      await dm(true);
      const content = await h.service.sealer.seal(kinds.linkContent, alice.userId, aLink);
      const linkId = derivedId('late');
      const late = { linkId, content, sortOrder: 0, active: true, isSocial: true, ...noPeriod };
      await happened(h, stream(), { userId: alice.userId, creatorId: alice.creatorId, linkId }, [
        { type: 'BioLinkAdded', data: late }, // by a process that still saw them off
      ]);
      await h.catchUp();
      expect(await activity()).to.deep.equal([false]);
      await dm(false);
      expect(await activity()).to.deep.equal([true]);
      await known(h, alice, { type: 'DmConfigUpdated', data });
      await h.catchUp();
      expect(await activity()).to.deep.equal([false]);
    });
    const aLink = { title: 'Me', url: 'https://x.org/', icon: null, platform: null, embedType: null, embedMeta: null };
    const noPeriod = { scheduledStart: null, scheduledEnd: null };

    it('cannot be added while DMs are on', async () => {
      await dm(true);
      await h.refused('creator.links.social_dm_active', 'POST /creators/:creatorId/links', {
        as: alice.as,
        params: alice.params,
        body: { title: 'Me', url: 'https://example.org', isSocial: true },
      });
    });
  });
});
