/**
 * Traces: what a request led to, as spans that say what took how long and what caused it. Loaded only where traces are wanted; all
 * others know its types alone. Nothing here may change what the traced work does: neither its result nor its errors.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { inBlocks, type Random } from '../ids.js';
import type { Clock } from '../time.js';

/** Names a span by ids alone: it may be one of another process, or of another year. */
export interface SpanRef {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
}

/** Never a name, a text, an address or a secret of a person: traces are kept where nobody erases them. */
export type Attributes = Readonly<Record<string, string | number | readonly string[]>>;

export interface SpanStart {
  /** One of few: never with an id in it. */
  readonly name: string;
  readonly traceId: string;
  readonly kind?: 'server' | 'producer' | 'consumer';
  /** In the same trace. Unless given, it is the span around this one if that is of the same trace. */
  readonly parent?: SpanRef | undefined;
  readonly links?: readonly SpanRef[];
  readonly attributes?: Attributes;
}

export interface FinishedSpan extends SpanStart {
  readonly spanId: string;
  /** In milliseconds since the epoch, with fractions. */
  readonly from: number;
  readonly to: number;
  /** The kind of error that ended it, never its message; null where none did. */
  readonly fault: string | null;
}

/** What became of a span: sent; refused, or not taken in time; or left out, since too many were waiting. */
export type SpanEnd = 'sent' | 'failed' | 'dropped';

/** Where spans go. */
export interface SpanSink {
  /** Whether spans of this trace are kept: the same in every process, since it follows from the id alone. */
  keeps(traceId: string): boolean;
  /** Returns at once and never throws. What cannot be sent in time is dropped. */
  send(span: FinishedSpan): void;
  /** Sends what is left, within a bound of time. Never rejects. */
  close(): Promise<void>;
}

/** A span under way. What it is told counts once it has ended. */
export interface OpenSpan {
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** Gives it an id that others can find out. Only for a span without children. */
  identify(spanId: string): void;
}

export interface Tracer extends Pick<SpanSink, 'keeps' | 'close'> {
  /** Runs `work` in a span, which ends with it; what `work` returns or throws is passed on. */
  span<T>(start: SpanStart, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** A span that was timed by `time`; returns what names it. */
  record(span: SpanStart & Pick<FinishedSpan, 'from' | 'to' | 'fault'>): SpanRef;
  /** Now, in milliseconds since the epoch, with fractions. */
  time(): number;
  newTraceId(): string;
  /** The span in which this is called. */
  current(): SpanRef | undefined;
}

export interface TracerOptions {
  readonly sink: SpanSink;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly random: Random;
}

/** By how much the time of day may differ from what was measured on before it is believed again, in milliseconds. */
const DRIFT_MS = 2;

export function createTracer({ sink, clock, random }: TracerOptions): Tracer {
  const around = new AsyncLocalStorage<SpanRef>();
  const source = inBlocks(random);
  const newSpanId = () => Buffer.from(source.bytes(8)).toString('hex');
  let origin = clock.now() - clock.monotonic();

  function time(): number {
    const measured = clock.monotonic();
    if (Math.abs(clock.now() - origin - measured) > DRIFT_MS) origin = clock.now() - measured;
    return origin + measured;
  }

  async function span<T>(start: SpanStart, work: (span: OpenSpan) => Promise<T>): Promise<T> {
    const { traceId } = start;
    const ref = { traceId, spanId: newSpanId() };
    if (!sink.keeps(traceId)) return around.run(ref, work, UNSEEN);
    const outer = around.getStore();
    const parent = start.parent ?? (outer?.traceId === traceId ? outer : undefined);
    const ended = { ...start, parent, spanId: ref.spanId, attributes: { ...start.attributes } };
    const from = time();
    let fault: string | null = null;
    try {
      return await around.run(ref, work, {
        rename: (name) => void (ended.name = name),
        set: (attributes) => void Object.assign(ended.attributes, attributes),
        identify: (spanId) => void (ended.spanId = spanId),
      });
    } catch (error) {
      fault = faultOf(error);
      throw error;
    } finally {
      sink.send({ ...ended, from, to: time(), fault });
    }
  }

  return {
    span,
    time,
    keeps: (traceId) => sink.keeps(traceId),
    record(finished) {
      const spanId = newSpanId();
      sink.send({ ...finished, spanId });
      return { traceId: finished.traceId, spanId };
    },
    newTraceId: () => newSpanId() + newSpanId(),
    current: () => around.getStore(),
    close: () => sink.close(),
  };
}

/** The kind of an error, as a span names it. */
export function faultOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}

/** A span that is not kept. */
const UNSEEN: OpenSpan = { rename: () => undefined, set: () => undefined, identify: () => undefined };
