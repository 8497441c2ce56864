import { createHash } from 'node:crypto';
import type { Random } from '../src/ids.js';

/** Repeatable randomness: the same seed, the same bytes. */
export function seededRandom(seed: string): Random {
  let drawn = 0;
  const block = () =>
    createHash('sha512')
      .update(`${seed} ${(drawn += 1)}`)
      .digest();
  return {
    bytes(count) {
      const blocks = [block()];
      while (blocks.length * 64 < count) blocks.push(block());
      return Buffer.concat(blocks).subarray(0, count);
    },
  };
}
