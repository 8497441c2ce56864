/**
 * Checkpoints that several feeds of a process store in the same turn of the event loop, as one call of a server: a feed alone would make
 * one for each, for a few bytes.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Document, GuardedWrite, ReadStore } from '../ports.js';
import { CHECKPOINTS } from './lease.js';

interface Group {
  readonly writes: Map<string, GuardedWrite>;
  /** The ids whose guards held. */
  readonly held: Promise<ReadonlySet<string>>;
}

/** The same store. A call that fails, fails for each who wrote in that turn. */
export function gathering(reads: ReadStore): ReadStore {
  let open: Group | null = null;

  function begin(): Group {
    const writes: Group['writes'] = new Map();
    const held = nextTurn().then(() => {
      if (open === group) open = null;
      return reads.write(CHECKPOINTS, [...writes.values()]);
    });
    const group = { writes, held };
    return group;
  }

  return {
    ...reads,
    async write<D extends Document>(collection: string, writes: readonly GuardedWrite<D>[]) {
      if (collection !== CHECKPOINTS) return reads.write(collection, writes);
      const ids = writes.map(({ document }) => document._id);
      // Two who write the same record are to learn which of them was first.
      if (!open || ids.some((id) => open?.writes.has(id))) open = begin();
      for (const write of writes) open.writes.set(write.document._id, write);
      const held = await open.held;
      return new Set(ids.filter((id) => held.has(id)));
    },
  };
}
