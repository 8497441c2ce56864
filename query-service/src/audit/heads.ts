/**
 * Heads of the log: the root over all of its events when it had so many, signed. They are kept in the index, and once an hour in the log
 * itself, so that an index that is made anew finds them there and never signs again. Of one size there is one root for ever: another one
 * means that the log was changed behind it.
 */
import type { AuditIndex, Head, IndexState, SignedHead } from '@creator-dashboards/shared/audit-index';
import { decode, encode, hashOf, UnreadableEvent } from '@creator-dashboards/shared/events/index';
import { FeedStopped } from '@creator-dashboards/shared/feed/consumer';
import { headIdOf } from '@creator-dashboards/shared/ids';
import { rootAt, type KnownHashes, type StoredTree } from '@creator-dashboards/shared/merkle-proofs';
import { rootOf } from '@creator-dashboards/shared/merkle';
import type { EventStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { DamagedEvent } from '@creator-dashboards/shared/store-errors';
import { HOUR, MINUTE, toInstant, type Clock } from '@creator-dashboards/shared/time';
import type { HeadKeys } from './signing.js';
import { termOf } from './terms.js';

export const HEADS_STREAM = 'integrityHeads-all';
export const HEAD_TERM = termOf(['stream', HEADS_STREAM]);

/** The log is not what was signed. An operator has to look: `npx audit verify` names the events. */
export class LogChanged extends FeedStopped {}

export interface Heads {
  readonly keys: HeadKeys;
  /** Signs the log as far as it is indexed, and keeps that; what was signed before for an index of this size. Null for an empty index. Throws LogChanged. */
  sign(): Promise<SignedHead | null>;
  /** Appends a signed head to the log, unless it is there. */
  publish(head: SignedHead): Promise<void>;
  /** Signs, at most once a minute, and publishes, at most once an hour, if anything but heads was appended since. Throws LogChanged. */
  tend(state: IndexState): Promise<void>;
  /** Keeps the heads among these events of the log, which are indexed. Throws LogChanged. */
  learn(events: readonly RecordedEvent[]): Promise<void>;
}

export interface HeadsOptions {
  readonly events: Pick<EventStore, 'readStream' | 'append'>;
  readonly index: AuditIndex;
  readonly keys: HeadKeys;
  readonly clock: Clock;
}

const ATTEMPTS = 10;

export function createHeads({ events, index, keys, clock }: HeadsOptions): Heads {
  const begun = clock.now();
  let signedAt: number | null = null;
  /** In milliseconds since the epoch; null until the log was asked. */
  let publishAt: number | null = null;

  async function keep(head: Head): Promise<Head | SignedHead> {
    const kept = await index.keepHead(head);
    if (kept.root === head.root) return kept;
    throw new LogChanged(
      `the first ${head.size} events of the log have root ${head.root}, and had ${kept.root} when they were signed`,
    );
  }

  async function sign(): Promise<SignedHead | null> {
    const { size, peaks } = await index.state();
    if (size === 0) return null;
    const root = rootOf({ size, peaks: peaks.map((peak) => Buffer.from(peak, 'hex')) }).toString('hex');
    const kept = await keep({ size, root });
    return 'signature' in kept ? kept : index.signHead(keys.sign(kept, toInstant(clock.now())));
  }

  async function publish(head: SignedHead): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const [last] = await events.readStream(HEADS_STREAM, { direction: 'backwards', limit: 1 });
      if (last && (headIn(last)?.size ?? 0) >= head.size) return;
      const result = await events.append(HEADS_STREAM, last ? last.revision : 'no_stream', [eventOf(head, last)]);
      if (result.ok) return;
    }
    throw new Error(`${HEADS_STREAM} keeps changing: try again`);
  }

  function eventOf(head: SignedHead, last: RecordedEvent | undefined) {
    const id = headIdOf(head.root);
    return encode({ type: 'IntegrityHeadSigned', data: { ...head } }, id, {
      ...{ $correlationId: id, $causationId: id, commandId: id, reason: null, keys: {} },
      actor: { userId: null, role: 'SYSTEM' },
      occurredAt: toInstant(clock.now()),
      prevHash: last ? hashOf(last) : null,
    });
  }

  /** Whether there is anything but heads from this ordinal on. */
  async function isNews(from: number, size: number): Promise<boolean> {
    const LOOKED_AT = 100;
    if (size - from > LOOKED_AT) return true;
    const heads = await index.having(HEAD_TERM, { from, direction: 'forwards', limit: LOOKED_AT });
    return heads.length < size - from;
  }

  /** An hour after the one that is there, or soon. */
  async function nextPublication(): Promise<number> {
    const [last] = await events.readStream(HEADS_STREAM, { direction: 'backwards', limit: 1 });
    const head = last ? headIn(last) : null;
    return head ? Date.parse(head.signedAt) + HOUR : begun + MINUTE;
  }

  return {
    keys,
    sign,
    publish,
    async tend({ size }) {
      if (size === 0 || (signedAt !== null && clock.monotonic() - signedAt < MINUTE)) return;
      const newest = await newestHead(index);
      const head = newest && !(await isNews(newest.size, size)) ? newest : await sign();
      signedAt = clock.monotonic();
      publishAt ??= await nextPublication();
      if (head === null || clock.now() < publishAt) return;
      await publish(head);
      publishAt = null;
    },
    async learn(batch) {
      for (const event of batch) {
        if (event.stream !== HEADS_STREAM) continue;
        const head = headIn(event);
        if (head === null || keys.isGenuine(head) === false)
          throw new LogChanged(`the head at position ${event.position} is not as it was signed`);
        await demandRoot(index, head);
        await keep(head);
        await index.signHead(head);
      }
    },
  };
}

/** Throws LogChanged where the log that is indexed does not lead to this head. */
export async function demandRoot(index: StoredTree, head: Head, known?: KnownHashes): Promise<void> {
  const root = (await rootAt(index, head.size, known)).toString('hex');
  if (root !== head.root)
    throw new LogChanged(
      `the first ${head.size} events of the log have root ${root}, and had ${head.root} when they were signed`,
    );
}

/** The newest head that is signed, or null. */
export async function newestHead(index: Pick<AuditIndex, 'signedHeads'>): Promise<SignedHead | null> {
  const [head] = await index.signedHeads({ from: Number.MAX_SAFE_INTEGER, direction: 'backwards', limit: 1 });
  return head ?? null;
}

/** The head that an event of the stream of heads holds; null where it cannot be read. */
export function headIn(event: RecordedEvent): SignedHead | null {
  try {
    const { type, data } = decode(event);
    return type === 'IntegrityHeadSigned' ? data : null;
  } catch (error) {
    if (error instanceof UnreadableEvent || error instanceof DamagedEvent) return null;
    throw error;
  }
}
