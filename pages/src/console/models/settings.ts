/** The settings in force, each with the changes that led to it. */
import type { ConfigItem, KillSwitch, LogEvent } from './answers.js';
import { grouped } from './grouped.js';

export interface Change {
  readonly eventId: string;
  readonly at: string;
  readonly by: string;
  readonly reason: string | null;
  readonly before: string | null;
  readonly after: string;
}

export interface Setting {
  readonly key: string;
  readonly kind: 'config' | 'switch';
  readonly description: string;
  readonly value: string;
  readonly default: string;
  readonly isDefault: boolean;
  /** The newest first. */
  readonly changes: readonly Change[];
}

/** `events`: the newest first, of the settings' streams. */
export function settingsOf(
  config: readonly ConfigItem[],
  switches: readonly KillSwitch[],
  events: readonly LogEvent[],
): readonly Setting[] {
  const changes = grouped(events, keyOf);
  const of = (key: string) => (changes.get(key) ?? []).map(changeOf);
  return [
    ...switches.map(({ name, engaged, default: usual }) => ({
      ...{ key: name, kind: 'switch' as const, description: `${TOUCHED_BY_SWITCH} ${name}` },
      ...{ value: switchText(engaged), default: switchText(usual), isDefault: engaged === usual, changes: of(name) },
    })),
    ...config.map(({ key, value, default: usual, description }) => ({
      ...{ key, kind: 'config' as const, description, value: text(value), default: text(usual) },
      ...{ isDefault: text(value) === text(usual), changes: of(key) },
    })),
  ];
}

const TOUCHED_BY_SWITCH = 'refuses every new command of';
const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
const switchText = (engaged: boolean) => (engaged ? 'engaged' : 'released');

interface Data {
  readonly key?: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly previous?: unknown;
}

function keyOf({ data }: LogEvent): string {
  const { key, name } = data as Data;
  return key ?? name ?? '';
}

function changeOf({ id, type, data, metadata }: LogEvent): Change {
  const { occurredAt: at, actor, reason } = metadata;
  const told = { eventId: id, at, by: actor.userId ?? actor.role, reason };
  if (type === 'KillSwitchEngaged') return { ...told, before: 'released', after: 'engaged' };
  if (type === 'KillSwitchReleased') return { ...told, before: 'engaged', after: 'released' };
  const { value, previous } = data as Data;
  return { ...told, before: previous === undefined ? null : text(previous), after: text(value) };
}

const TOUCHES: readonly (readonly [RegExp, string])[] = [
  [
    /^creator\.commission_/,
    'The commission of messages that complete from now on, and "commission rate" of these creators’ dashboards.',
  ],
  [
    /^creator\..*_min_/,
    'Next level and progress on every creator’s dashboard, when it is next read. A level itself changes with her next message.',
  ],
  [/^dm\.(min|max)_price/, 'Prices that creators set from now on. Prices that are set stay.'],
  [/^dm\./, 'Messages that are sent from now on. Those under way keep what held when they were sent.'],
  [/^payout\./, 'Payouts that are requested from now on.'],
  [/^referral\./, 'Rewards of what happens from now on. Those that were given stay.'],
];

/** What a change of this setting would touch, in words. No dashboard has to be built again for one. */
export function touches({ key, kind }: Pick<Setting, 'key' | 'kind'>): string {
  if (kind === 'switch')
    return 'New commands of this family are refused from now on, or accepted again. Nothing that was done is undone.';
  return (
    TOUCHES.find(([pattern]) => pattern.test(key))?.[1] ??
    'Whatever is decided from now on. Nothing that was done is undone.'
  );
}
