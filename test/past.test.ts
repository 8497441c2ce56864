/** What the audit says of the past, against what the API answered then: random users, every dashboard of everybody, again and again. */
import { explain, formulas, type Explainable } from '@creator-dashboards/query-service/audit/explain';
import { fieldNamed, valueAt } from '@creator-dashboards/query-service/audit/field';
import { createPersonal } from '@creator-dashboards/query-service/audit/personal';
import { shown } from '@creator-dashboards/query-service/reads/shown';
import { isRefusal } from '@creator-dashboards/shared/errors';
import { applyTo, concerns, type FoldedDocument } from '@creator-dashboards/shared/fold';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { CONFIG_KEY, type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { views } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import type { Response } from 'supertest';
import { createSender } from './support/commands.js';
import { readLog } from './support/invariants.js';
import { createLedger } from './support/ledger.js';
import { createRandomUsers } from './support/random-users.js';
import { seeded } from './support/random.js';
import { openSystem, type TestSystem } from './support/system.js';

const seed = Number(process.env.PAST_SEED ?? Date.now() % 2 ** 31);
const ROUNDS = 4;
const DEEDS = 40;

interface Seen {
  readonly view: string;
  readonly key: string;
  readonly position: string;
  readonly etag: string | undefined;
  readonly body: unknown;
  readonly refused: string | null;
}

const DASHBOARDS = [
  { view: 'creatorDashboard', path: () => '/creators/dashboard', keyOf: (userId: string) => userId },
  { view: 'creatorProfile', path: () => '/creators/profile', keyOf: (userId: string) => userId },
  {
    view: 'dmConfig',
    path: (userId: string) => `/creators/${creatorIdOf(userId)}/dm-config`,
    keyOf: (userId: string) => creatorIdOf(userId),
  },
  { view: 'referralDashboard', path: () => '/referral/dashboard', keyOf: (userId: string) => userId },
];

describe('The past, as the audit tells it', function () {
  let system: TestSystem;
  let seen: Seen[];

  before(async () => {
    system = await openSystem();
    const { send, close } = createSender(system.port, system.clock);
    const users = createRandomUsers(createLedger(send), send, seeded(seed));
    await users.gather();
    seen = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let deed = 0; deed < DEEDS; deed += 1) await users.act();
      seen.push(...(await look(system)));
    }
    close();
  });
  after(() => system.close());
  afterEach(function () {
    if (this.currentTest?.isFailed()) console.error(`PAST_SEED=${seed}`);
  });

  const ask = async (path: string): Promise<Response['body']['data']> => {
    const { status, body } = await system.auditor.get(path);
    expect(status, `${path} ${JSON.stringify(body)}`).to.equal(200);
    return body.data;
  };

  for (const by of ['etag', 'position'] as const)
    it(`shows what every dashboard showed, by its ${by}, but for what was erased since`, async () => {
      expect(seen.length).to.be.at.least(50);
      for (const { view, key, position, etag, body, refused } of seen) {
        if (by === 'etag' && etag === undefined) continue;
        const which = by === 'etag' ? `etag=${encodeURIComponent(etag ?? '')}` : `position=${position}`;
        const past = await ask(`/admin/as-of/${view}/${key}?${which}&reveal=true&reason=test`);
        expect(past.body, `${view} ${key} at ${position}`).to.deep.equal(without(body, past.erasedFields));
        expect(past.refused).to.equal(refused);
      }
    });

  it('moved by the steps that the audit tells, for every field of every dashboard, and ended as the API answers it', async () => {
    const log = await readLog(system.stores.events);
    const past = { events: system.stores.events, index: system.stores.audit, views };
    const until = await system.head();
    let fields = 0;
    for (const [view, key] of busiest(log)) {
      const bodies = await bodiesAfterEach(log, view, key, system.commands.service.sealer);
      const now = seen.findLast((one) => one.view === view && one.key === key)?.body;
      expect(bodies.at(-1)?.body, 'the plain loop is right').to.deep.equal(now);
      for (const path of fieldsOf(bodies.map(({ body }) => body))) {
        const field = fieldNamed(formulas[view], path.join('.'));
        if (!field) throw new Error(`${view} has no formula of ${path.join('.')}`);
        const personal = createPersonal(system.commands.service.sealer, true);
        const told = await explain(past, { view, key, field, until }, personal);
        const steps = told.steps.map(({ position, before, after }) => ({ position, before, after }));
        expect(steps, `${view} ${key} ${path.join('.')}`).to.deep.equal(changesOf(bodies, path));
        expect(told.value, `${view} ${key} ${path.join('.')}`).to.deep.equal(valueAt(now, path));
        fields += 1;
      }
    }
    expect(fields).to.be.at.least(100);
  });

  it('is explained with formula, inputs and steps; personal data is masked unless a reason is given', async () => {
    const { key } = seen.find(({ view, body }) => view === 'creatorProfile' && body !== null && hasIban(body)) ?? {};
    const why = (field: string) => `/admin/explain/creatorProfile/${key}?field=${field}`;
    const masked = await ask(why('iban'));
    expect(masked).to.include({ view: 'creatorProfile', value: null, masked: true, erased: false, refused: null });
    expect(masked.steps).to.have.length(1);
    expect(masked.steps[0]).to.include({ type: 'BankDetailsUpdated', before: null, after: null });
    expect(masked.inputs.bankDetails).to.deep.equal({ sealed: true, subject: key });
    const revealed = await ask(`${why('iban')}&reveal=true&reason=asked%20by%20her`);
    expect(revealed).to.include({ value: 'DE89370400440532013000', masked: false });
    expect(revealed.steps[0]).to.include({ before: null, after: 'DE89370400440532013000' });
    const rated = await ask(why('avgRating'));
    expect(rated.formula).to.include('ratingSum ÷ ratingCount');
    expect(rated.inputs).to.have.all.keys('ratingSum', 'ratingCount');
    await system.refused(system.auditor.get(`${why('iban')}&reveal=true`), 400, 'common.validation_failed');
  });

  it('says which views and fields there are to whoever asks for another, and where the log ends', async () => {
    const asking = (path: string) => system.auditor.get(`/admin/${path}`);
    const view = await system.refused(asking('explain/nothing/x?field=level'), 404, 'admin.past.view_unknown');
    expect(view.body.error.details[0].message).to.include(
      'creatorDashboard, creatorProfile, dmConfig, referralDashboard',
    );
    const field = await system.refused(asking('explain/dmConfig/x?field=level'), 400, 'common.validation_failed');
    expect(field.body.error.details[0].message).to.include('dmType, dmPrice, dmActive');
    await system.refused(asking('as-of/nothing/x'), 404, 'admin.past.view_unknown');
    const ahead = `position=${(await system.head()) + 1n}`;
    await system.refused(asking(`as-of/dmConfig/x?${ahead}`), 400, 'admin.past.position_ahead');
    await system.refused(asking(`explain/dmConfig/x?field=dmType&${ahead}`), 400, 'admin.past.position_ahead');
    await system.refused(asking('as-of/dmConfig/x?etag=abc'), 400, 'common.validation_failed');
    await system.refused(asking('as-of/dmConfig/x?etag=a&position=1'), 400, 'common.validation_failed');
  });
});

