/**
 * What this process has read of the log lately: stretches without gaps, each event once, within one bound of memory for all of them. The
 * end of the log is one; consumers that catch up share others. A copy: what it does not hold is read from the engine.
 */
import type { Position, RecordedEvent } from '../ports.js';

export interface Recent {
  /** The next events after a position, at least one; null where they are not held. */
  page(bounds: { after: Position; limit: number; maxBytes?: number | undefined }): RecordedEvent[] | null;
  /** Takes what was read: all events after a position, up to the last of these. `bytes`: their sizes, about. */
  put(after: Position, events: readonly RecordedEvent[], bytes: readonly number[]): void;
}

export const RECENT_EVENTS = 4_096;
export const RECENT_BYTES = 8 * 1024 * 1024;
/** Who reads fewer only looks. Kept, that one event would be the whole page of every consumer that comes to the same place. */
export const LEAST_PAGE = 2;
const MAX_STRETCHES = 8;

/** Events after `from` up to `last`, of which those before `begin` are dropped. */
interface Stretch {
  from: Position;
  last: Position;
  begin: number;
  events: RecordedEvent[];
  bytes: number[];
}

export function createRecent(maxEvents = RECENT_EVENTS, maxBytes = RECENT_BYTES): Recent {
  /** The one that was used last at the end. */
  let stretches: Stretch[] = [];
  let [count, size] = [0, 0];

  function use(stretch: Stretch): void {
    if (stretches.at(-1) !== stretch) stretches = [...stretches.filter((other) => other !== stretch), stretch];
  }

  function drop(stretch: Stretch): void {
    const { begin, events, bytes } = stretch;
    stretch.from = events[begin]?.position ?? stretch.last;
    stretch.begin += 1;
    count -= 1;
    size -= bytes[begin] ?? 0;
    if (stretch.begin * 2 < events.length) return;
    stretch.events = events.slice(stretch.begin); // rarely, and many at once
    stretch.bytes = bytes.slice(stretch.begin);
    stretch.begin = 0;
  }

  /** Drops what is oldest of what was used longest ago. */
  function keepBounds(): void {
    for (const stretch of stretches) {
      const isOneTooMany = stretches.length > MAX_STRETCHES && stretch === stretches[0];
      while (stretch.from < stretch.last && (isOneTooMany || count > maxEvents || size > maxBytes)) drop(stretch);
    }
    const newest = stretches.at(-1);
    stretches = stretches.filter((stretch) => stretch.from < stretch.last || stretch === newest);
  }

  return {
    page({ after, limit, maxBytes: most = Infinity }) {
      const stretch = stretches.find(({ from, last }) => from <= after && after < last);
      if (!stretch) return null;
      use(stretch);
      const { events, bytes, begin } = stretch;
      const start = indexBehind(events, begin, after);
      let end = start + 1;
      for (let sum = bytes[start] ?? 0; end < events.length && end - start < limit; end += 1)
        if ((sum += bytes[end] ?? 0) > most) break;
      return events.slice(start, end);
    },
    put(after, events, bytes) {
      const end = events.at(-1);
      if (!end) return;
      let stretch = stretches.find(({ from, last }) => from <= after && after <= last);
      if (!stretch) {
        stretch = { from: after, last: after, begin: 0, events: [], bytes: [] };
        stretches.push(stretch);
      }
      use(stretch);
      for (const [index, event] of events.entries()) {
        if (event.position <= stretch.last) continue; // another consumer has read it, too
        stretch.events.push(event);
        stretch.bytes.push(bytes[index] ?? 0);
        stretch.last = event.position;
        count += 1;
        size += bytes[index] ?? 0;
      }
      keepBounds();
    },
  };
}

/** The index of the first event after a position, from `low` on. */
function indexBehind(events: readonly RecordedEvent[], low: number, after: Position): number {
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.position ?? 0n) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
