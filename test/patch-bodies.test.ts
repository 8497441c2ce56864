/** What a front end may count on in every PATCH: null empties a field or names it in a 400, and what a GET shows is taken back. */
import { expect } from 'chai';
import { type z } from 'zod';
import { creator, mayBePaid, setDms, type Creator } from './support/people.js';
import { pathOf, samplesOf, type Sample } from './support/samples.js';
import { openSystem, type TestSystem } from './support/system.js';

type Fields = Readonly<Record<string, unknown>>;

describe('PATCH', () => {
  let system: TestSystem;
  before(async () => {
    system = await openSystem();
  });
  after(() => system.close());

  const nameOf = ({ route }: Sample) => `${route.method} ${route.path}`;
  const fieldsOf = ({ route }: Pick<Sample, 'route'>) =>
    Object.entries((route.body as z.ZodObject<Record<string, z.ZodType>>).shape);
  const takes = (field: z.ZodType, value: unknown) => field.safeParse(value).success;

  it('and PUT take null to empty a field, and say so, or refuse it by a 400 that names the field', async () => {
    const samples = (await samplesOf(system)).filter(({ route }) => /^(PATCH|PUT)$/.test(route.method));
    expect(samples.length).to.be.greaterThan(7);
    const emptied: string[] = [];
    for (const sample of samples) {
      const required = fieldsOf(sample).filter(([, field]) => !takes(field, undefined));
      const body = Object.fromEntries(required.map(([name]) => [name, sample.body?.[name]]));
      for (const [name, field] of fieldsOf(sample)) {
        const what = `${nameOf(sample)} ${name}: null`;
        const sent = { ...body, [name]: null };
        const call = sample.route.method === 'PUT' ? system.admin.put : system.as(callerOf(sample)).patch;
        const { status, body: answer } = await call(pathOf(sample), sent);
        if (takes(field, null)) expect(field.description, `${what} is not documented`).to.match(/null/);
        if (status === 200) {
          expect(takes(field, null), what).to.equal(true);
          if (Object.hasOwn(answer.data as object, name)) expect(answer.data[name], what).to.equal(null);
          emptied.push(name);
        } else {
          expect(status, `${what} ${JSON.stringify(answer)}`).to.equal(400);
          const details = answer.error.details as readonly { field?: string }[];
          expect(
            details.map((detail) => detail.field),
            `${what} ${JSON.stringify(answer)}`,
          ).to.include(name);
        }
      }
    }
    expect(emptied).to.include.members(['bio', 'templateId', 'icon', 'scheduledEnd', 'iban', 'endDate', 'avatarUrl']);
  });

  /** Each PATCH route with the fields that it knows of what the caller's GETs show now. */
  async function shown(person: Creator) {
    const position = String(await system.head());
    const get = async (path: string) =>
      (await person.get(path, { 'Read-After': position })).body.data as Fields & { bioPage: Fields };
    const profile = await get('/creators/profile');
    const [link = {}] = profile.bioPage.links as Fields[];
    const dmConfig = await get(`/creators/${person.creatorId}/dm-config`);
    const sources = [await get('/creators/dashboard'), dmConfig, profile, profile.bioPage, link];
    const routes = system.routes.filter(({ method }) => method === 'PATCH');
    return routes.map((route) => {
      const known = fieldsOf({ route }).map(([name]) => name);
      const bodies = sources.map((source) =>
        Object.fromEntries(known.filter((name) => Object.hasOwn(source, name)).map((name) => [name, source[name]])),
      );
      const body = bodies.reduce((most, each) => (Object.keys(each).length > Object.keys(most).length ? each : most));
      const params = { creatorId: person.creatorId, linkId: String(link.id) };
      return { name: `PATCH ${route.path}`, path: pathOf({ route, params }), body, known };
    });
  }

  async function expectUnchanged(person: Creator): Promise<void> {
    for (const { name, path, body, known } of await shown(person)) {
      if (Object.keys(body).length === 0) {
        expect(name, 'whose fields no GET shows').to.match(/vacation$|username$/);
        continue;
      }
      expect(body, name).to.have.all.keys(known);
      await system.done(person.patch(path, body), 200, []);
    }
  }

  const link = { title: 'Shop', url: 'https://shop.example' };
  const adding = async (person: Creator, fields: object) =>
    system.done(person.post(`/creators/${person.creatorId}/links`, fields), 201, ['BioLinkAdded']);

  it('takes what GET shows of a creator who has set nothing, and changes nothing', async () => {
    const fresh = await creator(system, 'fresh');
    await adding(fresh, link);
    await expectUnchanged(fresh);
  });

  it('takes what GET shows of a creator who has set everything, and changes nothing, whatever the rules are by now', async () => {
    const reason = 'a test';
    const set = async (key: string, value: unknown) =>
      expect((await system.admin.put(`/admin/config/${key}`, { value, reason })).status, key).to.equal(200);
    const at = '2026-04-01T00:00:00.000Z';
    const template = {
      ...{ id: '0f8fad5b-d9cb-469f-a165-70867728950e', name: 'Night', description: null, tokens: { colour: 'black' } },
      ...{ thumbnail: null, active: true, sortOrder: 0, createdAt: at, updatedAt: at },
    };
    await set('bio.templates', [template]);
    const busy = await creator(system, 'busy');
    await mayBePaid(system, busy);
    await setDms(busy, { dmType: 'PER_MESSAGE', dmPrice: 10, dmActive: true });
    await busy.patch('/users/avatar', { avatarUrl: 'https://cdn.example/a.webp' });
    const page = {
      ...{ bio: ' I write. ', templateId: template.id, themeOverride: { b: 1, a: [2] }, customCss: 'a {}' },
      ...{ embedEnabled: true, published: false, emailCollectionEnabled: true },
    };
    await system.done(busy.patch(`/creators/${busy.creatorId}/bio`, page), 200, [
      'BioPageUpdated',
      'BioTemplateApplied',
    ]);
    await adding(busy, {
      ...{
        ...link,
        icon: 'bag',
        sortOrder: 7,
        active: false,
        platform: 'X',
        embedType: 'card',
        embedMeta: { a: null },
      },
      ...{ scheduledStart: '2026-05-01T00:00:00Z', scheduledEnd: '2026-05-02T00:00:00Z' },
    });
    await expectUnchanged(busy);
    await set('dm.min_price', 20);
    await set('bio.templates', []);
    await expectUnchanged(busy);
    await set('bio.templates', [{ ...template, name: 'Midnight' }]);
    const again = busy.patch(`/creators/${busy.creatorId}/bio`, { templateId: template.id });
    await system.done(again, 200, ['BioTemplateApplied']);
  });

  it('takes a price as a number or as text, and leaves a price that is not given as it is', async () => {
    const ida = await creator(system, 'ida');
    const path = `/creators/${ida.creatorId}/dm-config`;
    const patch = (dmPrice: unknown, dmActive = true) => ida.patch(path, { dmType: 'SINGLE_PAY', dmPrice, dmActive });
    expect(await system.done(patch('45.5'), 200, ['DmConfigUpdated'])).to.include({ dmPrice: '45.50' });
    await system.done(patch(45.5), 200, []);
    expect(await system.done(patch(undefined, false), 200, ['DmConfigUpdated'])).to.include({ dmPrice: '45.50' });
    expect(await system.done(patch(null, false), 200, ['DmConfigUpdated'])).to.include({ dmPrice: null });
    for (const wrong of ['', '45.505', '5000.01', '-1', '4,5', '1e2', ' 4', true, []])
      await system.refused(patch(wrong), 400, 'common.validation_failed');
  });

  function callerOf({ headers }: Sample): string {
    const [, payload = ''] = (headers('').Authorization ?? '').split('.');
    return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
  }
});

