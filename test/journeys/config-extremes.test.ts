/** Every config key at its least and at its greatest accepted value: each command and dashboard that reads it still answers (G54). */
import { expect } from 'chai';
import { configKeys, type ConfigKey } from '@creator-dashboards/shared/platform-config';
import { DAY, HOUR } from '@creator-dashboards/shared/time';
import type { Response } from 'supertest';
import {
  answered,
  creatorWithDms,
  fanWith,
  mayBePaid,
  registration,
  type Creator,
  type Person,
} from '../support/people.js';
import { openSystem, type Answer, type TestSystem } from '../support/system.js';

const template = (id: string, createdAt: string) => ({
  ...{ id, name: 'n'.repeat(100), description: 'd'.repeat(500), tokens: {}, thumbnail: null },
  ...{ active: true, sortOrder: 0, createdAt, updatedAt: createdAt },
});
const TEMPLATE = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** The least and the greatest value that each key takes. */
const EXTREMES: Readonly<Record<ConfigKey, readonly [least: unknown, greatest: unknown]>> = {
  'creator.commission_bronze': [0, 100],
  'creator.commission_silver': [0, 100],
  'creator.commission_gold': [0, 100],
  'creator.commission_platinum': [0, 100],
  'creator.silver_min_messages': [0, 1_000_000],
  'creator.silver_min_earnings': [0, 1_000_000],
  'creator.gold_min_messages': [0, 1_000_000],
  'creator.gold_min_earnings': [0, 1_000_000],
  'creator.platinum_min_messages': [0, 1_000_000],
  'creator.platinum_min_earnings': [0, 1_000_000],
  'dm.min_price': [0.01, 5_000],
  'dm.max_price': [0.01, 5_000],
  'dm.free_daily_limit': [0, 1_000_000],
  'dm.free_per_creator_daily': [0, 1_000_000],
  'dm.timeout_hours': [1, 8_760],
  'dm.duplicate_window_seconds': [0, 86_400],
  'dm.max_pending_paid': [1, 200],
  'payout.cooldown_days': [0, 36_500],
  'payout.min_amount': [0.01, 1_000_000],
  'wallet.load_packages': [[], Array.from({ length: 20 }, () => 1_000_000)],
  'wallet.min_load': [0.01, 1_000_000],
  'wallet.max_load': [0.01, 1_000_000],
  'wallet.max_balance': [0.01, 1_000_000],
  'wallet.idempotency_ttl_seconds': [0, 86_400],
  'wallet.max_adjustment': [0.01, 1_000_000],
  'admin.four_eyes': [false, true],
  'bio.max_links': [1, 300],
  'bio.templates': [[], [template(TEMPLATE, '2026-01-01T00:00:00.000Z')]],
  'site.username_min_length': [1, 30],
  'site.username_max_length': [1, 30],
  'username.change_cooldown_days': [0, 36_500],
  'gdpr.delete_grace_days': [0, 36_500],
  'referral.first_payment_reward': [0, 1_000_000],
  'referral.recurring_percent': [0, 100],
  'platform.registration_enabled': [false, true],
};

