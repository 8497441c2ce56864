/** Appends `item` and drops the oldest entries beyond `max`: what a state remembers is bounded. */
export function remembering<T>(list: readonly T[], item: T, max: number): readonly T[] {
  return [...list, item].slice(-max);
}
