import { percentOf, toDecimal, type Cents } from '@creator-dashboards/shared/money';

/** What a fan pays for a message, and our commission in percent: the rate of the creator's level at the time of sending (G7). */
export interface Price {
  /** Null when nothing is paid. */
  readonly price: Cents | null;
  readonly commissionRate: number;
}

/** The price as it stands in events; null when nothing was paid. */
export function paidFor({ price }: Price): string | null {
  return price === null ? null : toDecimal(price);
}

/** How the price is shared out: gross = commission + net (G7), net being the creator's. Null when nothing was paid. */
export function settlementOf({ price, commissionRate }: Price) {
  if (price === null) return null;
  const commission = percentOf(price, commissionRate);
  return { gross: toDecimal(price), commission: toDecimal(commission), net: toDecimal(price - commission) };
}
