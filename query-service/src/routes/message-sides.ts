/** On which side of messages the caller asks: as the fan who sends, or as the creator who receives (domain 2.1). */
import { z } from 'zod';

export type Side = 'fan' | 'creator';

export const sideText = z
  .string()
  .optional()
  .transform((role): Side => (role === 'creator' ? 'creator' : 'fan'));
