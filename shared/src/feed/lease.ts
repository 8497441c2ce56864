/**
 * Who runs a consumer, and how far it is: one record holds both, and changes only by compare-and-set on its token and owner. The
 * holder beats; others take over when the record does not change. A superseded holder fails its next compare-and-set.
 */
import type { Document, EventStore, Position, ReadStore, RecordedEvent } from '../ports.js';
import { ringAfter, type Ring, type Written } from '../changes/ring.js';
import type { Clock } from '../time.js';
import { RetryLater, type Consumer } from './consumer.js';
import { foreignTo, SAME_LOG_EVERY_MS } from './log-identity.js';
import { BEAT_MS, createPulse, type Pulse } from './pulse.js';

/** Checkpoint and lease of one consumer, in one record (collection `feeds`). */
export interface Checkpoint extends Document {
  /** Id of the event at `position`, to notice another log (a restored backup); null at the origin. */
  readonly eventId: string | null;
  /** Fencing token: incremented by each take-over. */
  readonly token: number;
  /** Who holds the lease; empty after an orderly release. */
  readonly owner: string;
  /** Incremented regularly, so that others see that the owner is alive. */
  readonly beat: number;
  /** In the lease of a share of a rebuild, whose position stays at the origin: what its workers have done. */
  readonly share?: ShareWork;
  /** Which documents were written last, of a consumer that says so. */
  readonly changed?: Ring;
}
export const CHECKPOINTS = 'feeds';

/** What is done of a share of a rebuild. */
export interface ShareWork {
  /** What is to fold still; none when it is done. `from` and `to` are slots of keys, `position` is a decimal string. */
  readonly slices: readonly { readonly from: number; readonly to: number; readonly position: string }[];
  /** Events read for it. */
  readonly seen: number;
  /** Events to read still, about. */
  readonly left: number;
  /** Documents in the memory of its worker that are not in the store yet. */
  readonly unstored: number;
  /** Documents of its windows that are done, and those that will still be stored, about; older releases do not say. */
  readonly stored?: number;
  readonly toStore?: number;
  /** Keys that were parked in what is stored. */
  readonly parked: number;
}

/** A lease whose (token, beat) did not change for this long, by the observer's own monotonic clock, may be taken over. */
export const LEASE_MS = 8_000;

/** An owner that has just beaten does so again about so much later. */
const NEXT_BEAT_MS = 0.9 * BEAT_MS;

/** Another feed took over in the middle of a batch. */
export class LeaseLost extends RetryLater {}

/** What a standby saw when it last looked at the record. */
interface Observed extends Pick<Checkpoint, 'token' | 'beat' | 'owner'> {
  /** Since when these are the same, by the monotonic clock. */
  readonly since: number;
  /** When it looked. */
  readonly lookedAt: number;
  /** How many records the owner had just before it looked; null where that was not asked, or the owner did not beat since the look before. */
  readonly owned: number | null;
}

export interface LeaseOptions {
  readonly consumer: Pick<Consumer, 'name' | 'mustHaveCheckpoint'>;
  readonly events: Pick<EventStore, 'head' | 'readAt'>;
  readonly reads: ReadStore;
  readonly owner: string;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** That of the process; one of its own unless given. */
  readonly pulse?: Pulse | undefined;
  readonly isDead?: ((owner: string) => boolean) | undefined;
  readonly startAt?: Position | undefined;
  /** What is written of its documents, to be said in the record. */
  readonly written?: Written | undefined;
  /** Where its record is; that of the checkpoints unless given. */
  readonly collection?: string;
  /** Called before a take-over is written: creates what readers of the consumer expect. */
  readonly prepare: () => Promise<void>;
  /** Called after a take-over was written. The lease counts as held only when this is done. */
  readonly begin: () => Promise<void>;
  /** Ends the consumer for good. */
  readonly stop: (reason: string) => never;
}

export interface Lease {
  readonly held: () => boolean;
  /** The record as this process last wrote or moved it; null while another process may hold it. */
  readonly checkpoint: () => Checkpoint | null;
  /** The same, or the stored record where this process has none. */
  readonly record: () => Promise<Checkpoint | null>;
  /** Takes the lease if it is free or may be taken over; returns whether it is held now. */
  readonly acquire: () => Promise<boolean>;
  /**
   * Beats, once in each beat of the process. A feed that was suspended learns here, before it changes anything, whether it was
   * superseded; one in a long batch shows that it is alive. Throws LeaseLost, and stops the consumer if the log is another one by now.
   */
  readonly stayActive: () => Promise<void>;
  /**
   * Beats now. When it resolves, nobody else had taken over before it was called: what was read until then is from this holder, and a
   * write of it that is guarded changes nothing if somebody takes over. Throws LeaseLost.
   */
  readonly confirm: () => Promise<void>;
  /** Moves the checkpoint to this event; false if another process took over. */
  readonly moveTo: (event: RecordedEvent) => Promise<boolean>;
  /** Notes what is done of a share, and beats. Throws LeaseLost. */
  readonly note: (share: ShareWork) => Promise<void>;
  /** Moves the checkpoint to this event in memory; it is stored with the next beat. May be called while another change is written. */
  readonly advanceInMemory: (event: RecordedEvent) => void;
  /** Stores where it was moved to in memory, if it was. Throws LeaseLost. */
  readonly storeMoved: () => Promise<void>;
  /** Gives the lease back so that another may take it at once. */
  readonly release: () => Promise<void>;
}

