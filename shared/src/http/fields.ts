/** Fields that requests to every service have. */
import { z } from 'zod';

/** One of our ids, in lower case, as in the names of streams and documents: both cases mean the same id (RFC 9562). */
export const idText = z.guid().toLowerCase();

/** A whole number in a query. It is clamped, never rejected (domain 0). */
export function clampedNumber({ usual, max }: { readonly usual: number; readonly max: number }) {
  return z
    .string()
    .optional()
    .transform((text) => {
      const number = Math.trunc(Number(text ?? usual));
      return Number.isNaN(number) ? usual : Math.min(max, Math.max(1, number));
    })
    .describe(`1 to ${max}; anything else is taken as the nearest, and as ${usual} where it is no number`);
}

/** Why an admin does it (domain 7). */
export const reasonText = z.string().trim().min(1).max(500);
