import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';

/** What a wallet event says of the money it moves; `change` is what happens to the balance, `amount` what was moved. */
export function movement(before: Cents, change: Cents, amount: Cents = Math.abs(change)) {
  return { amount: toDecimal(amount), before: toDecimal(before), after: toDecimal(before + change) };
}

/** The balance after a movement, as its event says it. */
export function balanceAfter(moved: { readonly after: string }): Cents {
  return toCents(moved.after);
}

/** `list` with `item` at its end, without its oldest entries above `max`: what a state remembers is bounded. */
export function remembering<T>(list: readonly T[], item: T, max: number): readonly T[] {
  return [...list, item].slice(-max);
}