export function createLease(options: LeaseOptions): Lease {
  const { consumer, events, reads, clock, owner, isDead, startAt, stop, written, collection = CHECKPOINTS } = options;
  const pulse = options.pulse ?? createPulse({ reads, clock });
  let checkpoint: Checkpoint | null = null;
  let held = false;
  /** The record as it stands in the store, as far as this process knows. */
  let stored: Checkpoint | null = null;
  /** In which beat of the process that was written. */
  let lastBeat = 0;
  let logChecked = 0;
  let observed: Observed | null = null;

  /** Writes the record, with the keys that were written since it was the last time: all may have been, when it is taken over. */
  async function save(record: Checkpoint, before: Checkpoint | null): Promise<boolean> {
    const keys = written?.take() ?? new Set<string>();
    const changed = written && ringAfter(before ?? record, record.beat, held ? keys : 'any');
    let isSaved = false;
    try {
      return (isSaved = await saveAs(changed ? { ...record, changed } : record, before));
    } finally {
      if (!isSaved) written?.giveBack(keys);
    }
  }

  async function saveAs(next: Checkpoint, before: Checkpoint | null): Promise<boolean> {
    // The holder's own record has its position, too: one that went back, as in a restored read store, is read again.
    const guard = before && { token: before.token, owner: before.owner };
    const expected = guard && before === stored ? { ...guard, position: before.position } : guard;
    const present = pulse.beat(); // before the write: a slow one must not lengthen the time to the next beat
    if (await pulse.write(collection, { document: next, expected })) {
      checkpoint = held && checkpoint && checkpoint.position > next.position ? movedTo(checkpoint, next) : next;
      stored = next;
      lastBeat = present;
      return true;
    }
    checkpoint = null;
    held = false;
    return false;
  }

  async function acquire(): Promise<boolean> {
    if (held) return true;
    const owned = observed && (await pulse.owned(collection, observed.owner));
    if (observed && isAsItWas(observed, owned)) return false;
    const found = await pulse.get<Checkpoint>(collection, consumer.name);
    if (found && found.owner !== owner && !mayTake(found, owned)) return false;
    if (!found && consumer.mustHaveCheckpoint && startAt === undefined && (await events.head()) > 0n)
      stop('has no checkpoint on a log that is not empty; an operator must name the position to start at');
    await reads.declare(collection, []);
    await options.prepare();
    const from = found ?? { position: startAt ?? 0n, eventId: null, token: 0, beat: 0 };
    const next = { ...from, _id: consumer.name, token: from.token + 1, owner, beat: from.beat + 1 };
    if (next.position > 0n && next.eventId === null) next.eventId = (await events.readAt(next.position))?.id ?? null;
    await checkLog(next);
    if (!(await save(next, found))) return false;
    await options.begin();
    held = true;
    observed = null;
    return true;
  }

  /** Whether the record need not be read: its owner had just beaten at the last look, lives, and has given nothing up since. */
  function isAsItWas({ owner, lookedAt, owned }: Observed, ownedNow: number | null): boolean {
    const isDue = clock.monotonic() - lookedAt >= NEXT_BEAT_MS;
    return owned !== null && owned === ownedNow && !isDue && !isDead?.(owner);
  }

  function mayTake(found: Checkpoint, owned: number | null): boolean {
    const { token, beat, owner } = found;
    if (owner === '' || isDead?.(owner)) return true;
    const [now, before] = [clock.monotonic(), observed];
    const isSame = before?.token === token && before.beat === beat;
    const since = isSame ? before.since : now;
    observed = { token, beat, owner, since, lookedAt: now, owned: isSame || before?.owner !== owner ? null : owned };
    return isSame && now - since >= LEASE_MS;
  }

  async function checkLog(at: Checkpoint): Promise<void> {
    const reason = await foreignTo(events, at);
    if (reason !== null) stop(reason);
    logChecked = clock.monotonic();
  }

  async function confirm(change: Pick<Checkpoint, 'share'> = {}): Promise<void> {
    if (!checkpoint || !(await save(beatOf({ ...checkpoint, ...change }), stored)))
      throw new LeaseLost(`${consumer.name}: another feed has taken over`);
  }

  const beatOf = (of: Checkpoint): Checkpoint => ({ ...of, beat: of.beat + 1 });
  const movedTo = ({ position, eventId }: Pick<Checkpoint, 'position' | 'eventId'>, of: Checkpoint) =>
    beatOf({ ...of, position, eventId });
  const at = (of: Checkpoint, { position, id }: RecordedEvent) => movedTo({ position, eventId: id }, of);

  return {
    held: () => held,
    checkpoint: () => checkpoint,
    record: async () => checkpoint ?? (await reads.get<Checkpoint>(collection, consumer.name)),
    acquire,
    async stayActive() {
      if (!checkpoint || lastBeat !== pulse.beat()) await confirm();
      if (checkpoint && clock.monotonic() - logChecked >= SAME_LOG_EVERY_MS) await checkLog(checkpoint);
    },
    confirm: () => confirm(),
    moveTo: async (event) => checkpoint !== null && save(at(checkpoint, event), stored),
    note: (share) => confirm({ share }),
    advanceInMemory(event) {
      if (checkpoint) checkpoint = at(checkpoint, event);
    },
    async storeMoved() {
      if (checkpoint && stored && checkpoint.position > stored.position) await confirm();
    },
    async release() {
      if (checkpoint?.owner === owner) await save({ ...beatOf(checkpoint), owner: '' }, stored);
      checkpoint = null;
      held = false;
    },
  };
}
