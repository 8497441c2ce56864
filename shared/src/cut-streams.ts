/** What Prometheus can ask of streams whose beginning is hidden (domain G65); each time is logged, too. */
import { Counter } from 'prom-client';
import type { Log } from './process/log.js';
import type { Metrics } from './process/metrics.js';
import type { StreamCut } from './store-errors.js';

/** Registers the metric. Answers what to call each time that a stream is found cut. */
export function observeCutStreams({ registry }: Pick<Metrics, 'registry'>, log: Log): (error: StreamCut) => void {
  const cut = new Counter({
    name: 'streams_cut_total',
    help: 'Times that a stream was needed whose beginning is hidden in the event store',
    registers: [registry],
  });
  return (error) => {
    cut.inc();
    log.error({ err: error }, 'a stream was cut');
  };
}
