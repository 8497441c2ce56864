import { z } from 'zod';
import { dmType } from '../../events/define.js';
import { money } from '../body-fields.js';

export const dmConfigBody = z
  .strictObject({
    dmType: dmType.nullable(),
    dmPrice: money.nullable(),
    dmActive: z.boolean(),
  })
  .meta({ examples: [{ dmType: 'SINGLE_PAY', dmPrice: '5.00', dmActive: true }] });
export type DmConfigBody = z.output<typeof dmConfigBody>;
