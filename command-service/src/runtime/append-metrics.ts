/** Prometheus metric of appends, by what became of them. */
import type { EventStore } from '@creator-dashboards/shared/ports';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import { Counter } from 'prom-client';

/**
 * The store, whose appends are counted: `written`; `conflict`, where another append was first, and `repeated`, where the batch was there
 * already: after both the command is decided again; `failed`, where the store threw.
 */
export function observeAppends({ registry }: Pick<Metrics, 'registry'>, store: EventStore): EventStore {
  const appends = new Counter({
    name: 'appends_total',
    help: 'Appends to the event store; a command is decided again after those with the outcome conflict or repeated',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return {
    ...store,
    async append(stream, expected, events) {
      let outcome = 'failed';
      try {
        const result = await store.append(stream, expected, events);
        outcome = !result.ok ? 'conflict' : result.repeated ? 'repeated' : 'written';
        return result;
      } finally {
        appends.inc({ outcome });
      }
    },
  };
}
