/** Prometheus metric of missing keys (a key store older than the log, domain G63); each one is logged, too. */
import { Counter } from 'prom-client';
import type { Log } from './process/log.js';
import type { Metrics } from './process/metrics.js';
import type { KeyMissing } from './store-errors.js';

/** Registers the metric. Returns the function to call for each missing key. */
export function observeMissingKeys({ registry }: Pick<Metrics, 'registry'>, log: Log): (error: KeyMissing) => void {
  const missing = new Counter({
    name: 'keys_missing_total',
    help: 'Times that a key was needed which must be in the key store and is not: the key store is older than the log',
    registers: [registry],
  });
  return (error) => {
    missing.inc();
    log.error({ err: error }, 'a key is missing');
  };
}
