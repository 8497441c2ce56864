import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { EMPTY_TREE, leafOf, nodeOf, rootOf, withLeaf, type Hash } from '../src/merkle.js';

const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex');
const items = (count: number) => Array.from({ length: count }, (_, n) => `item ${n}`);
const treeOver = (leaves: readonly Hash[]) => leaves.reduce((tree, leaf) => withLeaf(tree, leaf).tree, EMPTY_TREE);
const treeOf = (list: readonly string[]) => treeOver(list.map(leafOf));

/** The definition of RFC 9162, section 2.1.1, word for word: split at the largest power of two below the size. */
function byDefinition(leaves: readonly Hash[]): Hash {
  const [first] = leaves;
  if (!first) return createHash('sha256').digest();
  if (leaves.length === 1) return first;
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return nodeOf(byDefinition(leaves.slice(0, half)), byDefinition(leaves.slice(half)));
}

describe('The tree of hashes over a list', () => {
  it('has the root that RFC 9162 defines, whatever the size', () => {
    for (let size = 0; size <= 70; size += 1)
      expect(hex(rootOf(treeOf(items(size)))), `size ${size}`).to.equal(hex(byDefinition(items(size).map(leafOf))));
  });

  it('has the roots of the test vectors that certificate transparency publishes', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const leaves = inputs.map((input) => leafOf(Buffer.from(input, 'hex')));
    const rootAt = (size: number) => hex(rootOf(treeOver(leaves.slice(0, size))));
    expect(rootAt(0)).to.equal('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(rootAt(1)).to.equal('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(rootAt(2)).to.equal('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
    expect(rootAt(3)).to.equal('aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77');
    expect(rootAt(8)).to.equal('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  it('has one peak for each bit of its size', () => {
    expect(treeOf(items(13)).peaks).to.have.length(3);
    expect(treeOf(items(16)).peaks).to.have.length(1);
  });

  it('tells a leaf from a node of the same bytes', () => {
    const [left, right] = [leafOf('a'), leafOf('b')];
    expect(hex(leafOf(Buffer.concat([left, right])))).to.not.equal(hex(nodeOf(left, right)));
  });
});
