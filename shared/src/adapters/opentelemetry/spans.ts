/**
 * Spans to a collector, by OTLP over HTTP. A collector that is away costs nothing but its spans: they wait in a bounded queue, and are
 * dropped beyond it.
 */
import {
  createNoopMeter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Counter,
  type Meter,
  type MeterProvider,
  type SpanContext,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { FinishedSpan, SpanEnd, SpanRef, SpanSink } from '../../tracing/tracer.js';
import { MINUTE, SECOND, type Clock } from '../../time.js';
import { within } from '../../waiting.js';

export interface SpansOptions {
  /** Address of the collector; spans go to /v1/traces there. */
  readonly endpoint: string;
  /** From 0 to 1: which part of the traces is kept. */
  readonly share: number;
  /** Names this process, as its log does. */
  readonly service: string;
  readonly version: string;
  readonly clock: Clock;
  /** Called when spans could not be sent, once a minute at most. */
  readonly onTrouble: (error: unknown) => void;
  /** Called with how many spans have come to an end, and to which. */
  readonly onEnd?: ((spans: number, end: SpanEnd) => void) | undefined;
}

/** Spans that wait; about a kilobyte each. */
const MOST_WAITING = 2_048;
const SEND_EVERY_MS = 1 * SECOND;
const SEND_MS = 5 * SECOND;
/** A process that ends waits no longer for its collector. */
const CLOSE_MS = 2 * SECOND;

const KINDS = { server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER };

export function openSpans(options: SpansOptions): SpanSink {
  const { endpoint, share, service, version, clock, onEnd } = options;
  const sampler = new TraceIdRatioBasedSampler(share);
  let nextId: Pick<FinishedSpan, 'traceId' | 'spanId'>;
  const tell = atMostEveryMinute(options);
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: SEND_MS });
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': service, 'service.version': version })),
    // Spans are made when they have ended, with ids that were given before.
    idGenerator: { generateTraceId: () => nextId.traceId, generateSpanId: () => nextId.spanId },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: tellingTrouble(exporter, tell),
        maxQueueSize: MOST_WAITING,
        scheduledDelayMillis: SEND_EVERY_MS,
        exportTimeoutMillis: SEND_MS,
        ...(onEnd && { selfObsMeterProvider: hearing(onEnd) }),
      }),
    ],
  });
  const tracer = provider.getTracer('creator-dashboards', version);

  return {
    keeps: (traceId) => sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED,
    send(finished) {
      const { name, kind, parent, links = [], attributes, from, to, fault } = finished;
      nextId = finished;
      const context = parent ? trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT;
      const span = tracer.startSpan(
        name,
        {
          kind: kind ? KINDS[kind] : SpanKind.INTERNAL,
          startTime: from,
          links: links.map((ref) => ({ context: contextOf(ref) })),
          attributes: { ...attributes, ...(fault !== null && { 'error.type': fault }) },
        },
        context,
      );
      if (fault !== null) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(to);
    },
    async close() {
      const closed = provider.shutdown().catch(() => undefined); // told by the exporter
      await within(clock, CLOSE_MS, closed, () => new Error(`not sent within ${CLOSE_MS} ms at the end`)).catch(tell);
    },
  };
}

/** For a processor of spans: what it counts of itself, by what ended them. */
function hearing(onEnd: NonNullable<SpansOptions['onEnd']>): MeterProvider {
  const endOf = (error: unknown): SpanEnd => {
    if (error === undefined) return 'sent';
    return error === 'queue_full' ? 'dropped' : 'failed';
  };
  const meter: Meter = Object.assign(Object.create(createNoopMeter()) as Meter, {
    createCounter: (): Counter => ({ add: (spans, attributes) => onEnd(spans, endOf(attributes?.['error.type'])) }),
  });
  return { getMeter: () => meter };
}

function contextOf(ref: SpanRef): SpanContext {
  return { ...ref, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

function tellingTrouble(exporter: SpanExporter, tell: (error: unknown) => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error) tell(result.error);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}

function atMostEveryMinute({ clock, onTrouble }: Pick<SpansOptions, 'clock' | 'onTrouble'>): SpansOptions['onTrouble'] {
  let toldAt = -Infinity;
  return (error) => {
    const now = clock.monotonic();
    if (now - toldAt < MINUTE) return;
    toldAt = now;
    onTrouble(error);
  };
}
