/** What a page of the audit is asked with: from which end, from where on, and how many. */
import type { Direction } from '@creator-dashboards/shared/audit-index';
import { z } from 'zod';

export const DIRECTIONS = { oldest: 'forwards', newest: 'backwards' } as const satisfies Record<string, Direction>;
export type Order = keyof typeof DIRECTIONS;
export const orderText = z.enum(['oldest', 'newest']);

export const cursorText = z.string().min(1).max(1_000);

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** Page sizes are clamped, never rejected (domain 0). */
export const limitSchema = z
  .string()
  .optional()
  .transform((text) => {
    const limit = Math.trunc(Number(text ?? DEFAULT_LIMIT));
    return Number.isNaN(limit) ? DEFAULT_LIMIT : Math.min(MAX_LIMIT, Math.max(1, limit));
  })
  .describe(`1 to ${MAX_LIMIT}; anything else is taken as the nearest, and as ${DEFAULT_LIMIT} where it is no number`);
