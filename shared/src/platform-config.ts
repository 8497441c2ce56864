/** Every config key of the platform (domain 4): its schema, its default, its meaning. */
import { z } from 'zod';
import { bioTemplate } from './events/creator.js';
import { numberToCents, type Cents } from './money.js';
import type { Json } from './ports.js';

export const killSwitchNames = ['REFERRAL', 'PAYOUT', 'PAYMENT', 'MESSAGING', 'CREATOR_UPGRADE', 'KYC'] as const;
export type KillSwitchName = (typeof killSwitchNames)[number];

const percent = z.number().min(0).max(100);
const whole = z.number().int().min(0).max(1_000_000_000);
/** Major units with at most two decimals. */
const money = z
  .number()
  .min(0)
  .max(1_000_000_000)
  .refine((value) => numberToCents(value) !== null, 'at most two decimals');
const hours = z
  .number()
  .positive()
  .max(24 * 365);

const key = <S extends z.ZodType>(schema: S, fallback: z.output<S>, about: string) => ({ schema, fallback, about });

export const configKeys = {
  'creator.commission_bronze': key(percent, 20, 'commission of BRONZE creators, percent'),
  'creator.commission_silver': key(percent, 20, 'commission of SILVER creators, percent'),
  'creator.commission_gold': key(percent, 20, 'commission of GOLD creators, percent'),
  'creator.commission_platinum': key(percent, 20, 'commission of PLATINUM creators, percent'),
  'creator.silver_min_messages': key(whole, 100, 'messages needed for SILVER'),
  'creator.silver_min_earnings': key(money, 5_000, 'earnings needed for SILVER'),
  'creator.gold_min_messages': key(whole, 500, 'messages needed for GOLD (G9)'),
  'creator.gold_min_earnings': key(money, 25_000, 'earnings needed for GOLD (G9)'),
  'creator.platinum_min_messages': key(whole, 2_000, 'messages needed for PLATINUM (G9)'),
  'creator.platinum_min_earnings': key(money, 100_000, 'earnings needed for PLATINUM (G9)'),
  'dm.min_price': key(money, 1, 'least price of a paid message'),
  'dm.max_price': key(money, 500, 'highest price of a paid message'),
  'dm.free_daily_limit': key(whole, 5, 'free messages a user may send each UTC day'),
  'dm.free_per_creator_daily': key(whole, 1, 'free messages a user may send one creator each UTC day'),
  'dm.timeout_hours': key(hours, 72, 'hours a creator has to answer'),
  'dm.duplicate_window_seconds': key(whole, 60, 'seconds in which the same text is a duplicate (G40)'),
  'dm.max_pending_paid': key(whole, 1, 'unresolved paid messages per fan and creator (G40)'),
  'payout.cooldown_days': key(whole, 7, 'days between payout requests'),
  'payout.min_amount': key(money, 10, 'least payout'),
  'wallet.load_packages': key(z.array(money).max(20), [5, 10, 25], 'amounts offered for loading'),
  'wallet.min_load': key(money, 5, 'least load'),
  'wallet.max_load': key(money, 500, 'highest load'),
  'wallet.max_balance': key(money, 5_000, 'highest balance a load may lead to'),
  'wallet.idempotency_ttl_seconds': key(whole.max(86_400), 86_400, 'seconds a load answers its first result again'),
  'bio.max_links': key(whole.nullable(), null, 'links per bio page, null for no limit'),
  'bio.templates': key(z.array(bioTemplate).max(200), [], 'the bio page templates'),
  'site.username_min_length': key(whole.min(1).max(30), 3, 'shortest username'),
  'site.username_max_length': key(whole.min(1).max(100), 30, 'longest username'),
  'username.change_cooldown_days': key(whole, 30, 'days between username changes'),
  'gdpr.delete_grace_days': key(whole, 30, 'days until a deleted account is erased'),
  'referral.first_payment_reward': key(money, 5, 'reward for the first payment of a referred user (G19)'),
  'referral.recurring_percent': key(percent, 10, 'reward for later payments, percent of the commission (G19)'),
  'platform.registration_enabled': key(z.boolean(), true, 'whether new users may register'),
} as const;

export type ConfigKey = keyof typeof configKeys;
export type ConfigValue<K extends ConfigKey> = z.output<(typeof configKeys)[K]['schema']>;

export function isConfigKey(name: string): name is ConfigKey {
  return Object.hasOwn(configKeys, name);
}

/** What was set, by key: of the config document no more is needed to tell a value. */
export interface ConfigValues {
  readonly values: Readonly<Record<string, { readonly value: Json }>>;
}

/** The value in force: what was set last, else the default. */
export function configValue<K extends ConfigKey>(config: ConfigValues | null, name: K): ConfigValue<K> {
  const set = config && Object.hasOwn(config.values, name) ? config.values[name] : undefined;
  return (set ? set.value : configKeys[name].fallback) as ConfigValue<K>;
}

type MoneyKey = { [K in ConfigKey]: (typeof configKeys)[K]['schema'] extends typeof money ? K : never }[ConfigKey];

/** A money value in force, as cents. */
export function configCents(config: ConfigValues | null, name: MoneyKey): Cents {
  const cents = numberToCents(configValue(config, name));
  if (cents === null) throw new RangeError(`config ${name} is not an amount`);
  return cents;
}
