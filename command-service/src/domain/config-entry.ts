import { refuse } from '@creator-dashboards/shared/errors';
import type { ConfigEvent } from '@creator-dashboards/shared/events/config';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import type { Decider } from './decider.js';

export const configStream = (key: string) => `config-${key}`;
export const killSwitchStream = (name: string) => `killSwitch-${name}`;

type Value = EventNamed<'ConfigValueSet'>['data']['value'];

export interface SetConfigValue {
  readonly type: 'SetConfigValue';
  readonly key: string;
  /** Fits the key's schema (platform-config.ts). */
  readonly value: Value;
  /** In force as long as nothing was set. */
  readonly fallback: Value;
}

/** One config key (domain 5). `null` is a value of some keys, so a value that was set is wrapped. */
export const configEntry: Decider<{ readonly set: { readonly value: Value } | null }, SetConfigValue, ConfigEvent> = {
  category: 'config',
  snapshotVersion: 1,
  streamOf: ({ key }) => configStream(key),
  initial: { set: null },
  evolve: (state, { type, data }) => (type === 'ConfigValueSet' ? { set: { value: data.value } } : state),
  decide: ({ key, value, fallback }, { set }) => [
    { type: 'ConfigValueSet', data: { key, value, previous: set ? set.value : fallback } },
  ],
  keysOf: (_, { key }) => ({ configKey: key }),
};

export interface TurnKillSwitch {
  readonly type: 'TurnKillSwitch';
  readonly name: string;
  readonly engaged: boolean;
}

/** One kill switch. Released until it is engaged for the first time. */
export const killSwitch: Decider<{ readonly engaged: boolean }, TurnKillSwitch, ConfigEvent> = {
  category: 'killSwitch',
  snapshotVersion: 1,
  streamOf: ({ name }) => killSwitchStream(name),
  initial: { engaged: false },
  evolve: (_, { type }) => ({ engaged: type === 'KillSwitchEngaged' }),
  decide({ name, engaged }, state) {
    if (engaged === state.engaged) return refuse('admin.kill_switch.unchanged');
    return [{ type: engaged ? 'KillSwitchEngaged' : 'KillSwitchReleased', data: { name } }];
  },
  keysOf: (_, { name }) => ({ configKey: `kill_switch.${name}` }),
};
