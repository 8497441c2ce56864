/** Repeatable randomness. */
export type Random = () => number;

/** mulberry32: the same seed, the same sequence. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: Random, list: readonly T[]): T | undefined {
  return list[Math.floor(random() * list.length)];
}

/** Removes a random item from the list. */
export function draw<T>(random: Random, list: T[]): T | undefined {
  return list.splice(Math.floor(random() * list.length), 1)[0];
}
