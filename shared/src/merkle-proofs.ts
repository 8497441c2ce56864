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

/**
 * What was computed of one tree, for whoever makes many proofs of it: one alone takes up to two blocks of leaves. It may forget anything
 * at any time; one that keeps a few thousand hashes is enough for proofs in the order of the leaves.
 */
export interface KnownHashes {
  get(range: string): Hash | undefined;
  set(range: string, hash: Hash): unknown;
}

/** The leaves from the first to before the second. */
type Range = readonly [from: number, to: number];

/** Root of the tree over the first `size` leaves, which is not empty. Throws where a leaf or a block is missing. */
export async function rootAt(tree: StoredTree, size: number, known?: KnownHashes): Promise<Hash> {
  const [root] = await hashesOf(tree, [[0, size]], known);
  return root as Hash;
}

/** The hashes by which the root over `size` leaves follows from the leaf with this ordinal, nearest first. */
export function inclusionProof(tree: StoredTree, ordinal: number, size: number, known?: KnownHashes): Promise<Hash[]> {
  return hashesOf(tree, inclusionRanges(ordinal, [0, size]), known);
}

/** The hashes by which the roots over `size` and over `later` leaves follow from one another. Empty where they are equal. */
export function consistencyProof(tree: StoredTree, size: number, later: number, known?: KnownHashes): Promise<Hash[]> {
  return hashesOf(tree, size === later ? [] : consistencyRanges(size, [0, later], true), known);
}

function inclusionRanges(ordinal: number, range: Range): Range[] {
  const [from, to] = range;
  if (to - from === 1) return [];
  const [left, right] = halvesOf(range);
  return ordinal < right[0] ? [...inclusionRanges(ordinal, left), right] : [...inclusionRanges(ordinal, right), left];
}

/** `isKnown`: the range is the whole of the earlier tree, whose root its holder has. */
function consistencyRanges(size: number, range: Range, isKnown: boolean): Range[] {
  if (size === range[1]) return isKnown ? [] : [range];
  const [left, right] = halvesOf(range);
  return size <= right[0]
    ? [...consistencyRanges(size, left, isKnown), right]
    : [...consistencyRanges(size, right, false), left];
}

/** The two trees that a tree of more than one leaf consists of: the left one has the largest power of two below its leaves. */
function halvesOf([from, to]: Range): [left: Range, right: Range] {
  const middle = from + 2 ** Math.ceil(Math.log2(to - from) - 1);
  return [
    [from, middle],
    [middle, to],
  ];
}

const PAGE = 1_000;

async function hashesOf(
  tree: StoredTree,
  ranges: readonly Range[],
  known: KnownHashes = new Map<string, Hash>(),
): Promise<Hash[]> {
  /** What this call needs: what is known may be forgotten meanwhile. */
  const hashes = new Map<string, Hash>();
  const needed = new Set<number>();

  function look(range: Range): void {
    const hash = known.get(nameOf(range));
    if (hash) hashes.set(nameOf(range), hash);
    else if (isStored(range)) needed.add(range[1] - 1);
    else halvesOf(range).forEach(look);
  }

  async function read(): Promise<void> {
    const ordinals = [...needed];
    for (let at = 0; at < ordinals.length; at += PAGE) {
      const page = ordinals.slice(at, at + PAGE);
      const found = await tree.get(page);
      if (found.length < page.length) throw new Error('the index lacks leaves of its tree');
      for (const [index, ordinal] of page.entries()) {
        const { leaf, block } = found[index] as (typeof found)[number];
        hashes.set(nameOf([ordinal, ordinal + 1]), Buffer.from(leaf));
        if (block) hashes.set(nameOf([ordinal + 1 - BLOCK, ordinal + 1]), Buffer.from(block));
      }
    }
  }

  function hashOf(range: Range): Hash {
    const name = nameOf(range);
    const hash = hashes.get(name) ?? hashOfHalves(range);
    hashes.set(name, hash);
    known.set(name, hash);
    return hash;
  }

  function hashOfHalves(range: Range): Hash {
    if (isStored(range)) throw new Error('the index lacks a block of its tree');
    const [left, right] = halvesOf(range);
    return nodeOf(hashOf(left), hashOf(right));
  }

  ranges.forEach(look);
  await read();
  return ranges.map(hashOf);
}

const nameOf = ([from, to]: Range): string => `${from}-${to}`;

/** Leaves and whole blocks are stored; any other hash is made from these. */
const isStored = ([from, to]: Range): boolean => to - from === 1 || (to - from === BLOCK && from % BLOCK === 0);
