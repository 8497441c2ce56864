import { CONFIG_KEY, type ConfigDocument } from './document.js';
import type { View } from '../view.js';

/** The config document. The projector builds one for reads; the command service keeps its own as a look-up (domain 9.4). */
export const config: View<ConfigDocument> = {
  name: 'config',
  version: 1,
  partition: 'key',
  categories: ['config', 'killSwitch'],
  keyOf: () => CONFIG_KEY,
  initial: { values: {}, killSwitches: {} },
  handlers: {
    ConfigValueSet: (config, { data, metadata }) => ({
      ...config,
      values: {
        ...config.values,
        [data.key]: { value: data.value, changedBy: metadata.actor.userId, changedAt: metadata.occurredAt },
      },
    }),
    KillSwitchEngaged: (config, { data, metadata }) => ({
      ...config,
      killSwitches: {
        ...config.killSwitches,
        [data.name]: { engaged: true, changedBy: metadata.actor.userId, changedAt: metadata.occurredAt },
      },
    }),
    KillSwitchReleased: (config, { data, metadata }) => ({
      ...config,
      killSwitches: {
        ...config.killSwitches,
        [data.name]: { engaged: false, changedBy: metadata.actor.userId, changedAt: metadata.occurredAt },
      },
    }),
  },
};
