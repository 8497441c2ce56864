/**
 * The tree over the log as it is, beside the tree over the log as it was indexed. Where they differ, a signed head tells which of the two
 * is right; until then every difference is a suspicion.
 */
import { rootOf, withLeaf, type Hash, type Tree } from '@creator-dashboards/shared/merkle';
import type { Fault } from './verification.js';

/** So many suspicions are named; of more than these only the number is. */
export const NAMED_MAX = 1_000;

export interface Trees {
  /** One event more: its hash as it is in the log, null where it is not there, and as it was indexed. */
  add(isNow: Hash | null, was: Uint8Array, suspicion: () => Fault): void;
  /** The tree, if it is the same for both. */
  agreed(): Tree | null;
  /** Faults that follow from a head of this root; null if neither tree has it. */
  judge(root: string): Fault[] | null;
  /** All that is suspected, which no head can decide. */
  giveUp(): Fault[];
  /** Of the log as it is, or as it was indexed where an event is missing. */
  root(): Hash;
}

export function createTrees(begin: Tree): Trees {
  let indexed = begin;
  /** Null while an event is missing. */
  let log: Tree | null = begin;
  let suspicions: Fault[] = [];
  let more = 0;

  function settle(tree: Tree): Fault[] {
    const settled = suspicions;
    const last = settled.at(-1);
    if (more > 0 && last) settled.push({ ...last, message: `and ${more} more after it` });
    [indexed, log, suspicions, more] = [tree, tree, [], 0];
    return settled;
  }

  const is = (tree: Tree | null, root: string) => tree !== null && rootOf(tree).toString('hex') === root;

  return {
    add(isNow, was, suspicion) {
      const isSame = isNow?.equals(was) === true;
      if (!isSame && suspicions.length === NAMED_MAX) more += 1;
      else if (!isSame) suspicions.push(suspicion());
      const before = log;
      if (isNow === null || before === null) log = null;
      else log = withLeaf(before, isNow).tree;
      indexed = isSame && before === indexed && log !== null ? log : withLeaf(indexed, Buffer.from(was)).tree;
    },
    agreed: () => (log === indexed ? log : null),
    judge(root) {
      if (log !== null && is(log, root))
        return settle(log).map((fault) => ({ ...fault, kind: 'index', message: `the index is wrong about it` }));
      return is(indexed, root) ? settle(indexed) : null;
    },
    giveUp: () => settle(indexed),
    root: () => rootOf(log ?? indexed),
  };
}