/** What the API answers now, of every dashboard of everybody whose account is there. */
async function look(system: TestSystem): Promise<Seen[]> {
  await system.catchUp();
  const position = (await system.head()).toString();
  const events = await readLog(system.stores.events);
  const seen: Seen[] = [];
  for (const event of events.filter(({ type }) => type === 'UserRegistered')) {
    const userId = event.metadata.keys.userId ?? '';
    for (const { view, path, keyOf } of DASHBOARDS) {
      const { status, headers, body } = await system.as(userId).get(path(userId));
      if (status === 401) continue; // erased: nobody can ask for her any more
      expect([200, 404], JSON.stringify(body)).to.include(status);
      const refused = status === 404 ? (body.error.i18nKey as string) : null;
      seen.push({ ...{ view, key: keyOf(userId), position, refused }, etag: headers['etag'], body: body.data ?? null });
    }
  }
  return seen;
}

const hasIban = (body: unknown) => (body as { iban: unknown }).iban !== null;

/** Those two documents of each dashboard that the most events concern; of creators who were not erased. */
function busiest(log: readonly RecordedEvent[]): (readonly [Explainable, string])[] {
  return (Object.keys(formulas) as Explainable[]).flatMap((view) => {
    const counts = new Map<string, number>();
    for (const event of log.filter((one) => concerns(views[view], one))) {
      const key = views[view].keyOf(event) ?? '';
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const { type, metadata } of log) if (type === 'UserErased') counts.delete(metadata.keys.userId ?? '');
    const keys = [...counts].sort(([, one], [, other]) => other - one).map(([key]) => key);
    return keys.slice(0, 2).map((key) => [view, key] as const);
  });
}

