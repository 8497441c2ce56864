/**
 * Money is integer minor units (cents) in code and a decimal string in major units on the wire and in events.
 * Every conversion and every rounding of the system is here; nothing else divides or multiplies an amount.
 */
import Big from 'big.js';

/** An amount in minor units: a safe integer, never a fraction. Negative only in balances, after a chargeback (G39). */
export type Cents = number;

const DECIMAL = /^-?\d{1,13}(\.\d{1,2})?$/;

/** A decimal string ("12", "12.5", "12.50") as cents. Throws RangeError on anything else, so a corrupt amount is never booked. */
export function toCents(decimal: string): Cents {
  if (!DECIMAL.test(decimal)) throw new RangeError(`not an amount: ${JSON.stringify(decimal)}`);
  return asCents(new Big(decimal).times(100).toNumber());
}

/** Cents as a decimal string with exactly two decimals: 1250 -> "12.50". */
export function toDecimal(cents: Cents): string {
  return new Big(asCents(cents)).div(100).toFixed(2);
}

/** A finite number of major units with at most two decimals (JSON bodies, config values) as cents, or null when it has more decimals. */
export function numberToCents(major: number): Cents | null {
  if (!Number.isFinite(major)) return null;
  const cents = new Big(major).times(100);
  return cents.round(0).eq(cents) && Number.isSafeInteger(cents.toNumber()) ? cents.toNumber() : null;
}

/** `percent` of an amount, rounded half up to a cent (G7). */
export function percentOf(cents: Cents, percent: number): Cents {
  return asCents(new Big(asCents(cents)).times(percent).div(100).round(0, Big.roundHalfUp).toNumber());
}

/** Cents as a JSON number in major units, for fields documented as numbers (1250.5). */
export function toMajor(cents: Cents): number {
  return new Big(asCents(cents)).div(100).toNumber();
}

function asCents(value: number): Cents {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an amount in cents: ${value}`);
  return value;
}