describe('Config values at the ends of their ranges', () => {
  let system: TestSystem;
  let paid: Creator;
  let free: Creator;
  let fan: Person;
  before(async () => {
    system = await openSystem();
    const referrer = await creatorWithDms(system, 'referrer', 'FREE');
    await referrer.get('/referral/link');
    free = await creatorWithDms(system, 'free', 'FREE');
    paid = await creatorWithDms(system, 'paid', 'PER_MESSAGE', 5);
    fan = await fanWith(system, 'fan', '500.00', 'referrer');
    for (let payment = 0; payment < 20; payment += 1) await answered(fan, paid, 'PER_MESSAGE', `payment ${payment}`);
    await mayBePaid(system, paid);
  });
  after(() => system.close());

  const touched = new Set<ConfigKey>();
  /** Sets a key, after each other key that would conflict with this value. */
  async function put(key: ConfigKey, valueOf: (key: ConfigKey) => unknown): Promise<void> {
    touched.add(key);
    const value = valueOf(key);
    const { status, body } = await system.admin.put(`/admin/config/${key}`, { value, reason: 'a test' });
    if (status === 200) return;
    expect(body.error.i18nKey, JSON.stringify(body)).to.equal('admin.config.conflict');
    await put(body.error.i18nVars.key as ConfigKey, valueOf);
    await put(key, valueOf);
  }
  afterEach(async () => {
    for (const key of touched) await put(key, (each) => configKeys[each].fallback);
    touched.clear();
  });

  let turn = 0;
  /** Everything that reads the config, once each; all that matters is that it answers. */
  async function everything(): Promise<Response[]> {
    turn += 1;
    const text = `message ${turn}`;
    const answers: Response[] = [];
    const ask = async (answer: Promise<Response>) => answers.push(await answer);
    const dms = `/creators/${paid.creatorId}/dm-config`;

    await ask(system.anybody.post('/auth/register', registration(`new-${turn}`, { referralCode: 'referrer' })));
    const { userId } = (answers[0]?.body.data ?? {}) as Partial<Answer>;
    if (userId) {
      const person = system.as(userId);
      await ask(person.patch('/users/username', { username: `newer-${turn}` }));
      await ask(person.post('/creators/upgrade', { displayName: 'New' }));
      await ask(person.post('/users/delete', {}));
    }
    await ask(paid.patch(dms, { dmType: 'PER_MESSAGE', dmPrice: 5, dmActive: true }));
    await ask(fan.post('/wallet/load', { amount: '5.00' }, { 'Idempotency-Key': 'always-the-same' }));
    await ask(fan.post('/messages', { creatorId: free.creatorId, dmType: 'FREE', content: text }));
    await ask(fan.post('/messages', { creatorId: paid.creatorId, dmType: 'PER_MESSAGE', content: text }));
    const { messageId } = (answers.at(-1)?.body.data ?? {}) as Partial<Answer>;
    if (messageId) await ask(paid.post(`/messages/${messageId}/reply`, { content: 'Thank you!' }));
    await ask(paid.post('/payouts/request', { amount: '10.00', method: 'BANK_TRANSFER' }));
    await ask(paid.patch(`/creators/${paid.creatorId}/bio`, { templateId: TEMPLATE }));
    const link = { title: 'A link', url: `https://example.org/${turn}` };
    await ask(paid.post(`/creators/${paid.creatorId}/links`, link));
    await system.pass(HOUR);
    for (const path of ['/creators/dashboard', '/creators/profile', dms, '/referral/dashboard'])
      await ask(paid.get(path));
    await ask(system.admin.get('/admin/config'));
    await system.pass(DAY);
    return answers;
  }

  it('are tested with calls that succeed while only a template is set', async () => {
    await put('bio.templates', () => EXTREMES['bio.templates'][1]);
    expect((await everything()).filter(({ status }) => status >= 400).map(({ body }) => body as unknown)).to.deep.equal(
      [],
    );
  });

  it('cannot be exceeded', async () => {
    for (const [key, [least, greatest]] of Object.entries(EXTREMES)) {
      if (typeof least !== 'number' || typeof greatest !== 'number') continue;
      for (const value of [least - 1, greatest + 1]) {
        const { body } = await system.admin.put(`/admin/config/${key}`, { value, reason: 'a test' });
        expect([key, body.error?.i18nKey]).to.deep.equal([key, 'admin.config.invalid_value']);
      }
    }
  });

  for (const key of Object.keys(configKeys) as ConfigKey[])
    it(`fail no command and no dashboard: ${key}`, async () => {
      for (const value of EXTREMES[key]) {
        await put(key, () => value);
        const failed = (await everything()).filter(({ status }) => status >= 500);
        expect(failed.map(({ body }) => body as unknown)).to.deep.equal([]);
      }
    });
});
