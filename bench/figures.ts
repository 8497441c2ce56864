/** Figures as they are told: printed one by one, and collected for `--json` and for the table of docs/performance.md. */

export interface Figure {
  readonly name: string;
  /** The median, where it was measured several times. */
  readonly value: number;
  /** The least and the greatest of all measurements. */
  readonly range?: readonly [number, number];
  /** 'x': how many times as much. */
  readonly unit: string;
  /** What is demanded and what is wanted: at least, or with `isMost` at most. Null: it is told, no more. */
  readonly floor: number | null;
  readonly goal?: number;
  readonly isMost?: boolean;
  /** Whether it is on the right side of its floor. */
  readonly holds: boolean;
  /** What else was measured. */
  readonly beside?: string;
}

/** All that this process has told. */
export const told: Figure[] = [];

/** Prints and collects it; returns whether it holds. */
export function tell(figure: Figure): boolean {
  told.push(figure);
  const { name, floor, goal, holds, beside } = figure;
  const bounds = floor === null ? '' : `   ${floorOf(figure)}${goal === undefined ? '' : `, goal ${short(goal)}`}`;
  console.log(`${name}\n    ${valueOf(figure)}${bounds}${holds ? '' : '   NOT HELD'}${beside ? `   ${beside}` : ''}`);
  return holds;
}

/** "0.52 (0.44-0.58)", with its unit. */
export function valueOf({ value, range, unit }: Figure): string {
  return `${short(value)}${range ? ` (${range.map(short).join('-')})` : ''}${unit === 'x' ? '' : ` ${unit}`}`;
}

export function floorOf({ floor, isMost = false, unit }: Figure): string {
  if (floor === null) return '';
  return `${isMost ? 'at most' : 'at least'} ${short(floor)}${unit === 'x' ? '' : ` ${unit}`}`;
}

export function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A figure with its bound. */
export interface Bounded extends Pick<Figure, 'name' | 'value' | 'unit' | 'goal' | 'beside'> {
  /** Infinity: none. */
  readonly most: number;
}

/** Tells it; false where it is beyond its bound. */
export function holds({ most, ...figure }: Bounded): boolean {
  return tell({ ...figure, floor: most === Infinity ? null : most, isMost: true, holds: figure.value <= most });
}

/** The value that this share of them does not exceed, between two of them where it falls there. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}