interface BodyAfter {
  readonly position: string;
  readonly body: unknown;
}

/** What was shown after each event, by a plain loop that presents anew each time; null where nothing was. */
async function bodiesAfterEach(
  log: readonly RecordedEvent[],
  view: Explainable,
  key: string,
  sealer: Sealer,
): Promise<BodyAfter[]> {
  let [document, config]: [FoldedDocument | null, ConfigDocument | null] = [null, null];
  const body = async () => {
    const presented = shown[view].show({ document: document as never, config, open: sealer.open });
    return isRefusal(presented) ? null : presented();
  };
  const bodies: BodyAfter[] = [{ position: '0', body: await body() }];
  for (const event of log) {
    if (concerns(views[view], event) && views[view].keyOf(event) === key)
      document = applyTo(views[view] as View, key, document, event);
    else if (concerns(views.config, event)) config = applyTo(views.config, CONFIG_KEY, config, event);
    else continue;
    bodies.push({ position: event.position.toString(), body: await body() });
  }
  return bodies;
}

/** The paths of all fields, with and without fields of their own, that any of the bodies has; items of lists by their ids. */
function fieldsOf(bodies: readonly unknown[]): string[][] {
  const found = new Map<string, string[]>();
  const visit = (value: unknown, path: string[]) => {
    if (path.length > 0) found.set(path.join('.'), path);
    if (value === null || typeof value !== 'object' || isFree(path)) return;
    for (const [name, part] of Object.entries(value)) {
      const own = Array.isArray(value) ? (part as { id: string }).id : name;
      visit(part, [...path, own]);
    }
  };
  for (const body of bodies) visit(body, []);
  return [...found.values()];
}

/** Values that people give the shape of, so that they are told as a whole. */
const isFree = (path: readonly string[]) => ['themeOverride', 'embedMeta', 'tokens'].includes(path.at(-1) ?? '');

/** Where the value at a path changed, before and after. */
function changesOf(bodies: readonly BodyAfter[], path: readonly string[]) {
  return bodies.slice(1).flatMap(({ position, body }, at) => {
    const [before, after] = [valueAt(bodies[at]?.body, path), valueAt(body, path)];
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ position, before, after }];
  });
}

/** The body with null in these fields; items of lists are named by their ids. */
function without(body: unknown, fields: readonly string[], at = ''): unknown {
  if (fields.includes(at)) return null;
  if (body === null || typeof body !== 'object') return body;
  const below = (name: string) => (at === '' ? name : `${at}.${name}`);
  if (Array.isArray(body)) return body.map((item) => without(item, fields, below((item as { id: string }).id)));
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, without(value, fields, below(name))]));
}
