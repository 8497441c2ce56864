import { refuse } from '@creator-dashboards/shared/errors';
import type { ConfigEvent } from '@creator-dashboards/shared/events/config';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import {
  conflictingKey,
  configValue,
  type ConfigKey,
  type ConfigValues,
} from '@creator-dashboards/shared/platform-config';
import type { Decider } from './decider.js';

export const CONFIG_STREAM = 'config-all';
export const killSwitchStream = (name: string) => `killSwitch-${name}`;

type Value = EventNamed<'ConfigValueSet'>['data']['value'];

export interface SetConfigValue {
  readonly type: 'SetConfigValue';
  readonly key: ConfigKey;
  /** Valid by the key's schema (shared/src/platform-config.ts). */
  readonly value: Value;
}

/** Every config key in one stream, so that keys that belong together are decided under one revision (G54). */
export const platformConfig: Decider<ConfigValues, SetConfigValue, ConfigEvent> = {
  category: 'config',
  snapshotVersion: 2,
  streamOf: () => CONFIG_STREAM,
  initial: { values: {} },
  evolve: (state, { type, data }) => (type === 'ConfigValueSet' ? withValue(state, data) : state),
  decide({ key, value }, state) {
    const other = conflictingKey(withValue(state, { key, value }), key);
    if (other) return refuse('admin.config.conflict', { key: other });
    return [{ type: 'ConfigValueSet', data: { key, value, previous: configValue(state, key) } }];
  },
  keysOf: (_, { key }) => ({ configKey: key }),
};

function withValue({ values }: ConfigValues, { key, value }: { readonly key: string; readonly value: Value }) {
  return { values: { ...values, [key]: { value } } };
}

export interface TurnKillSwitch {
  readonly type: 'TurnKillSwitch';
  readonly name: string;
  readonly engaged: boolean;
  /** The difference of the money because of which it is engaged; null where somebody decided it. */
  readonly item: string | null;
}

/** One kill switch. Released until it is engaged for the first time. */
export const killSwitch: Decider<{ readonly engaged: boolean }, TurnKillSwitch, ConfigEvent> = {
  category: 'killSwitch',
  snapshotVersion: 1,
  streamOf: ({ name }) => killSwitchStream(name),
  initial: { engaged: false },
  evolve: (_, { type }) => ({ engaged: type === 'KillSwitchEngaged' }),
  decide({ name, engaged, item }, state) {
    if (engaged === state.engaged) return refuse('admin.kill_switch.unchanged');
    if (engaged) return [{ type: 'KillSwitchEngaged', data: { name, item } }];
    return [{ type: 'KillSwitchReleased', data: { name } }];
  },
  keysOf: (_, { name }) => ({ configKey: `kill_switch.${name}` }),
};
