/**
 * Compares the whole log with what was indexed of it, a few events at a time, every day and when an administrator asks, so that somebody notices a change who
 * has asked for nothing. Done by the process that writes the index; how far it is stands in the read store, and any process goes on there.
 * `npx audit verify` does more: snapshots, chains, heads, the log's file.
 */
import type { AuditIndex } from '@creator-dashboards/shared/audit-index';
import { leafOf } from '@creator-dashboards/shared/merkle';
import type { Document, EventStore, Position, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { DamagedEvent } from '@creator-dashboards/shared/store-errors';
import { DAY, fromInstant, SECOND, toInstant, type Clock, type Instant } from '@creator-dashboards/shared/time';
import { entryOf } from './entry.js';

const ROUNDS = 'audit.rounds';
/** Events of one turn: requests wait no longer. */
const TURN = 80;
const TURN_MS = SECOND / 4;
/** How many turns are written down at once, where nothing is wrong. */
const WRITTEN = 10;
/** How many events a round names; the others it counts. */
const NAMED = 20;

interface Broken {
  /** Of the event in the log that was indexed; null for one that was not. */
  readonly ordinal: number | null;
  readonly position: string;
  readonly message: string;
}

export interface Round {
  readonly begunAt: Instant;
  /** Null while it is under way. */
  readonly endedAt: Instant | null;
  readonly checked: number;
  readonly faults: number;
  readonly broken: readonly Broken[];
}

interface Rounds extends Document {
  readonly present: Round;
  readonly last: Round | null;
  /** Counts what was written. */
  readonly serial: number;
}

/** The round under way, and the last that has ended. */
export async function roundsIn(reads: Pick<ReadStore, 'get'>): Promise<readonly Round[]> {
  const rounds = await reads.get<Rounds>(ROUNDS, 'log');
  return rounds ? [rounds.present, ...(rounds.last ? [rounds.last] : [])] : [];
}

export interface RoundsOptions {
  readonly events: Pick<EventStore, 'readAll' | 'readAt'>;
  readonly index: Pick<AuditIndex, 'get'>;
  readonly reads: Pick<ReadStore, 'declare' | 'get' | 'write'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

export interface RoundsToDo {
  /** Does the next turn, where it is time for one, on an index of this size. */
  turn(size: number): Promise<void>;
  /** At this time a round was asked for: one begins that did not begin before it, after the one that is under way. */
  ask(at: Instant): void;
}

export function createRounds({ events, index, reads, clock }: RoundsOptions): RoundsToDo {
  const now = () => toInstant(clock.now());
  const begun = (): Round => ({ begunAt: now(), endedAt: null, checked: 0, faults: 0, broken: [] });
  let known: Rounds | null = null;
  let unwritten = 0;
  let askedAt: Instant | null = null;
  let turnedAt = -Infinity;

  async function load(): Promise<Rounds> {
    await reads.declare(ROUNDS, []);
    const first: Rounds = { _id: 'log', position: 0n, present: begun(), last: null, serial: 0 };
    await reads.write(ROUNDS, [{ document: first, expected: null }]);
    return (await reads.get<Rounds>(ROUNDS, 'log')) ?? first;
  }

  /** Forgets what another process was faster to write. */
  async function write({ serial, ...rounds }: Rounds): Promise<void> {
    const document = { ...rounds, serial: serial + 1 };
    const isWritten = (await reads.write(ROUNDS, [{ document, expected: { serial } }])).size > 0;
    known = isWritten ? document : null;
    unwritten = 0;
  }

  /** What is wrong with these events of the log. */
  async function compare(from: number, to: number): Promise<Broken[]> {
    if (from === to) return [];
    const first = Math.max(0, from - 1);
    const entries = await index.get(Array.from({ length: to - first }, (_, n) => first + n));
    const after = from === 0 ? 0n : (entries.shift()?.position ?? 0n);
    const page = await ifSound(events.readAll({ after, limit: entries.length }), []);
    const present = new Map(page.map((event) => [event.position, event]));
    const broken: Broken[] = [];
    for (const { ordinal, position, leaf } of entries) {
      const message = await faultOf(present.get(position), ordinal, position, leaf);
      if (message !== null) broken.push({ ordinal, position: position.toString(), message });
      present.delete(position);
    }
    const last = entries.at(-1)?.position ?? 0n;
    for (const position of present.keys())
      if (position < last)
        broken.push({
          ordinal: null,
          position: position.toString(),
          message: 'stands between events that were indexed without it',
        });
    return broken;
  }

  async function faultOf(seen: RecordedEvent | undefined, ordinal: number, position: Position, leaf: Uint8Array) {
    try {
      const event = seen ?? (await events.readAt(position));
      if (event === null) return 'is not there any more';
      return leafOf(entryOf(ordinal, event)).equals(leaf) ? null : 'is not what was indexed';
    } catch (error) {
      if (error instanceof DamagedEvent) return 'cannot be read';
      throw error;
    }
  }

  const isDue = ({ begunAt }: Round) =>
    clock.now() - fromInstant(begunAt) >= DAY || (askedAt !== null && fromInstant(askedAt) > fromInstant(begunAt));

  async function turn(size: number): Promise<void> {
    if (clock.monotonic() - turnedAt < TURN_MS) return;
    turnedAt = clock.monotonic();
    let rounds = (known ??= await load());
    let { present, last } = rounds;
    if (present.endedAt !== null) {
      if (!isDue(present)) return;
      [present, last] = [begun(), present];
      await write({ ...rounds, present, last }); // whoever asked sees at once that it has begun
      if (known === null) return;
      rounds = known;
    }
    if (size < present.checked) present = begun(); // the index is made anew
    const to = Math.min(size, present.checked + TURN);
    const broken = await compare(present.checked, to);
    present = {
      ...present,
      checked: to,
      endedAt: to === size ? now() : null,
      faults: present.faults + broken.length,
      broken: [...present.broken, ...broken].slice(0, NAMED),
    };
    known = { ...rounds, present, last };
    unwritten += 1;
    if (broken.length > 0 || present.endedAt !== null || unwritten >= WRITTEN) await write(known);
  }

  return {
    turn,
    ask(at) {
      if (askedAt === null || fromInstant(at) > fromInstant(askedAt)) askedAt = at;
    },
  };
}

/** What was read, or this where an event of it is damaged: then each is read alone. */
async function ifSound<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  return reading.catch((error: unknown) => {
    if (error instanceof DamagedEvent) return otherwise;
    throw error;
  });
}
