/** How a value went through time, as points to draw: each holds until the next. */
export interface Step {
  /** Seconds since 1970. */
  readonly at: number;
  readonly value: number;
}

interface Told {
  readonly occurredAt: string;
  readonly after: unknown;
}

const DECIMAL = /^-?\d{1,12}(\.\d{1,2})?$/;

/** Up to `until`, in milliseconds since 1970. Empty where a value is neither a number nor an amount: there is no line of words. */
export function stepLine(steps: readonly Told[], until: number): readonly Step[] {
  const points = steps
    .filter(({ after }) => after !== null)
    .map(({ occurredAt, after }) => ({ at: Date.parse(occurredAt) / 1_000, value: heightOf(after) }));
  if (points.some(({ value }) => Number.isNaN(value))) return [];
  const sorted = points.toSorted((a, b) => a.at - b.at);
  const last = sorted.at(-1);
  return last && last.at < until / 1_000 ? [...sorted, { at: until / 1_000, value: last.value }] : sorted;
}

/** A place on the screen, never an amount to reckon with: amounts stay the strings that were answered. */
function heightOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : NaN;
}
