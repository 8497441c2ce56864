/** Metrics of one process in a registry of its own (Prometheus text at /metrics). Others register theirs in `registry`. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { version } from './version.js';

export interface Metrics {
  readonly registry: Registry;
  /** Duration of HTTP requests in seconds, by method, route template and status. Never by raw path, which callers choose freely. */
  readonly httpDuration: Histogram<'method' | 'route' | 'status'>;
  /** Present use of each bound at the edge (requests, bodies being received, connections). */
  readonly edgeHeld: Gauge<'bound'>;
  /** Has `edgeHeld` ask for a bound's present use when it is read: every request takes and gives a place. */
  edgeHolds(bound: string, held: () => number): void;
  /** What was refused because a bound was reached. */
  readonly edgeRefused: Counter<'bound'>;
}

/**
 * `service` names the process, as its log does. `processMetrics` adds CPU, memory, event-loop and garbage-collection figures of this
 * process.
 */
export function createMetrics({ service = 'test', processMetrics = true } = {}): Metrics {
  const registry = new Registry();
  new Gauge({
    name: 'build_info',
    help: '1: which service this process is, of which release, on which Node',
    labelNames: ['service', 'version', 'node'],
    registers: [registry],
  }).set({ service, version, node: process.versions.node }, 1);
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const httpDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests by method, route template and status',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const held = new Map<string, () => number>();
  const edgeHeld = new Gauge({
    name: 'http_edge_held',
    help: 'Places that are taken: requests under way, bodies on their way, connections',
    labelNames: ['bound'] as const,
    registers: [registry],
    collect() {
      for (const [bound, taken] of held) this.set({ bound }, taken());
    },
  });
  const edgeRefused = new Counter({
    name: 'http_edge_refused_total',
    help: 'What was turned away because no place was free, by what was full',
    labelNames: ['bound'] as const,
    registers: [registry],
  });
  const edgeHolds: Metrics['edgeHolds'] = (bound, taken) => void held.set(bound, taken);
  return { registry, httpDuration, edgeHeld, edgeHolds, edgeRefused };
}
