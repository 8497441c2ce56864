/**
 * Proofs by RFC 9162 from the stored leaves and blocks of a tree: that a leaf is in it, and that it is the beginning of a later one.
 * Whoever has a proof needs nothing of ours to check it.
 */
import { BLOCK, nodeOf, type Hash } from './merkle.js';

/** Leaves and blocks of a tree by the ordinal of the leaf, or of the last leaf of the block, in the order asked for. */
export interface StoredTree {
  get(
    ordinals: readonly number[],
  ): Promise<readonly { readonly leaf: Uint8Array; readonly block: Uint8Array | null }[]>;
}

/** The leaves from the first to before the second. */
type Range = readonly [from: number, to: number];

/** Root of the tree over the first `size` leaves, which is not empty. Throws where a leaf or a block is missing. */
export async function rootAt(tree: StoredTree, size: number): Promise<Hash> {
  const [root] = await hashesOf(tree, [[0, size]]);
  return root as Hash;
}

/** The hashes by which the root over `size` leaves follows from the leaf with this ordinal, nearest first. */
export function inclusionProof(tree: StoredTree, ordinal: number, size: number): Promise<Hash[]> {
  return hashesOf(tree, inclusionRanges(ordinal, [0, size]));
}

/** The hashes by which the roots over `size` and over `later` leaves follow from one another. Empty where they are equal. */
export function consistencyProof(tree: StoredTree, size: number, later: number): Promise<Hash[]> {
  return hashesOf(tree, size === later ? [] : consistencyRanges(size, [0, later], true));
}

function inclusionRanges(ordinal: number, [from, to]: Range): Range[] {
  if (to - from === 1) return [];
  const middle = from + leftOf(to - from);
  return ordinal < middle
    ? [...inclusionRanges(ordinal, [from, middle]), [middle, to]]
    : [...inclusionRanges(ordinal, [middle, to]), [from, middle]];
}

/** `isKnown`: the range is the whole of the earlier tree, whose root its holder has. */
function consistencyRanges(size: number, [from, to]: Range, isKnown: boolean): Range[] {
  if (size === to) return isKnown ? [] : [[from, to]];
  const middle = from + leftOf(to - from);
  return size <= middle
    ? [...consistencyRanges(size, [from, middle], isKnown), [middle, to]]
    : [...consistencyRanges(size, [middle, to], false), [from, middle]];
}

/** Leaves of the left one of the two trees that a tree of so many leaves consists of: the largest power of two below. */
function leftOf(leaves: number): number {
  return 2 ** Math.ceil(Math.log2(leaves) - 1);
}

const PAGE = 1_000;

async function hashesOf(tree: StoredTree, ranges: readonly Range[]): Promise<Hash[]> {
  const needed = [...new Set(ranges.flatMap(([from, to]) => partsOf(from, to)))];
  const stored = new Map<number, { leaf: Uint8Array; block: Uint8Array | null }>();
  for (let at = 0; at < needed.length; at += PAGE) {
    const page = needed.slice(at, at + PAGE);
    const found = await tree.get(page);
    if (found.length < page.length) throw new Error('the index lacks leaves of its tree');
    for (const [index, ordinal] of page.entries()) stored.set(ordinal, found[index] as (typeof found)[number]);
  }

  function hashOf(from: number, to: number): Hash {
    const part = stored.get(to - 1);
    if (to - from === 1 && part) return Buffer.from(part.leaf);
    if (isBlock(from, to) && part?.block) return Buffer.from(part.block);
    if (to - from <= 1 || isBlock(from, to)) throw new Error('the index lacks a block of its tree');
    const middle = from + leftOf(to - from);
    return nodeOf(hashOf(from, middle), hashOf(middle, to));
  }
  return ranges.map(([from, to]) => hashOf(from, to));
}

/** What the hash of a range is made from: its whole blocks, and its leaves outside them. */
function partsOf(from: number, to: number): number[] {
  const parts: number[] = [];
  for (let at = from; at < to;) {
    const next = isBlock(at, at + BLOCK) && at + BLOCK <= to ? at + BLOCK : at + 1;
    parts.push(next - 1);
    at = next;
  }
  return parts;
}

const isBlock = (from: number, to: number): boolean => to - from === BLOCK && from % BLOCK === 0;
