/** Tells when the audit's index can go on no more: the log is not what was signed, or another one. */
import type { Log } from '@creator-dashboards/shared/process/log';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import { Gauge } from 'prom-client';
import { roundsIn } from './rounds.js';

const INDEX_STOPPED = "the audit's index is written no more; searches go on as far as the log after it is short";

/** Returns what is to be called with the error when the indexer stops. */
export function observeIndexer({
  metrics,
  log,
  stores: { reads },
}: {
  readonly metrics: Pick<Metrics, 'registry'>;
  readonly log: Pick<Log, 'error'>;
  readonly stores: { readonly reads: Pick<ReadStore, 'get'> };
}) {
  const stopped = new Gauge({
    name: 'audit_index_stopped',
    help: "1 when the audit's index was stopped for good, since the log is not what was signed or indexed",
    registers: [metrics.registry],
  });
  stopped.set(0);
  new Gauge({
    name: 'audit_log_faults',
    help: 'Events that are not what was indexed, by the comparison of the whole log under way or that of the day before',
    registers: [metrics.registry],
    async collect() {
      // It keeps its value while the store is unreachable.
      const rounds = await roundsIn(reads).catch(() => null);
      if (rounds === null) return;
      const [present, last] = rounds;
      this.set(present?.endedAt ? present.faults : Math.max(present?.faults ?? 0, last?.faults ?? 0));
    },
  });
  return (error: unknown): void => {
    stopped.set(1);
    log.error({ err: error }, INDEX_STOPPED);
  };
}
