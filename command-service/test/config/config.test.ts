import { kinds } from '@creator-dashboards/shared/events/sealed';
import { type ConfigKey, configKeys, killSwitchNames } from '@creator-dashboards/shared/platform-config';
import { type ErrorKey, Refused } from '@creator-dashboards/shared/errors';
import { expect } from 'chai';
import { CONFIG_STREAM, killSwitch, killSwitchStream, platformConfig } from '../../src/domain/platform-config.js';
import { configuration } from '../../src/features/config.js';
import { given } from '../support/decider.js';
import { createHarness, type Harness } from '../support/harness.js';
import { admin } from '../users/people.js';

let h: Harness;
beforeEach(async () => {
  h = await createHarness({ features: [configuration] });
});
afterEach(() => h.close());

const set = (key: string, value: unknown, idempotencyKey?: string) =>
  h.data('PUT /admin/config/:key', {
    as: admin,
    params: { key },
    body: { value, reason: 'a test' },
    ...(idempotencyKey && { key: idempotencyKey }),
  });
const turn = (name: string, engaged: boolean, idempotencyKey?: string) =>
  h.data('PUT /admin/kill-switches/:name', {
    as: admin,
    params: { name },
    body: { engaged, reason: 'a test' },
    ...(idempotencyKey && { key: idempotencyKey }),
  });

async function refusal(work: Promise<unknown>): Promise<Refused> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof Refused)) throw new Error(`not refused: ${String(error)}`);
  return error;
}
const template = {
  id: '5b0a7c52-8f2f-4c1e-9a52-4d9c1c6d1a01',
  name: 'Plain',
  description: null,
  tokens: {},
  thumbnail: null,
  active: true,
  sortOrder: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};
const refused = async (key: ErrorKey, work: Promise<unknown>) => expect((await refusal(work)).key).to.equal(key);

