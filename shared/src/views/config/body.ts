import { z } from 'zod';
import { id } from '../../events/define.js';
import { killSwitchNames } from '../../platform-config.js';
import type { Json } from '../../ports.js';
import { time } from '../body-fields.js';

const json: z.ZodType<Json> = z.json();
/** Both null until an admin changes the value. */
const changed = { changedBy: id.nullable(), changedAt: time };

export const configBody = z.strictObject({
  items: z.array(z.strictObject({ key: z.string(), value: json, default: json, description: z.string(), ...changed })),
});
export type ConfigBody = z.output<typeof configBody>;

export const killSwitchesBody = z.strictObject({
  items: z.array(
    z.strictObject({ name: z.enum(killSwitchNames), engaged: z.boolean(), default: z.boolean(), ...changed }),
  ),
});
export type KillSwitchesBody = z.output<typeof killSwitchesBody>;
