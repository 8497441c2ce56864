/**
 * Repairs: documents of one generation that are made anew from the log while it is fed and served. Asked for by a record; done by
 * whoever runs the generation's feed, between two batches, since nobody else may write its documents.
 */
import type { Document, Position, ReadStore, Sealed } from '../ports.js';
import type { Instant, WallClock } from '../time.js';
import { toInstant } from '../time.js';
import { together } from '../together.js';

/** `position`: how far the log was read for it. */
export interface Repair extends Document {
  /** Name of the feed that is to do it. */
  readonly feed: string;
  readonly asked: Asked;
  /** Of `asked`. */
  readonly view: string;
  readonly state: 'ASKED' | 'DONE';
  /** The keys of the documents. */
  readonly keys: readonly string[];
  /** The process that works on it, or did last; empty before the first. */
  readonly owner: string;
  readonly askedAt: Instant;
  readonly doneAt: Instant | null;
  /** What became of the documents; null before it is done. */
  readonly result: RepairResult | null;
}

/** What was asked for, by whom and why. */
export interface Asked {
  /** The same in all parts of one repair. */
  readonly request: string;
  readonly view: string;
  readonly generation: string;
  /** How the documents were named: "document", "creator" or "event". */
  readonly kind: string;
  readonly actor: string;
  readonly by: string | null;
  /** What a person typed is sealed under the actor. */
  readonly reason: Sealed<string> | string | null;
}

export interface RepairResult {
  /** Events of the log that were read. */
  readonly events: number;
  readonly milliseconds: number;
  /** Documents that were made anew, and differ from what was there. */
  readonly repaired: number;
  /** Documents that were right already; nothing was written. */
  readonly unchanged: number;
  /** Keys that no event of the log has: there is no document, or one that only a rebuild of the view leaves out. */
  readonly withoutEvents: readonly string[];
}

const REPAIRS = 'repairs';
/** How many documents one record may name: so many are in memory at once. */
export const MAX_REPAIRED = 1_000;

/** Asks the runner of a feed to make these documents anew; at most MAX_REPAIRED. */
export async function askForRepair(
  { reads, clock }: { readonly reads: ReadStore; readonly clock: WallClock },
  { id, feed, keys, asked }: Pick<Repair, 'feed' | 'keys' | 'asked'> & { readonly id: string },
): Promise<Repair> {
  const { view } = asked;
  const open = { state: 'ASKED', owner: '', askedAt: toInstant(clock.now()), doneAt: null, result: null } as const;
  const repair: Repair = { _id: id, position: 0n, feed, view, asked, keys, ...open };
  await reads.declare(REPAIRS, ['feed', 'view', 'state']);
  await reads.write(REPAIRS, [{ document: repair, expected: null }]);
  return repair;
}

export function repairWith(reads: Pick<ReadStore, 'get'>, id: string): Promise<Repair | null> {
  return reads.get<Repair>(REPAIRS, id);
}

/** The repairs of a view that are done, at most `limit`, in no order. */
export function doneRepairs(reads: Pick<ReadStore, 'find'>, view: string, limit: number): Promise<Repair[]> {
  return reads.find<Repair>(REPAIRS, { where: { view, state: 'DONE' }, limit });
}

/** How many are read at once: each may name MAX_REPAIRED documents. */
const ASKED_AT_ONCE = 20;

/** Finds for a feed one that is asked of it, if there is any. Feeds that look in one turn of the event loop look together. */
export type NextRepair = (feed: string) => Promise<Repair | null>;

export function repairsIn(reads: Pick<ReadStore, 'find'>): NextRepair {
  const asked = (where: Partial<Pick<Repair, 'feed'>>, limit: number) =>
    reads.find<Repair>(REPAIRS, { where: { ...where, state: 'ASKED' }, limit });
  const look = together(() => asked({}, ASKED_AT_ONCE));
  return async (feed) => {
    const found = await look(REPAIRS, feed, feed);
    const isAll = found.length < ASKED_AT_ONCE;
    return found.find((repair) => repair.feed === feed) ?? (isAll ? null : ((await asked({ feed }, 1))[0] ?? null));
  };
}

/** Notes how far it is, or how it ended. False if somebody else ended it. */
export async function noteRepair(
  reads: Pick<ReadStore, 'write'>,
  repair: Repair,
  change: Partial<Pick<Repair, 'state' | 'owner' | 'doneAt' | 'result'>> & { readonly position: Position },
): Promise<boolean> {
  const document = { ...repair, ...change };
  return (await reads.write(REPAIRS, [{ document, expected: { state: 'ASKED' } }])).has(repair._id);
}
