/** A figure with its bound. */
export interface Bounded {
  readonly name: string;
  readonly value: number;
  readonly most: number;
  readonly unit: string;
  /** What else was measured. */
  readonly beside?: string;
}

/** Prints it; false where it is beyond its bound. */
export function holds({ name, value, most, unit, beside = '' }: Bounded): boolean {
  const isWithin = value <= most;
  const bound = isWithin ? `at most ${most}` : `beyond its bound of ${most}`;
  console.log(`${name}   ${value.toFixed(1)} ${unit}${most === Infinity ? '' : ` (${bound})`}   ${beside}`);
  return isWithin;
}

/** The value that this share of them does not exceed. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
