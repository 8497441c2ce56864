import { Counter } from 'prom-client';
import type { Metrics } from '../process/metrics.js';
import type { SpanEnd } from './tracer.js';

/** Registers what became of spans; returns what counts them. */
export function countSpans({ registry }: Pick<Metrics, 'registry'>): (spans: number, end: SpanEnd) => void {
  const ended = new Counter({
    name: 'trace_spans_total',
    help: 'Spans of traces by what became of them: sent, failed to be sent, dropped since too many were waiting',
    labelNames: ['end'] as const,
    registers: [registry],
  });
  return (spans, end) => ended.inc({ end }, spans);
}
