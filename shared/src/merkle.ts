/**
 * The tree of hashes over a list that only grows, by RFC 9162: one root stands for the whole list. It is kept as its peaks, the perfect
 * trees of falling size that it consists of, so that adding to it needs nothing else.
 */
import { hash } from 'node:crypto';

export type Hash = Buffer;

export interface Tree {
  /** Number of leaves. */
  readonly size: number;
  /** Roots of the perfect trees, one for each bit of the size that is set, largest first. */
  readonly peaks: readonly Hash[];
}

export const EMPTY_TREE: Tree = { size: 0, peaks: [] };

const BLOCK_HEIGHT = 10;
/** Perfect trees of so many leaves are blocks. Their roots are kept, so that proofs need not read every leaf. */
export const BLOCK = 2 ** BLOCK_HEIGHT;

/** Hash of one item of the list. */
export function leafOf(item: string | Uint8Array): Hash {
  return sha256(typeof item === 'string' ? `\0${item}` : Buffer.concat([LEAF, item]));
}

/** Hash of two neighbouring trees. */
export function nodeOf(left: Uint8Array, right: Uint8Array): Hash {
  return sha256(Buffer.concat([NODE, left, right]));
}

/** The tree with one leaf more, and the root of the block that this leaf is the last of, if it is. */
export function withLeaf({ size, peaks }: Tree, leaf: Hash): { tree: Tree; block: Hash | null } {
  let peak = leaf;
  let block: Hash | null = null;
  let kept = peaks.length;
  for (let rest = size, height = 1; rest % 2 === 1; rest = (rest - 1) / 2, height += 1) {
    kept -= 1;
    peak = nodeOf(peaks[kept] as Hash, peak);
    if (height === BLOCK_HEIGHT) block = peak;
  }
  const grown = peaks.slice(0, kept);
  grown.push(peak);
  return { tree: { size: size + 1, peaks: grown }, block };
}

export function rootOf({ peaks }: Tree): Hash {
  const last = peaks.at(-1);
  if (!last) return sha256('');
  return peaks.slice(0, -1).reduceRight<Hash>((right, left) => nodeOf(left, right), last);
}

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/**
 * In one call, and by way of a text into memory that buffers share: trees are of many short texts, for which an object of the system
 * each, a hash or a buffer, would cost more than the hashing, and again when garbage is collected.
 */
function sha256(data: string | Uint8Array): Hash {
  return Buffer.from(hash('sha256', data, 'binary'), 'binary');
}
