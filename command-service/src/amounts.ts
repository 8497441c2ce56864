import { toCents, type Cents } from '@creator-dashboards/shared/money';
import { z } from 'zod';

/** An amount in a body: what it says is judged by `amountOf`, so that a wrong one is refused by the route's own key. */
export const amountText = z
  .string()
  .max(20)
  .meta({ examples: ['25.00'] });

/** A positive amount as callers write it ("12", "12.5", "12.50"), in cents; null for anything else. */
export function amountOf(text: string): Cents | null {
  if (!/^\d{1,9}(\.\d{1,2})?$/.test(text)) return null;
  return toCents(text) || null;
}
