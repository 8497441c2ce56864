/**
 * How spans find each other over the log, in any process and at any time: by ids that every event's metadata has anyway (docs/tracing.md).
 * A trace is all that has one correlation id. The span of an append is named by what was appended.
 */
import { derivedId } from '../ids.js';
import type { EventMetadata } from '../ports.js';
import type { SpanRef } from './tracer.js';

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;

/** The trace of a correlation id: its hex digits. Undefined for what is no UUID, and for the one of nothing but zeros. */
export function traceIdOf(correlationId: string): string | undefined {
  const traceId = correlationId.replaceAll('-', '').toLowerCase();
  return TRACE_ID.test(traceId) ? traceId : undefined;
}

/** The correlation id of a trace. */
export function correlationIdOf(traceId: string): string {
  return traceId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

interface Placed {
  readonly stream: string;
  readonly metadata: EventMetadata;
}

/** The trace that an event belongs to. Undefined where its metadata cannot be read. */
export function traceOf(event: Placed): string | undefined {
  try {
    return traceIdOf(event.metadata.$correlationId);
  } catch {
    return undefined;
  }
}

/** The span of the append that wrote this event to this stream: a command appends to a stream once. */
export function appendOf(event: Placed, traceId: string): SpanRef {
  return { traceId, spanId: derivedId('append', event.metadata.commandId, event.stream).slice(-17).replace('-', '') };
}
