/** Reads the documents of two generations in pairs, each after the checkpoints of both. */
import { createHash } from 'node:crypto';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';

export interface Pair {
  readonly a: FoldedDocument | null;
  readonly b: FoldedDocument | null;
}

/** Pairs by key, and the checkpoints that were read before them: only so is it known what is in the documents. */
export interface Pairs {
  readonly checkpoints: { readonly a: Position; readonly b: Position };
  readonly pairs: ReadonlyMap<string, Pair>;
}

export interface PairReader {
  /** The next keys in order; `last` is undefined where there are no more. */
  readonly page: (after: string | undefined) => Promise<Pairs & { readonly last: string | undefined }>;
  readonly these: (keys: readonly string[]) => Promise<Pairs>;
}

interface Generations {
  readonly view: string;
  readonly a: string;
  readonly b: string;
}

const PAGE = 500;

/** `share`: which part of the keys pages have, 0 to 1. */
export function pairReader(reads: ReadStore, { view, a, b }: Generations, share: number): PairReader {
  const collections = { a: collectionOf(view, a), b: collectionOf(view, b) };
  const checkpoints = async () => ({ a: await positionOf(reads, view, a), b: await positionOf(reads, view, b) });
  const pageOf = (collection: string, after: string | undefined) =>
    reads.find<FoldedDocument>(collection, { limit: PAGE, ...(after !== undefined && { afterId: after }) });

  return {
    async page(after) {
      const before = await checkpoints();
      const [ours, theirs] = await Promise.all([pageOf(collections.a, after), pageOf(collections.b, after)]);
      const ends = [ours, theirs].flatMap((page) => (page.length === PAGE ? (page.at(-1)?._id ?? []) : []));
      const last = ends.sort()[0];
      const isIn = ({ _id }: FoldedDocument) => (last === undefined || _id <= last) && isInShare(_id, share);
      const pairs = new Map<string, Pair>();
      for (const one of ours.filter(isIn)) pairs.set(one._id, { a: one, b: null });
      for (const one of theirs.filter(isIn)) pairs.set(one._id, { a: pairs.get(one._id)?.a ?? null, b: one });
      return { checkpoints: before, pairs, last };
    },
    async these(keys) {
      const before = await checkpoints();
      const ours = await reads.getMany<FoldedDocument>(collections.a, keys);
      const theirs = await reads.getMany<FoldedDocument>(collections.b, keys);
      const pairs = new Map(keys.map((key) => [key, { a: ours.get(key) ?? null, b: theirs.get(key) ?? null }]));
      return { checkpoints: before, pairs };
    },
  };
}

/** How far a generation is; 0 where it has no checkpoint. */
export async function positionOf(reads: ReadStore, view: string, generation: string): Promise<Position> {
  return (await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation)))?.position ?? 0n;
}

/** Always the same keys for one share, spread evenly. */
function isInShare(key: string, share: number): boolean {
  return share >= 1 || rankOf(key) < share;
}

/** Where a key stands among all, 0 to 1, by its hash: the lowest make a fair sample, the same each time. */
export function rankOf(key: string): number {
  return createHash('sha1').update(key).digest().readUInt32BE(0) / 2 ** 32;
}
