/** Prometheus metric of the differences of the money. */
import { DIFFERENCES } from '@creator-dashboards/shared/ledger/differences';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import { Gauge } from 'prom-client';

/** It keeps its value while the store is unreachable. */
export function observeDifferences({ registry }: Pick<Metrics, 'registry'>, reads: Pick<ReadStore, 'count'>): void {
  new Gauge({
    name: 'money_differences_open',
    help: 'Differences of the money that nobody has acknowledged; while there is one, no payout is approved or processed',
    registers: [registry],
    async collect() {
      const open = await reads.count(DIFFERENCES, { open: true }).catch(() => null);
      if (open !== null) this.set(open);
    },
  });
}
