import { z } from 'zod';
import { event, type EventOf } from './define.js';

/**
 * Streams config-all (one for all keys, so that keys which depend on each other are checked together) and killSwitch-<NAME>;
 * keys { configKey }. Values are checked against the key's schema in platform-config.ts.
 */
export const configEvents = {
  ConfigValueSet: event({ key: z.string(), value: z.json(), previous: z.json() }),
  KillSwitchEngaged: event({ name: z.string() }),
  KillSwitchReleased: event({ name: z.string() }),
};
export type ConfigEvent = EventOf<typeof configEvents>;
