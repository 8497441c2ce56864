/** What the audit says of the past, against what the API answered then: random users, every dashboard of everybody, again and again. */
import { creatorIdOf } from '@creator-dashboards/shared/ids';
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

/** The body with null in these fields; items of lists are named by their ids. */
function without(body: unknown, fields: readonly string[], at = ''): unknown {
  if (fields.includes(at)) return null;
  if (body === null || typeof body !== 'object') return body;
  const below = (name: string) => (at === '' ? name : `${at}.${name}`);
  if (Array.isArray(body)) return body.map((item) => without(item, fields, below((item as { id: string }).id)));
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, without(value, fields, below(name))]));
}
