/** `list` with `item` at its end, without its oldest entries above `max`: what a state remembers is bounded. */
export function remembering<T>(list: readonly T[], item: T, max: number): readonly T[] {
  return [...list, item].slice(-max);
}
