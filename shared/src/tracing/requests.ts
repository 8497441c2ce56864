/** The trace of a request that may write. What only reads is one get by key, and measured by its metric and its log line. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { correlationIdOf, traceIdOf } from './log-refs.js';
import type { SpanRef, Tracer } from './tracer.js';

type Headers = Pick<IncomingMessage, 'headers'>;

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-|$)/;

/** The span of whoever sent the request, by its header `traceparent` (W3C Trace Context). Undefined without one that can be read. */
export function callerOf({ headers }: Headers): SpanRef | undefined {
  const { traceparent } = headers;
  const [, hex = '', spanId = ''] = (typeof traceparent === 'string' && TRACEPARENT.exec(traceparent)) || [];
  const traceId = traceIdOf(hex);
  return traceId === undefined ? undefined : { traceId, spanId };
}

/** The correlation id that continues the caller's trace. */
export function callersCorrelationId(request: Headers): string | undefined {
  const caller = callerOf(request);
  return caller && correlationIdOf(caller.traceId);
}

export interface TracedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: { readonly correlationId: string; readonly template: string | null };
  /** Called in the span when the response has been sent, or was given up. */
  readonly ended: () => void;
}

/** Serves a request by `next` in a span that ends with the response. */
export function traceRequest(
  tracer: Tracer,
  { request, response, context, ended }: TracedRequest,
  next: () => void,
): void {
  const method = request.method ?? '';
  const caller = callerOf(request);
  const traceId = traceIdOf(context.correlationId) ?? tracer.newTraceId();
  const parent = caller?.traceId === traceId ? caller : undefined;
  const links = caller && !parent ? [caller] : [];
  void tracer.span({ name: method, traceId, kind: 'server', parent, links }, async (span) => {
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    next();
    await closed;
    const route = context.template ?? 'unmatched';
    span.rename(`${method} ${route}`);
    span.set({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': response.statusCode });
    ended();
  });
}