describe('PUT /admin/config/:key', () => {
  it('records key, value and previous value in the event, and the admin with a sealed reason in its metadata (G34)', async () => {
    const { position } = await set('creator.commission_gold', 15);
    await set('creator.commission_gold', 12.5);
    const events = await h.log(CONFIG_STREAM);
    expect(events.map(({ type, data }) => [type, data])).to.deep.equal([
      ['ConfigValueSet', { key: 'creator.commission_gold', value: 15, previous: 20 }],
      ['ConfigValueSet', { key: 'creator.commission_gold', value: 12.5, previous: 15 }],
    ]);
    const { metadata, ...first } = events[0] ?? expect.fail('nothing was written');
    expect(position).to.equal(first.position.toString());
    expect(metadata.actor).to.deep.equal(admin);
    expect(metadata.keys).to.deep.equal({ configKey: 'creator.commission_gold' });
    expect(metadata.reason?.subject).to.equal(admin.userId);
    expect(await h.service.sealer.open(kinds.reason, metadata.reason)).to.equal('a test');
  });

  it('applies the new value in this service before it answers', async () => {
    await set('dm.min_price', 2);
    expect((await h.service.lookups.config())?.values['dm.min_price']?.value).to.equal(2);
  });

  it('accepts the default of every key', async () => {
    for (const key of Object.keys(configKeys) as ConfigKey[]) await set(key, configKeys[key].fallback);
    expect(await h.log()).to.have.length(Object.keys(configKeys).length);
  });

  const unfit: readonly (readonly [ConfigKey, unknown])[] = [
    ['creator.commission_gold', 101],
    ['creator.commission_gold', '15'],
    ['dm.min_price', 1.005],
    ['dm.free_daily_limit', -1],
    ['dm.free_daily_limit', 2.5],
    ['platform.registration_enabled', 'false'],
    ['platform.registration_enabled', 0],
    ['wallet.load_packages', [5, '10']],
    ['dm.timeout_hours', 0],
    ['bio.templates', [{ id: 'x' }]],
    ['bio.templates', [template, template]],
    ['bio.templates', [template, { ...template, id: template.id.toUpperCase() }]],
    ['bio.max_links', null],
    ['bio.max_links', 301],
    ['payout.cooldown_days', 36_501],
    ['wallet.max_balance', 1_000_000.01],
  ];
  for (const [key, value] of unfit)
    it(`refuses ${JSON.stringify(value)} for ${key}, with details`, async () => {
      const error = await refusal(set(key, value));
      expect(error.key).to.equal('admin.config.invalid_value');
      expect(error.details[0]?.message).to.match(/^value[.:]/);
      expect(await h.log()).to.deep.equal([]);
    });

  const beside: readonly (readonly [ConfigKey, unknown, ConfigKey])[] = [
    ['dm.min_price', 501, 'dm.max_price'],
    ['dm.max_price', 0.99, 'dm.min_price'],
    ['wallet.max_load', 4.99, 'wallet.min_load'],
    ['wallet.max_load', 5_001, 'wallet.max_balance'],
    ['wallet.max_balance', 499, 'wallet.max_load'],
    ['site.username_max_length', 2, 'site.username_min_length'],
    ['creator.silver_min_messages', 501, 'creator.gold_min_messages'],
    ['creator.platinum_min_earnings', 24_999, 'creator.gold_min_earnings'],
  ];
  for (const [key, value, other] of beside)
    it(`refuses ${String(value)} for ${key} next to the default of ${other}, and names that key`, async () => {
      const error = await refusal(set(key, value));
      expect([error.key, error.vars]).to.deep.equal(['admin.config.conflict', { key: other }]);
      expect(await h.log()).to.deep.equal([]);
    });

  it('accepts only one of two contradictory limits set at the same time', async () => {
    const both = await Promise.allSettled([set('dm.min_price', 400), set('dm.max_price', 300)]);
    expect(both.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
  });

  it('refuses unknown keys, kill switches among them, and names of Object.prototype', async () => {
    for (const key of ['kill_switch.PAYOUT', 'creator.commission_wood', '__proto__', 'constructor', 'toString'])
      await refused('admin.config.unknown_key', set(key, true));
  });

  it('repeats the first answer for the same Idempotency-Key and refuses another value with 422 (9.7)', async () => {
    const first = await set('dm.max_price', 100, 'k');
    await set('dm.max_price', 200);
    expect(await set('dm.max_price', 100, 'k')).to.deep.equal(first);
    expect((await h.service.lookups.config())?.values['dm.max_price']?.value).to.equal(200);
    await refused('common.idempotency_mismatch', set('dm.max_price', 300, 'k'));
  });

  it('records both of two values set at the same time, one after the other', async () => {
    await Promise.all([set('dm.max_price', 100), set('dm.max_price', 200)]);
    const [first, second] = (await h.log(CONFIG_STREAM)).map(
      ({ data }) => data as { value: unknown; previous: unknown },
    );
    expect(second?.previous).to.equal(first?.value);
  });
});

describe('PUT /admin/kill-switches/:name', () => {
  for (const name of killSwitchNames)
    it(`engages and releases ${name}`, async () => {
      expect(await h.killSwitches(name)).to.equal(false);
      await turn(name, true);
      expect(await h.killSwitches(name)).to.equal(true);
      await turn(name, false);
      expect(await h.killSwitches(name)).to.equal(false);
      const events = await h.log(killSwitchStream(name));
      expect(events.map(({ type, data }) => [type, data])).to.deep.equal([
        ['KillSwitchEngaged', { name, item: null }],
        ['KillSwitchReleased', { name }],
      ]);
      expect(events[0]?.metadata.keys).to.deep.equal({ configKey: `kill_switch.${name}` });
      expect(await h.service.sealer.open(kinds.reason, events[0]?.metadata.reason ?? null)).to.equal('a test');
    });

  it('refuses to engage an engaged switch or release a released one', async () => {
    await refused('admin.kill_switch.unchanged', turn('PAYOUT', false));
    await turn('PAYOUT', true);
    await refused('admin.kill_switch.unchanged', turn('PAYOUT', true));
  });

  it('refuses the name of an unknown switch', async () => {
    for (const name of ['payout', 'EVERYTHING', '__proto__', 'kill_switch.PAYOUT'])
      await refused('admin.kill_switch.unknown', turn(name, true));
  });

  it('repeats the first answer for the same Idempotency-Key (9.7)', async () => {
    const first = await turn('KYC', true, 'k');
    expect(await turn('KYC', true, 'k')).to.deep.equal(first);
    await refused('common.idempotency_mismatch', turn('KYC', false, 'k'));
  });
});

describe('The deciders of config and kill switches', () => {
  const command = { type: 'SetConfigValue' as const, key: 'dm.min_price' as const, value: 3 };
  it('give the default as the previous value until one was set', () =>
    given(platformConfig)
      .when(command)
      .then({ type: 'ConfigValueSet', data: { key: 'dm.min_price', value: 3, previous: 1 } }));
  it('record a value that is set again: it is a decision, too', () => {
    const event = { type: 'ConfigValueSet' as const, data: { key: 'dm.min_price', value: 3, previous: 1 } };
    given(platformConfig, event)
      .when(command)
      .then({ ...event, data: { ...event.data, previous: 3 } });
  });
  it('treat a switch that nobody touched as released', () =>
    given(killSwitch)
      .when({ type: 'TurnKillSwitch', name: 'KYC', engaged: false, item: null })
      .refused('admin.kill_switch.unchanged'));
});
