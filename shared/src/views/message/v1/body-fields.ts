/** Fields that the bodies of several views have. */
import { z } from 'zod';
import { instant } from '../../../events/define.js';

/** Major units as a decimal string, always with two decimals. */
export const money = z
  .string()
  .regex(/^-?\d+\.\d{2}$/)
  .meta({ examples: ['1250.00'] });
export const count = z.number().int().nonnegative();
/** Text a person entered: null as well when it was erased (domain 9.8). */
export const text = z.string().nullable();
export const object = z.record(z.string(), z.unknown()).nullable();
export const time = instant.nullable();