describe('A write of bio page, links and bank details', () => {
  let system: TestSystem;
  let ada: Creator;
  before(async () => {
    system = await openSystem();
    ada = await creator(system, 'ada');
  });
  after(() => system.close());

  interface Shown extends Fields {
    readonly bioPage: Fields & { readonly links: readonly Fields[] };
  }

  /** The answer's data without its position, and the profile as of that position. A repeat with the key gets the same answer. */
  async function written(method: 'post' | 'patch', path: string, body: object) {
    const key = { 'Idempotency-Key': `${method} ${path} ${JSON.stringify(body).length}`.replaceAll(' ', '_') };
    const answer = await ada[method](path, body, key);
    expect(answer.status, JSON.stringify(answer.body)).to.be.oneOf([200, 201]);
    await ada.patch(`/creators/${ada.creatorId}/bio`, { published: false });
    const repeated = await ada[method](path, body, key);
    expect(repeated.body, 'the repeat').to.deep.equal(answer.body);
    await ada.patch(`/creators/${ada.creatorId}/bio`, { published: true });
    const { position, ...data } = answer.body.data as Fields;
    const { body: read } = await ada.get('/creators/profile', { 'Read-After': String(await system.head()) });
    expect(position).to.be.a('string');
    return { data, profile: read.data as Shown };
  }

  const part = (source: Fields, like: Fields) =>
    Object.fromEntries(Object.keys(like).map((name) => [name, source[name]] as const));

  it('answers the bio page as the profile shows it', async () => {
    const change = { bio: 'I write.', customCss: 'a {}', embedEnabled: true };
    const { data, profile } = await written('patch', `/creators/${ada.creatorId}/bio`, change);
    expect(data)
      .to.include({ ...change, templateId: null })
      .and.to.have.property('themeOverride', null);
    expect(data).to.deep.equal(part(profile.bioPage, data));
    expect(Object.keys(data)).to.have.length(7);
  });

  it('answers a new and a changed link, and the new order, as the profile shows them', async () => {
    const link = { title: 'Shop', url: 'https://shop.example', scheduledStart: '2026-05-01T00:00:00Z' };
    const added = await written('post', `/creators/${ada.creatorId}/links`, link);
    expect(added.data).to.include({
      title: 'Shop',
      url: 'https://shop.example/',
      icon: null,
      sortOrder: 0,
      active: true,
    });
    expect(added.data).to.deep.equal(part(added.profile.bioPage.links[0] ?? {}, added.data));
    const id = String(added.data.id);
    const changed = await written('patch', `/creators/links/${id}`, { icon: 'bag', scheduledStart: null });
    expect(changed.data).to.deep.equal({ ...added.data, icon: 'bag', scheduledStart: null });
    expect(changed.data).to.deep.equal(part(changed.profile.bioPage.links[0] ?? {}, changed.data));
    const unchanged = await written('patch', `/creators/links/${id}`, {});
    expect(unchanged.data).to.deep.equal(changed.data);
    const other = await written('post', `/creators/${ada.creatorId}/links`, { ...link, title: 'Other' });
    const linkIds = [other.data.id, id];
    const ordered = await written('post', `/creators/${ada.creatorId}/links/reorder`, { linkIds });
    expect(ordered.data).to.deep.equal({ linkIds });
    expect(ordered.profile.bioPage.links.map((each) => each.id)).to.deep.equal(linkIds);
  });

  it('answers the bank details as the profile shows them, but of the IBAN only the country and the last four characters', async () => {
    const change = { iban: 'DE89370400440532013000', bankName: 'Bank', preferredPayoutMethod: 'BANK_TRANSFER' };
    const { data, profile } = await written('patch', '/creators/bank-details', change);
    expect(data).to.deep.equal({ ...part(profile, data), iban: 'DE****************3000' });
    expect(Object.keys(data)).to.have.length(8);
    const emptied = await written('patch', '/creators/bank-details', { iban: null });
    expect(emptied.data).to.include({ iban: null, bankName: 'Bank', bankAccountVerified: false });
  });
});
