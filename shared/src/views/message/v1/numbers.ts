/** How the views write numbers. */
import { toDecimal, type Cents } from '../../../money.js';

/** 100 * part / whole, rounded half up in integers: a quotient of floats would miss exact halves. */
export function percentage(part: number, whole: number): number {
  return Number((200n * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole)));
}

/** Two decimals, or null. */
export function decimalOrNull(cents: Cents | null): string | null {
  return cents === null ? null : toDecimal(cents);
}
