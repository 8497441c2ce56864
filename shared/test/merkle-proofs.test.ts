import { expect } from 'chai';
import fc from 'fast-check';
import { LRUCache } from 'lru-cache';
import { BLOCK, EMPTY_TREE, leafOf, nodeOf, rootOf, withLeaf, type Hash } from '../src/merkle.js';
import { rootByInclusion } from '../testing/inclusion.js';
import { consistencyProof, inclusionProof, rootAt } from '../src/merkle-proofs.js';

const SIZE = 3 * BLOCK + 700;
const leaves: Hash[] = Array.from({ length: SIZE }, (_, n) => leafOf(`item ${n}`));
const blocks = new Map<number, Hash>();
const roots: string[] = [];
let tree = EMPTY_TREE;
for (const [ordinal, leaf] of leaves.entries()) {
  roots.push(rootOf(tree).toString('hex'));
  const grown = withLeaf(tree, leaf);
  if (grown.block) blocks.set(ordinal, grown.block);
  tree = grown.tree;
}
roots.push(rootOf(tree).toString('hex'));
let read = 0;
const stored = {
  get: async (ordinals: readonly number[]) => {
    read += ordinals.length;
    return ordinals.map((ordinal) => ({ leaf: leaves[ordinal] as Hash, block: blocks.get(ordinal) ?? null }));
  },
};

/** RFC 9162, section 2.1.4.2: the roots of both trees that a proof gives, from the first one's root. */
function rootsByConsistency(first: string, size: number, later: number, proof: readonly Hash[]): [string, string] {
  const path = Number.isInteger(Math.log2(size)) ? [Buffer.from(first, 'hex'), ...proof] : [...proof];
  let [fn, sn] = [size - 1, later - 1];
  while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
  let [fr, sr] = [path[0] as Hash, path[0] as Hash];
  for (const hash of path.slice(1)) {
    expect(sn, 'the proof is too long').to.not.equal(0);
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeOf(hash, fr), nodeOf(hash, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else sr = nodeOf(sr, hash);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  expect(sn, 'the proof is too short').to.equal(0);
  return [fr.toString('hex'), sr.toString('hex')];
}

const sizes = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: SIZE }));

describe('The proofs of a tree of hashes', () => {
  it('have the root of every earlier size', async () => {
    for (const size of [1, 2, 1_023, BLOCK, BLOCK + 1, 2 * BLOCK, SIZE])
      expect((await rootAt(stored, size)).toString('hex'), `size ${size}`).to.equal(roots[size]);
  });

  it('lead from any leaf to the root of any size, by the algorithm of RFC 9162', () =>
    fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, some) => {
        const ordinal = some % size;
        const proof = await inclusionProof(stored, ordinal, size);
        expect(rootByInclusion(leaves[ordinal] as Hash, ordinal, size, proof)).to.equal(roots[size]);
      }),
    ));

  it('lead from the root of any size to that of any later one, by the algorithm of RFC 9162', () =>
    fc.assert(
      fc.asyncProperty(sizes, sizes, async (one, other) => {
        const [size, later] = [Math.min(one, other), Math.max(one, other)];
        const proof = await consistencyProof(stored, size, later);
        if (size === later) expect(proof).to.deep.equal([]);
        else
          expect(rootsByConsistency(roots[size] as string, size, later, proof)).to.deep.equal([
            roots[size],
            roots[later],
          ]);
      }),
    ));

  it('read at most two blocks of leaves, and one hash for each other block', async () => {
    read = 0;
    await inclusionProof(stored, 5, SIZE);
    expect(read).to.be.at.most(2 * BLOCK + SIZE / BLOCK);
  });

  it('read each leaf about once, when made one after the other with what is known, and lead there too', async () => {
    const [known, from, to] = [new LRUCache<string, Hash>({ max: 4 * BLOCK }), BLOCK - 300, BLOCK + 300];
    read = 0;
    const proofs: Hash[][] = [];
    for (let ordinal = from; ordinal < to; ordinal += 1)
      proofs.push(await inclusionProof(stored, ordinal, SIZE, known));
    expect(
      read,
      'the two blocks, the rest of the tree, and the leaf beside each block that was not there yet',
    ).to.be.at.most(2 * BLOCK + 700 + SIZE / BLOCK + 2);
    for (const [at, proof] of proofs.entries())
      expect(rootByInclusion(leaves[from + at] as Hash, from + at, SIZE, proof)).to.equal(roots[SIZE]);
  });

  it('are the same, whatever is forgotten of what is known', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(sizes, sizes), { minLength: 2, maxLength: 4 }), async (pairs) => {
        const known = new LRUCache<string, Hash>({ max: 7 });
        for (const [one, other] of pairs) {
          const [size, later] = [Math.min(one, other), Math.max(one, other)];
          expect(await consistencyProof(stored, size, later, known)).to.deep.equal(
            await consistencyProof(stored, size, later),
          );
          expect((await rootAt(stored, size, known)).toString('hex')).to.equal(roots[size]);
        }
      }),
      { numRuns: 20 },
    ));

  it('are refused where the stored tree lacks leaves or blocks', async () => {
    const message = (broken: typeof stored) => rootAt(broken, SIZE).then(String, (error: unknown) => String(error));
    expect(await message({ get: async () => [] })).to.contain('lacks leaves');
    const blockless = async (ordinals: readonly number[]) =>
      (await stored.get(ordinals)).map(({ leaf }) => ({ leaf, block: null }));
    expect(await message({ get: blockless })).to.contain('lacks a block');
  });
});
