/** Every config key of the platform (domain 4): its schema, its default, its meaning. */
import { z } from 'zod';
import { bioTemplate } from './events/creator.js';
import { numberToCents, type Cents } from './money.js';
import type { Json } from './ports.js';

export const killSwitchNames = ['REFERRAL', 'PAYOUT', 'PAYMENT', 'MESSAGING', 'CREATOR_UPGRADE', 'KYC'] as const;
export type KillSwitchName = (typeof killSwitchNames)[number];

const percent = z.number().min(0).max(100);
/** A number of things. */
const count = z.number().int().min(0).max(1_000_000);
/** A century at most, so that every date counted from today exists. */
const days = z.number().int().min(0).max(36_500);
/** Major units with at most two decimals. */
const money = z
  .number()
  .min(0)
  .max(1_000_000)
  .refine((value) => numberToCents(value) !== null, 'at most two decimals');
/** An amount that moves: at least a cent. */
const price = money.min(0.01);
/** The platform's highest price of a message, whatever `dm.max_price` says. */
export const PRICE_CAP = 5_000;
/** What `bio.max_links` may be at most. */
export const MAX_LINKS = 300;
const DAY_SECONDS = 86_400;

const usernameLength = z.number().int().min(1).max(30);

function idsDiffer(templates: readonly { readonly id: string }[]): boolean {
  return new Set(templates.map(({ id }) => id)).size === templates.length;
}

const key = <S extends z.ZodType>(schema: S, fallback: z.output<S>, about: string) => ({ schema, fallback, about });

/** A key's range is what its readers can compute with (G54); keys that depend on each other are in `ORDERED`. */
export const configKeys = {
  'creator.commission_bronze': key(percent, 20, 'commission of BRONZE creators, percent'),
  'creator.commission_silver': key(percent, 20, 'commission of SILVER creators, percent'),
  'creator.commission_gold': key(percent, 20, 'commission of GOLD creators, percent'),
  'creator.commission_platinum': key(percent, 20, 'commission of PLATINUM creators, percent'),
  'creator.silver_min_messages': key(count, 100, 'messages needed for SILVER'),
  'creator.silver_min_earnings': key(money, 5_000, 'earnings needed for SILVER'),
  'creator.gold_min_messages': key(count, 500, 'messages needed for GOLD'),
  'creator.gold_min_earnings': key(money, 25_000, 'earnings needed for GOLD'),
  'creator.platinum_min_messages': key(count, 2_000, 'messages needed for PLATINUM'),
  'creator.platinum_min_earnings': key(money, 100_000, 'earnings needed for PLATINUM'),
  'dm.min_price': key(price.max(PRICE_CAP), 1, 'lowest price of a paid message'),
  'dm.max_price': key(price.max(PRICE_CAP), 500, 'highest price of a paid message'),
  'dm.free_daily_limit': key(count, 5, 'free messages a user may send each UTC day'),
  'dm.free_per_creator_daily': key(count, 1, 'free messages a user may send one creator each UTC day'),
  'dm.timeout_hours': key(
    z
      .number()
      .min(1)
      .max(24 * 365),
    72,
    'hours a creator has to answer',
  ),
  'dm.duplicate_window_seconds': key(
    z.number().int().min(0).max(DAY_SECONDS),
    60,
    'seconds in which the same text is a duplicate',
  ),
  'dm.max_pending_paid': key(z.number().int().min(1).max(200), 1, 'unresolved paid messages per fan and creator'),
  'payout.cooldown_days': key(days, 7, 'days between payout requests'),
  'payout.min_amount': key(price, 10, 'lowest payout'),
  'wallet.load_packages': key(z.array(price).max(20), [5, 10, 25], 'amounts offered for loading'),
  'wallet.min_load': key(price, 5, 'lowest load'),
  'wallet.max_load': key(price, 500, 'highest load'),
  'wallet.max_balance': key(price, 5_000, 'highest balance a load may lead to'),
  'wallet.idempotency_ttl_seconds': key(
    z.number().int().min(0).max(DAY_SECONDS),
    DAY_SECONDS,
    'seconds a load answers its first result again',
  ),
  'wallet.max_adjustment': key(price, 1_000, 'the most that an admin credits or debits at once'),
  'admin.four_eyes': key(z.boolean(), false, 'whether a payout must be processed by somebody other than its approver'),
  'bio.max_links': key(z.number().int().min(1).max(MAX_LINKS), 100, 'links per bio page'),
  'bio.templates': key(
    z
      .array(bioTemplate.extend({ id: bioTemplate.shape.id.toLowerCase() }))
      .max(200)
      .refine(idsDiffer, 'two templates have the same id'),
    [],
    'the bio page templates; all of them together fit in one request body',
  ),
  'site.username_min_length': key(usernameLength, 3, 'shortest username'),
  'site.username_max_length': key(usernameLength, 30, 'longest username'),
  'username.change_cooldown_days': key(days, 30, 'days between username changes'),
  'gdpr.delete_grace_days': key(days, 30, 'days until a deleted account is erased'),
  'referral.first_payment_reward': key(money, 5, 'reward for the first payment of a referred user'),
  'referral.recurring_percent': key(percent, 10, 'reward for later payments, percent of the commission'),
  'platform.registration_enabled': key(z.boolean(), true, 'whether new users may register'),
} as const;

export type ConfigKey = keyof typeof configKeys;
export type ConfigValue<K extends ConfigKey> = z.output<(typeof configKeys)[K]['schema']>;

export function isConfigKey(name: string): name is ConfigKey {
  return Object.hasOwn(configKeys, name);
}

/** The part of the config document that values are read from: what was set, by key. */
export interface ConfigValues {
  readonly values: Readonly<Record<string, { readonly value: Json }>>;
}

/** The value in force: the one set last, else the default. */
export function configValue<K extends ConfigKey>(config: ConfigValues | null, name: K): ConfigValue<K> {
  const set = config && Object.hasOwn(config.values, name) ? config.values[name] : undefined;
  return (set ? set.value : configKeys[name].fallback) as ConfigValue<K>;
}

/** Chains of keys: each one's value must be at least the one before (keys checked together, G54). */
const ORDERED: readonly (readonly ConfigKey[])[] = [
  ['dm.min_price', 'dm.max_price'],
  ['wallet.min_load', 'wallet.max_load', 'wallet.max_balance'],
  ['site.username_min_length', 'site.username_max_length'],
  ...(['messages', 'earnings'] as const).map((gate) =>
    (['silver', 'gold', 'platinum'] as const).map((level): ConfigKey => `creator.${level}_min_${gate}`),
  ),
];

/** The key that the value of `name` in `config` conflicts with (keys checked together, G54); null if there is none. */
export function conflictingKey(config: ConfigValues, name: ConfigKey): ConfigKey | null {
  for (const chain of ORDERED) {
    const place = chain.indexOf(name);
    if (place < 0) continue;
    const [below, above] = [chain[place - 1], chain[place + 1]];
    if (below && configValue(config, below) > configValue(config, name)) return below;
    if (above && configValue(config, name) > configValue(config, above)) return above;
  }
  return null;
}

type MoneyKey = { [K in ConfigKey]: (typeof configKeys)[K]['schema'] extends typeof money ? K : never }[ConfigKey];

/** A money value in force, as cents. */
export function configCents(config: ConfigValues | null, name: MoneyKey): Cents {
  const cents = numberToCents(configValue(config, name));
  if (cents === null) throw new RangeError(`config ${name} is not an amount`);
  return cents;
}
