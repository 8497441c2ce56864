import { configKeys, configValue, killSwitchNames, type ConfigKey } from '../../platform-config.js';
import type { ConfigBody, KillSwitchesBody } from './body.js';
import type { ConfigDocument } from './document.js';

export function presentConfig(config: ConfigDocument | null): ConfigBody {
  return {
    items: (Object.keys(configKeys) as ConfigKey[]).map((key) => {
      const set = config && Object.hasOwn(config.values, key) ? config.values[key] : undefined;
      return {
        key,
        value: configValue(config, key),
        default: configKeys[key].fallback,
        description: configKeys[key].about,
        changedBy: set?.changedBy ?? null,
        changedAt: set?.changedAt ?? null,
      };
    }),
  };
}

export function presentKillSwitches(config: ConfigDocument | null): KillSwitchesBody {
  return {
    items: killSwitchNames.map((name) => {
      const set = config?.killSwitches[name];
      return {
        name,
        engaged: set?.engaged ?? false,
        default: false,
        changedBy: set?.changedBy ?? null,
        changedAt: set?.changedAt ?? null,
      };
    }),
  };
}
