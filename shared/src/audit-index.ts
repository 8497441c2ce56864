/**
 * The port of the audit's index, by which events are found in a log of any length. It is a copy, made from the log, which it never
 * replaces: it holds where an event is and what it is found by, not the event.
 */
import type { Position } from './ports.js';

export interface IndexedEvent {
  /** Number of the event in the log: 0, 1, 2 … without gaps. */
  readonly ordinal: number;
  readonly position: Position;
  /** The latest `occurredAt` of the log up to here, in milliseconds since the epoch, so that it never falls. */
  readonly time: number;
  /** Its leaf in the tree over the whole log, 32 bytes. */
  readonly leaf: Uint8Array;
  /** The root of the block of leaves that it is the last of, if it is. */
  readonly block: Uint8Array | null;
}

export interface NewIndexedEvent extends IndexedEvent {
  /** What it is found by: integers below 2^48, each once. */
  readonly terms: readonly number[];
}

/** How much of the log is in the index. */
export interface IndexState {
  /** Number of events. */
  readonly size: number;
  /** Of the newest event; 0n in an empty index. */
  readonly position: Position;
  readonly eventId: string | null;
  readonly time: number;
  /** The perfect trees that the tree over all leaves consists of, largest first; in hex. */
  readonly peaks: readonly string[];
}

export const EMPTY_INDEX: IndexState = { size: 0, position: 0n, eventId: null, time: 0, peaks: [] };

/** A root of the tree over the whole log: what the log was when it had so many events. */
export interface Head {
  readonly size: number;
  /** In hex. */
  readonly root: string;
}

/** Nobody without the key can make another log of it. */
export interface SignedHead extends Head {
  /** ISO 8601, UTC. */
  readonly signedAt: string;
  readonly keyId: string;
  /** Ed25519, in base64. */
  readonly signature: string;
}

export type Direction = 'forwards' | 'backwards';

export interface AuditIndex {
  state(): Promise<IndexState>;
  /**
   * Adds the next events and moves the state to `next`, whose size counts them. False, with nothing changed, if the index has another
   * size by now than they begin at: another process was faster.
   */
  add(events: readonly NewIndexedEvent[], next: IndexState): Promise<boolean>;
  /** Ordinals of events with this term from an ordinal on (inclusive), in this direction, at most `limit`. */
  having(term: number, options: { from: number; direction: Direction; limit: number }): Promise<number[]>;
  /** The events with these ordinals, in this order; those that are not there are left out. */
  get(ordinals: readonly number[]): Promise<IndexedEvent[]>;
  /** Where they are, and nothing else of them: for whoever reads many. */
  positionsOf(ordinals: readonly number[]): Promise<Position[]>;
  /** Keeps this head unless there is one of its size; returns the one that there is, signed or not. Of one size there is one root for ever. */
  keepHead(head: Head): Promise<Head | SignedHead>;
  /** Signs a kept head unless it is signed; returns the one that there is. Throws where no head of its size and root is kept. */
  signHead(head: SignedHead): Promise<SignedHead>;
  /** Signed heads by size from this size on (inclusive), at most `limit`. */
  signedHeads(options: { from: number; direction: Direction; limit: number }): Promise<SignedHead[]>;
}
