import { nodeOf, type Hash } from '../src/merkle.js';

/** The root that a leaf and its proof give, by the algorithm of RFC 9162, section 2.1.3.2. Throws for a proof of another length. */
export function rootByInclusion(leaf: Hash, ordinal: number, size: number, proof: readonly Hash[]): string {
  let [fn, sn, root] = [ordinal, size - 1, leaf];
  for (const hash of proof) {
    if (sn === 0) throw new Error('the proof is too long');
    if (fn % 2 === 1 || fn === sn) {
      root = nodeOf(hash, root);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else root = nodeOf(root, hash);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  if (sn !== 0) throw new Error('the proof is too short');
  return root.toString('hex');
}
