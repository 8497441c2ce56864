/** Prometheus metric of streams whose beginning is hidden (cut streams, domain G65); each case is logged, too. */
import { Counter } from 'prom-client';
import type { Log } from './process/log.js';
import type { Metrics } from './process/metrics.js';
import type { StreamCut } from './store-errors.js';

/** Registers the metric. Returns the function to call each time a stream is found cut. */
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
