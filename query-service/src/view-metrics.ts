/** Prometheus metrics of the views served here: whether any process feeds them. */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { createSilence } from '@creator-dashboards/shared/feed/silence';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import { ALIASES, feedNameOf, type Alias } from '@creator-dashboards/shared/views/alias';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { Gauge } from 'prom-client';

interface ViewMetricsOptions {
  readonly reads: Pick<ReadStore, 'getMany'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly views: ViewRegistry;
}

/** Registers the gauge. Its value comes from the store, so it is right even if no projector runs at all. */
export function observeViews(
  { registry }: Pick<Metrics, 'registry'>,
  { reads, clock, views }: ViewMetricsOptions,
): void {
  const silence = createSilence(clock);

  async function look(gauge: Gauge): Promise<void> {
    const aliases = await reads.getMany<Alias>(ALIASES, Object.keys(views));
    const feeds = new Map([...aliases.values()].map(({ _id, generation }) => [feedNameOf(_id, generation), _id]));
    const checkpoints = await reads.getMany<Checkpoint>(CHECKPOINTS, [...feeds.keys()]);
    for (const checkpoint of checkpoints.values())
      gauge.set({ view: feeds.get(checkpoint._id) ?? '' }, silence(checkpoint) / SECOND);
  }
  new Gauge({
    name: 'view_silent_seconds',
    help: 'How long nobody has fed the generation of a view that is served',
    labelNames: ['view'],
    registers: [registry],
    collect() {
      return look(this).catch(() => undefined);
    },
  });
}
