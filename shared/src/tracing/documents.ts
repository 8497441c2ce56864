/**
 * What a consumer makes of a batch, as spans: one for each trace that the batch has events of, since a batch is everybody's. It is a
 * child of the append of the trace's first event in the batch, and linked with those of the others.
 */
import type { Consumer } from '../feed/consumer.js';
import { openDocuments, type Documents, type DocumentsOptions } from '../feed/documents.js';
import { occurredAt } from '../feed/occurred-at.js';
import type { RecordedEvent } from '../ports.js';
import { fromInstant, MINUTE, type WallClock } from '../time.js';
import { appendOf, traceOf } from './log-refs.js';
import { faultOf, type FinishedSpan, type SpanStart, type Tracer } from './tracer.js';

/** An event older than this is replayed: by a rebuild, or by a consumer that was away. */
const REPLAYED_AFTER_MS = 10 * MINUTE;
/** Of so many batches of a replay one is a span, in a trace of its own: the traces of its events ended long ago. */
export const BATCHES_PER_REPLAY_SPAN = 1_000;
const MOST_TRACES = 64;
const MOST_LINKS = 32;

export interface TracedDocumentsOptions extends DocumentsOptions {
  /** Unless given, nothing is traced. */
  readonly tracer?: Tracer | undefined;
  /** Tells which events happened long ago; without it all are replayed, as by a rebuild. */
  readonly clock?: WallClock;
}

type Measured = Pick<FinishedSpan, 'from' | 'to' | 'fault'>;

/** `openDocuments`, traced. */
export function openTracedDocuments({ tracer, clock, ...options }: TracedDocumentsOptions): Documents {
  return tracer ? traced(tracer, clock, options) : openDocuments(options);
}

function traced(tracer: Tracer, clock: WallClock | undefined, options: DocumentsOptions): Documents {
  const { consumer, reads } = options;
  const feed = consumer.name;
  const spansOf = createSpansOf(tracer, consumer, clock);
  let writes: (Measured & { readonly documents: number })[] = [];

  const documents = openDocuments({
    ...options,
    reads: {
      ...reads,
      write: (collection, batch) =>
        measured(
          tracer,
          () => reads.write(collection, batch),
          (written) => void writes.push({ ...written, documents: batch.length }),
        ),
    },
  });

  function record(start: SpanStart, whole: Measured): void {
    const parent = tracer.record({ ...start, kind: 'consumer', ...whole });
    const { traceId } = start;
    if (!start.parent) return; // a rebuild writes to its memory first
    for (const { documents, ...written } of writes)
      tracer.record({ name: 'write documents', traceId, parent, attributes: { feed, documents }, ...written });
  }

  return {
    ...documents,
    apply(events) {
      writes = [];
      const spans = spansOf(events);
      if (spans.length === 0) return documents.apply(events);
      return measured(
        tracer,
        () => documents.apply(events),
        (whole) => spans.forEach((start) => record(start, whole)),
      );
    },
  };
}

/** What is to be recorded of a batch, as far as it is kept. */
function createSpansOf(tracer: Tracer, { name: feed, takes }: Consumer, clock: WallClock | undefined) {
  let replayed = 0;
  const attributesOf = (events: readonly RecordedEvent[]) => ({ feed, events: events.length });

  function replay(events: readonly RecordedEvent[]): SpanStart[] {
    if (events.length === 0 || replayed++ % BATCHES_PER_REPLAY_SPAN > 0) return [];
    const traceId = tracer.newTraceId();
    if (!tracer.keeps(traceId)) return [];
    return [{ name: `replay ${feed}`, traceId, links: appendsOf(events), attributes: attributesOf(events) }];
  }

  return (batch: readonly RecordedEvent[]): SpanStart[] => {
    const before = clock ? clock.now() - REPLAYED_AFTER_MS : Infinity;
    const traces = new Map<string, RecordedEvent[]>();
    const old: RecordedEvent[] = [];
    for (const event of batch) {
      if (!takes(event)) continue;
      const traceId = traceOf(event);
      if (isBefore(event, before)) old.push(event);
      else if (traceId && tracer.keeps(traceId)) {
        const others = traces.get(traceId);
        if (others) others.push(event);
        else if (traces.size < MOST_TRACES) traces.set(traceId, [event]);
      }
    }
    const projected = [...traces].map(([traceId, events]) => {
      const [parent, ...links] = appendsOf(events);
      return { name: `project ${feed}`, traceId, parent, links, attributes: attributesOf(events) };
    });
    return [...projected, ...replay(old)];
  };
}

async function measured<T>(tracer: Tracer, work: () => Promise<T>, told: (as: Measured) => void): Promise<T> {
  const from = tracer.time();
  let fault: string | null = null;
  try {
    return await work();
  } catch (error) {
    fault = faultOf(error);
    throw error;
  } finally {
    told({ from, to: tracer.time(), fault });
  }
}

function isBefore(event: RecordedEvent, ms: number): boolean {
  const instant = occurredAt(event);
  return instant !== undefined && fromInstant(instant) < ms;
}

/** The appends of these events, each once, in order, the first ones where they are many. */
function appendsOf(events: readonly RecordedEvent[]) {
  const refs = events.slice(0, MOST_LINKS).flatMap((event) => {
    const traceId = traceOf(event);
    return traceId ? [appendOf(event, traceId)] : [];
  });
  return [...new Map(refs.map((ref) => [ref.spanId, ref])).values()];
}
