/** What a verification of the log is asked, finds and tells. */
import type { AuditIndex, SignedHead } from '@creator-dashboards/shared/audit-index';
import { EMPTY_TREE, type Tree } from '@creator-dashboards/shared/merkle';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import type { HeadKeys } from './signing.js';

export type FaultKind =
  /** The file is damaged: one way of reading may not return what another does. Of no event that can be told: at position 0. */
  | 'file'
  /** Stands in the log as something else than what was indexed. */
  | 'changed'
  /** Was indexed, and is not in the log any more. */
  | 'removed'
  /** Cannot be read from a damaged file. */
  | 'unreadable'
  /** Stands between events that were indexed without it. */
  | 'inserted'
  /** Has not the hash of the event before it in its stream. */
  | 'chain'
  /** Carries a snapshot that its stream does not give. */
  | 'snapshot'
  /** Is a head that was not signed so, or that the log does not lead to. */
  | 'head'
  /** Is wrong in the index only, which can be made anew. */
  | 'index';

export interface Fault {
  readonly kind: FaultKind;
  readonly position: Position;
  /** Of the event, where it can be told. */
  readonly eventId: string | null;
  readonly stream: string | null;
  readonly message: string;
}

/** Up to where the log is what was signed. A verification can go on from there, also in another process. */
export interface Verified {
  readonly tree: Tree;
  /** Of the last event in it. */
  readonly position: Position;
}
export const NOTHING_VERIFIED: Verified = { tree: EMPTY_TREE, position: 0n };

export interface Verification {
  /** Events of the log that were read. */
  readonly checked: number;
  /** The newest signed head that the log leads to; what came after it is held by the index and the chains of streams only. */
  readonly head: SignedHead | null;
  /** Of everything that is indexed, in hex. */
  readonly root: string;
  /** Heads that were signed with keys which are not known here. */
  readonly unknownKeys: number;
}

export interface VerifyOptions {
  readonly events: Pick<EventStore, 'readAll' | 'readStream' | 'readAt' | 'damage'>;
  readonly index: AuditIndex;
  readonly keys: Pick<HeadKeys, 'isGenuine'>;
  readonly from?: Verified;
  /** What is wrong with the snapshot that an event carries, or null. */
  readonly snapshotFault?: (event: RecordedEvent) => Promise<string | null>;
  readonly onFault: (fault: Fault) => void;
  /** Called after each page. `verified` is null where the last head was not reached, or not led to. */
  readonly onProgress?: (progress: { checked: number; position: Position; verified: Verified | null }) => void;
  readonly signal?: AbortSignal;
}
