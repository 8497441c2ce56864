/** Prometheus metric of views that other code built than this process has. */
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { Gauge } from 'prom-client';
import { ALIASES, type Alias } from '@creator-dashboards/shared/views/alias';
import { BUILDS, foldOf, idOf, type Build } from './builds.js';

interface CodeMetricOptions {
  readonly metrics: Pick<Metrics, 'registry'>;
  readonly reads: Pick<ReadStore, 'getMany'>;
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
      const code = await codeOfServed(reads, views).catch(() => null);
      for (const [view, isOurs] of code ?? []) this.set({ view }, isOurs ? 0 : 1);
    },
  });
}

/** Whether the code of this process built what is served, by view. Two reads in all: of a store that is away, each may take seconds. */
async function codeOfServed(reads: CodeMetricOptions['reads'], views: ViewRegistry): Promise<Map<string, boolean>> {
  const aliases = await reads.getMany<Alias>(ALIASES, Object.keys(views));
  const builds = await reads.getMany<Build>(
    BUILDS,
    [...aliases.values()].map(({ _id, generation }) => idOf(_id, generation)),
  );
  return new Map(
    Object.values(views).flatMap((view) => {
      const build = builds.get(idOf(view.name, aliases.get(view.name)?.generation ?? ''));
      return build ? [[view.name, build.fold === foldOf(view)] as const] : [];
    }),
  );
}
