/**
 * Whether the log is what was signed: every event of it is hashed again, and each root is compared with the head that was signed when
 * the log had that size. The index says which event is another one.
 */
import type { AuditIndex, SignedHead } from '@creator-dashboards/shared/audit-index';
import { EMPTY_TREE, leafOf, type Tree } from '@creator-dashboards/shared/merkle';
import { rootAt } from '@creator-dashboards/shared/merkle-proofs';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { entryOf } from './entry.js';
import { headIn, HEADS_STREAM } from './heads.js';
import { pagesOf } from './pages.js';
import { brokenLink, ifReadable } from './show.js';
import type { HeadKeys } from './signing.js';
import { createTrees } from './verify-trees.js';

export type FaultKind =
  /** Stands in the log as something else than what was indexed. */
  | 'changed'
  /** Was indexed, and is not in the log any more. */
  | 'removed'
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
  readonly events: Pick<EventStore, 'readAll' | 'readStream'>;
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

const PAGE = { limit: 1_000, maxBytes: 4 * 1024 * 1024 };

/** Compares the log with the index and its heads, in flat memory. Ends early, with what it has, when aborted. */
export async function verifyLog(options: VerifyOptions): Promise<Verification> {
  const { events, index, keys, from = NOTHING_VERIFIED, snapshotFault, onFault, onProgress, signal } = options;
  const trees = createTrees(from.tree);
  const { size: indexedSize } = await index.state();
  const placeAt = pagesOf(
    (ordinal) => index.get(Array.from({ length: PAGE.limit }, (_, n) => ordinal + n)),
    (place) => place.ordinal,
  );
  const headAt = pagesOf(
    (size) => index.signedHeads({ from: size, direction: 'forwards', limit: PAGE.limit }),
    (head) => head.size,
  );
  let ordinal = from.tree.size;
  let position = from.position;
  let verified: Verified | null = null;
  let [checked, unknownKeys] = [0, 0];
  let head: SignedHead | null = null;
  let isLost = false;

  function fault(kind: FaultKind, message: string, at: Position, event?: RecordedEvent): void {
    onFault({ kind, position: at, eventId: event?.id ?? null, stream: event?.stream ?? null, message });
  }

  /** One event of the index more, as it stands in the log now; null where it does not. */
  async function compare(isNow: RecordedEvent | null, place: { leaf: Uint8Array; position: Position }): Promise<void> {
    const suspicion = {
      ...{ kind: isNow ? 'changed' : 'removed', position: place.position } as const,
      ...{ eventId: isNow?.id ?? null, stream: isNow?.stream ?? null },
      message: isNow ? 'it is not what was indexed' : `event ${ordinal} of the log is not there any more`,
    };
    trees.add(isNow && leafOf(entryOf(ordinal, isNow)), Buffer.from(place.leaf), suspicion);
    ordinal += 1;
    const signed = await headAt(ordinal);
    if (signed) judge(signed, place.position);
  }

  function judge(signed: SignedHead, at: Position): void {
    const genuine = keys.isGenuine(signed);
    if (genuine === false) return fault('head', `the head of ${signed.size} events is not as it was signed`, at);
    if (genuine === null) unknownKeys += 1;
    const faults = trees.judge(signed.root);
    for (const found of faults ?? trees.giveUp()) onFault(found);
    const agreed = trees.agreed();
    if (faults !== null && agreed !== null) {
      [head, isLost, verified] = [signed, false, { tree: agreed, position: at }];
      return;
    }
    const since = head ? `after the first ${head.size}` : 'from the first on';
    if (!isLost) fault('head', `the ${signed.size} events, ${since}, are not those that were signed at ${signed.signedAt}`, at);
    [isLost, verified] = [true, null];
  }

  /** Everything that was indexed before this event, and this event if it was. */
  async function pass(event: RecordedEvent | null): Promise<void> {
    while (ordinal < indexedSize) {
      const place = await placeAt(ordinal);
      if (!place) throw new Error(`the index lacks event ${ordinal}: make it anew`);
      if (event && place.position > event.position)
        return fault('inserted', 'stands between events that were indexed without it', event.position, event);
      await compare(event?.position === place.position ? event : null, place);
      if (event?.position === place.position) return;
    }
    if (event && !(await isChained(event)))
      fault('chain', 'has not the hash of the event before it in its stream', event.position, event);
  }

  /** What is not indexed yet is held by the chain of its stream only. */
  async function isChained(event: RecordedEvent): Promise<boolean> {
    const from = event.revision - 1n;
    const [before] = from < 0n ? [] : await events.readStream(event.stream, { from, limit: 1 });
    return brokenLink(before ?? null, [event]) === null;
  }

  /** A head in the log was signed, and is the root of the log up to there. */
  async function isHead(event: RecordedEvent): Promise<boolean> {
    try {
      const signed = headIn(event);
      const root = (await rootAt(index, signed.size)).toString('hex');
      return keys.isGenuine(signed) !== false && root === signed.root;
    } catch {
      return false;
    }
  }

  while (!signal?.aborted) {
    const page = await events.readAll({ after: position, ...PAGE });
    for (const event of page) {
      await pass(event);
      if (event.stream === HEADS_STREAM && !(await isHead(event)))
        fault('head', 'is no head of the log up to there', event.position, event);
      const hasSnapshot = ifReadable(() => event.metadata)?.snapshot !== undefined;
      const wrong = hasSnapshot && snapshotFault ? await snapshotFault(event) : null;
      if (wrong !== null) fault('snapshot', wrong, event.position, event);
      checked += 1;
      ({ position } = event);
    }
    if (page.length === 0) await pass(null);
    onProgress?.({ checked, position, verified });
    if (page.length === 0) break;
  }
  for (const suspicion of trees.giveUp()) onFault(suspicion);
  return { checked, head, root: trees.root().toString('hex'), unknownKeys };
}
