/**
 * A window of a rebuild: the documents of some slots, folded in memory from one pass over the log, and written once. It becomes
 * smaller while its documents do not fit: the rest is a window of its own, later.
 */
import type { Consumer } from '@creator-dashboards/shared/feed/consumer';
import { knownDiscards } from '@creator-dashboards/shared/feed/discards';
import type { ParkedEvent } from '@creator-dashboards/shared/feed/documents';
import type { EventStore, Position, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { typesOf } from '@creator-dashboards/shared/fold';
import { openTracedDocuments } from '@creator-dashboards/shared/tracing/documents';
import type { Tracer } from '@creator-dashboards/shared/tracing/tracer';
import type { View } from '@creator-dashboards/shared/views/view';
import { openBuffer } from './buffer.js';
import { isAll, isWithin, mayConcern, outOfPartition, slotOf, suffixesOf, type Slots } from './slots.js';

/** Slots whose stored documents hold every event up to `position`, a decimal string. */
export interface Slice extends Slots {
  readonly position: string;
}

export interface WindowOptions {
  readonly view: View;
  readonly consumer: Consumer;
  readonly events: Pick<EventStore, 'readAll' | 'readAt' | 'readStream'>;
  readonly reads: ReadStore;
  readonly slice: Slice;
  /** Position of the last event to fold, which is in the log. */
  readonly upTo: Position;
  /** Memory for the documents. */
  readonly bytes: number;
  /** Events read at once. */
  readonly page: number;
  readonly pageBytes: number;
  readonly stayActive: () => Promise<void>;
  readonly stop: (reason: string) => never;
  readonly onParked?: (parked: ParkedEvent) => void;
  /** Undefined where nothing is traced. */
  readonly tracer: Tracer | undefined;
}

export interface Window {
  /** Reads and folds one page; returns how many events it read, 0 also while this process does not see all up to `upTo` yet. */
  step(): Promise<number>;
  position(): Position;
  slots(): Slots;
  parkedKeys(): number;
  /** Documents that are not in the store yet. */
  unstored(): number;
  /** Documents in memory, how many of them have changed since they were stored, and an estimate of the memory that they take. */
  size(): number;
  changed(): number;
  bytes(): number;
  /**
   * Stores a batch of its documents. Once all are: what is to fold still, itself, unless it has reached `upTo`, and what did not fit;
   * null before, and then nothing may be folded until it is called again.
   */
  store(): Promise<Slice[] | null>;
}

/** How full the memory is after a window was made smaller: its documents still grow. */
const FILLED = 0.75;

export async function openWindow(options: WindowOptions): Promise<Window> {
  const { view, consumer, events, upTo, stop } = options;
  const { from, to, position: saved } = options.slice;
  const rest: Slice[] = [];
  let slots: Slots = { from, to };
  let storedAt = saved;
  let position = BigInt(saved);
  const buffer = openBuffer(options.reads, consumer.collection, position === 0n);
  const documents = openTracedDocuments({ ...options, consumer, reads: buffer.reads });
  const discards = knownDiscards(events, consumer.name);
  const types = typesOf(view);
  await discards.load();

  /** An event without a key is everybody's: it stops the rebuild. */
  function isMine(event: RecordedEvent): boolean {
    if (event.position > upTo || discards.has(event) || !consumer.takes(event)) return false;
    if (isAll(slots)) return true;
    if (!mayConcern(view, slots, event.stream)) return false;
    const key = keyOf(event);
    if (key === undefined) return true;
    const fault = outOfPartition(view, event, key);
    return fault === null ? isWithin(slots, slotOf(view, key)) : stop(fault);
  }

  function keyOf(event: RecordedEvent): string | undefined {
    try {
      return consumer.keyOf(event);
    } catch {
      return undefined;
    }
  }

  /** Leaves slots from its end to a later window, until the documents of the others fit well. One slot is never divided. */
  function makeSmaller(): void {
    const sizes = new Map<number, number>();
    for (const key of buffer.keys()) {
      const slot = slotOf(view, key);
      sizes.set(slot, (sizes.get(slot) ?? 0) + buffer.bytesOf(key));
    }
    let [end, filled] = [slots.from, 0];
    for (const [slot, size] of [...sizes].sort(([a], [b]) => a - b)) {
      filled += size;
      if (filled > options.bytes * FILLED && end > slots.from) break;
      end = slot + 1;
    }
    if (end >= slots.to) return;
    rest.push({ from: end, to: slots.to, position: storedAt });
    slots = { from: slots.from, to: end };
    for (const key of [...buffer.keys()]) if (!isWithin(slots, slotOf(view, key))) buffer.forget(key);
  }

  return {
    async step() {
      if (position >= upTo) return 0;
      const bounds = { limit: options.page, maxBytes: options.pageBytes };
      const suffixes = suffixesOf(view, slots);
      const page = await events.readAll({ after: position, ...bounds, suffixes, types });
      await documents.apply(page.filter(isMine));
      const last = page.at(-1);
      if (!last && !(await events.readAt(upTo))) stop(`the log has no event at position ${upTo} any more`);
      if (last) position = last.position < upTo ? last.position : upTo;
      else if (suffixes || types) position = upTo;
      if (buffer.bytes() > options.bytes) makeSmaller();
      return page.length;
    },
    position: () => position,
    slots: () => slots,
    parkedKeys: documents.parkedKeys,
    unstored: buffer.unstored,
    size: buffer.size,
    bytes: buffer.bytes,
    changed: buffer.changed,
    async store() {
      await buffer.store();
      if (buffer.changed() > 0) return null;
      storedAt = position.toString();
      return [...(position < upTo ? [{ ...slots, position: storedAt }] : []), ...rest];
    },
  };
}
