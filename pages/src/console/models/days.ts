/** The last seven days, each at its end, so that one click shows what was seen on it. */
export interface Day {
  /** "Tue 24" */
  readonly label: string;
  /** Its last millisecond, UTC. */
  readonly at: string;
}

const DAY_MS = 86_400_000;
const NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Yesterday first; `now` in milliseconds since 1970. */
export function lastDays(now: number): readonly Day[] {
  const today = Math.floor(now / DAY_MS);
  return [1, 2, 3, 4, 5, 6, 7].map((back) => {
    const date = new Date((today - back + 1) * DAY_MS - 1);
    return { label: `${NAMES[date.getUTCDay()]} ${date.getUTCDate()}`, at: date.toISOString() };
  });
}
