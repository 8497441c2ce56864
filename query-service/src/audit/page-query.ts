/** What a page of the audit is asked with: from which end, from where on, and how many. */
import type { Direction } from '@creator-dashboards/shared/audit-index';
import { clampedNumber } from '@creator-dashboards/shared/http/fields';
import { z } from 'zod';

export const DIRECTIONS = { oldest: 'forwards', newest: 'backwards' } as const satisfies Record<string, Direction>;
export type Order = keyof typeof DIRECTIONS;
export const orderText = z.enum(['oldest', 'newest']);

export const cursorText = z.string().min(1).max(1_000);

export const limitSchema = clampedNumber({ usual: 50, max: 200 });
