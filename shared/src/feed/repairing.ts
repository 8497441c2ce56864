/**
 * The runner's part in repairs. The log is read from its beginning beside the live batches, a few pages after each of them, and folded
 * in memory for the documents that are asked for; when the fold has come to the checkpoint, between two batches, it replaces what is
 * stored. Nothing is stored before, so an interrupted repair begins again.
 */
import { digestOfOne, type FoldedDocument } from '../fold.js';
import type { Position, ReadStore } from '../ports.js';
import { toInstant, type Clock } from '../time.js';
import { RetryLater } from './consumer.js';
import { madeAnew } from './guard.js';
import { refoldOf, type Refold, type RefoldOptions } from './refold.js';
import { noteRepair, type NextRepair, type Repair, type RepairResult } from './repairs.js';

/** How often the store is asked whether a repair is wanted, and told how far one is. */
const LOOK_MS = 1_000;
/** Pages after each live batch: more than one, so that the repair comes to the checkpoint also where the feed is far behind. */
const PAGES_AT_ONCE = 4;

interface RepairingOptions extends RefoldOptions {
  readonly reads: ReadStore;
  readonly next: NextRepair;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly owner: string;
  /** Beats now; throws where another process has taken over. */
  readonly confirm: () => Promise<void>;
  /** Counts the parked keys again. */
  readonly countParked: () => Promise<void>;
}

export interface Repairing {
  /**
   * Does a part of a repair that is asked for, if there is any. To be called between two batches, by the holder of the lease, with
   * the checkpoint. Returns whether more is to be done at once.
   */
  readonly step: (checkpoint: Position) => Promise<boolean>;
  /** Forgets what is not finished: the lease is lost, or another event is discarded. */
  readonly forget: () => void;
}

interface Current {
  readonly repair: Repair;
  readonly refold: Refold;
  readonly began: number;
  toldAt: number;
}

export function repairing(options: RepairingOptions): Repairing {
  const { consumer, reads, next, clock, owner } = options;
  let lookedAt = -Infinity;
  let current: Current | null = null;

  async function begin(): Promise<Current | null> {
    const began = clock.monotonic();
    if (began - lookedAt < LOOK_MS) return null;
    lookedAt = began;
    const repair = await next(consumer.name);
    return repair && { repair, refold: refoldOf(new Set(repair.keys), options), began, toldAt: -Infinity };
  }

  /** False if the repair was ended elsewhere. */
  async function tell(one: Current): Promise<boolean> {
    const now = clock.monotonic();
    if (now - one.toldAt < LOOK_MS) return true;
    one.toldAt = now;
    return noteRepair(reads, one.repair, { owner, position: one.refold.position() });
  }

  /** Ends when the checkpoint is reached; false if there is more to do. */
  async function goOn(one: Current, checkpoint: Position): Promise<boolean> {
    let isBehind = true;
    for (let pages = 0; isBehind && pages < PAGES_AT_ONCE; pages += 1) isBehind = await one.refold.readOn(checkpoint);
    if (isBehind) return !(await tell(one));
    const milliseconds = () => Math.round(clock.monotonic() - one.began);
    const change = { state: 'DONE', owner, position: checkpoint, doneAt: toInstant(clock.now()) } as const;
    const result = { ...(await replace(one, options)), events: one.refold.events(), milliseconds: milliseconds() };
    await options.countParked();
    await noteRepair(reads, one.repair, { ...change, result });
    return true;
  }

  return {
    async step(checkpoint) {
      current ??= await begin();
      if (!current) return false;
      const one = current;
      current = null;
      if (await goOn(one, checkpoint))
        lookedAt = -Infinity; // another one may be waiting
      else current = one;
      return true;
    },
    forget() {
      if (current) lookedAt = -Infinity;
      current = null;
    },
  };
}

/** Puts what was made into the place of what is stored. The fold is at the checkpoint, and the feed between two batches. */
async function replace(
  { repair: { keys }, refold: { made } }: Current,
  { consumer, reads, confirm }: Pick<RepairingOptions, 'consumer' | 'reads' | 'confirm'>,
): Promise<Pick<RepairResult, 'repaired' | 'unchanged' | 'withoutEvents'>> {
  const stored = await reads.getMany<FoldedDocument>(consumer.collection, keys);
  await confirm(); // from here on the guard tells whether somebody else has written
  const differing = [...made].filter(([key, document]) => !isEqual(document, stored.get(key)));
  const writes = differing.map(([key, document]) => madeAnew(stored.get(key) ?? null, document));
  const held = writes.length > 0 ? await reads.write(consumer.collection, writes) : new Set<string>();
  if (held.size < writes.length) throw new RetryLater(`${consumer.name}: a document changed while it was repaired`);
  return {
    repaired: writes.length,
    unchanged: made.size - writes.length,
    withoutEvents: keys.filter((key) => !made.has(key)),
  };
}

/** Also the same mark of a parked key. */
function isEqual(made: FoldedDocument, stored: FoldedDocument | undefined): boolean {
  return stored !== undefined && digestOfOne(made) === digestOfOne(stored) && made.parkedFrom === stored.parkedFrom;
}
