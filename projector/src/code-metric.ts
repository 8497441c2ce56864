/** Prometheus metric of views that other code built than this process has. */
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { Gauge } from 'prom-client';
import { codeThatBuilt } from './builds.js';
import { aliasOf } from './generations.js';

interface CodeMetricOptions {
  readonly metrics: Pick<Metrics, 'registry'>;
  readonly reads: Pick<ReadStore, 'get'>;
  readonly views: ViewRegistry;
}

/** It keeps its value while the store is unreachable. */
export function observeCode({ metrics, reads, views }: CodeMetricOptions): void {
  new Gauge({
    name: 'view_built_by_other_code',
    help: '1 where other code than this built what is served of a view, so that this process writes nothing into it',
    labelNames: ['view'],
    registers: [metrics.registry],
    async collect() {
      for (const view of Object.values(views)) {
        const alias = await aliasOf(reads, view.name).catch(() => null);
        if (!alias) continue;
        const code = await codeThatBuilt(reads, view, alias.generation).catch(() => undefined);
        if (code !== undefined) this.set({ view: view.name }, code === view ? 0 : 1);
      }
    },
  });
}
