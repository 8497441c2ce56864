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
