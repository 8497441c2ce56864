import { percentOf, toDecimal, type Cents } from '@creator-dashboards/shared/money';

/** What a fan pays for a message, and the percentage we keep of it: the rate of the creator's level at the time of sending (G7). */
export interface Price {
  /** Null when nothing is paid. */
  readonly price: Cents | null;
  readonly commissionRate: number;
}

/** The price as events say it, null when nothing was paid. */
export function paidFor({ price }: Price): string | null {
  return price === null ? null : toDecimal(price);
}

/** What the creator gets of the price: gross = commission + net (G7). Null when nothing was paid. */
export function settlementOf({ price, commissionRate }: Price) {
  if (price === null) return null;
  const commission = percentOf(price, commissionRate);
  return { gross: toDecimal(price), commission: toDecimal(commission), net: toDecimal(price - commission) };
}
