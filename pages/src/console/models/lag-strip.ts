/** The last 15 minutes of each feed's lag, as this page has seen it: the greatest of each 15 seconds. */
export const STRIP_CELLS = 60;
const CELL_MS = 15_000;

export interface LagStrips {
  /** Number of the newest cell, counted in 15 seconds since 1970. */
  readonly cell: number;
  /** By feed, the oldest first: seconds, or null where this page did not look. */
  readonly lags: ReadonlyMap<string, readonly (number | null)[]>;
}

export const noStrips: LagStrips = { cell: 0, lags: new Map() };

/** The strips after one more look, at a time in milliseconds since 1970. */
export function withLook(
  strips: LagStrips,
  now: number,
  seen: readonly { readonly name: string; readonly lagSeconds: number }[],
): LagStrips {
  const cell = Math.floor(now / CELL_MS);
  const moved = Math.min(STRIP_CELLS, Math.max(0, cell - strips.cell));
  const lags = seen.map(({ name, lagSeconds }) => {
    const before = strips.lags.get(name) ?? empty;
    const cells = [...before.slice(moved), ...empty.slice(0, moved)];
    cells[STRIP_CELLS - 1] = Math.max(lagSeconds, cells[STRIP_CELLS - 1] ?? 0);
    return [name, cells] as const;
  });
  return { cell, lags: new Map(lags) };
}

const empty: readonly (number | null)[] = Array.from({ length: STRIP_CELLS }, () => null);
