import { z } from 'zod';
import { event, id, type EventOf } from './define.js';

/**
 * Streams config-all (one for all keys, so that keys which depend on each other are checked together) and killSwitch-<NAME>;
 * keys { configKey }. Values are checked against the key's schema in platform-config.ts.
 */
export const configEvents = {
  ConfigValueSet: event({ key: z.string(), value: z.json(), previous: z.json() }),
  /** `item` is the difference of the money that engaged it; null where somebody did. Version 1 did not say: people only. */
  KillSwitchEngaged: event({ name: z.string(), item: id.nullable() }, [(old) => ({ ...old, item: null })]),
  KillSwitchReleased: event({ name: z.string() }),
};
export type ConfigEvent = EventOf<typeof configEvents>;
