/** Prometheus metrics of rebuilds, from the plans in the store, so that every projector reports the same. */
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import { fromInstant, SECOND, type WallClock } from '@creator-dashboards/shared/time';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { Gauge } from 'prom-client';
import { newestRebuilds, REBUILDS, type Rebuild } from './plan.js';
import { progressOf, type Progress } from './work.js';

interface RebuildMetricsOptions {
  readonly metrics: Pick<Metrics, 'registry'>;
  readonly reads: Pick<ReadStore, 'getMany' | 'count'>;
  readonly clock: WallClock;
  readonly views: ViewRegistry;
}

/** Registers the gauges of the newest plan of each view. They keep their values while the store is unreachable. */
export function observeRebuilds({ metrics, reads, clock, views }: RebuildMetricsOptions): void {
  const names = Object.keys(views);

  function gauge(
    name: string,
    help: string,
    labels: readonly string[],
    collect: (gauge: Gauge) => Promise<void>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [metrics.registry],
      collect() {
        return collect(this).catch(() => undefined);
      },
    });
  }
  const ofNewest = (name: string, help: string, value: (plan: Rebuild) => number) =>
    gauge(name, help, ['view'], async (gauge) => {
      for (const [view, plan] of await newestRebuilds(reads, names)) gauge.set({ view }, value(plan));
    });

  async function runningOnes(): Promise<[string, Progress][]> {
    const running = [...(await newestRebuilds(reads, names))].filter(([, { state }]) => state === 'RUNNING');
    return running.map(([view, plan]) => [view, progressOf(plan)]);
  }

  gauge('rebuild_state', '1 for the state of the newest rebuild of a view', ['view', 'state'], async (gauge) => {
    const newest = await newestRebuilds(reads, names);
    gauge.reset();
    for (const [view, { state }] of newest) gauge.set({ view, state }, 1);
  });
  ofNewest('rebuild_progress', 'How far it is, 0 to 1', (plan) => progressOf(plan).part);
  ofNewest('rebuild_events', 'How many events were read for it', ({ work }) => work.events);
  ofNewest('rebuild_documents', 'How many documents it has, counted every few seconds', ({ work }) => work.documents);
  gauge('rebuild_events_per_second', 'How fast the replay under way is', ['view'], async (gauge) => {
    gauge.reset();
    for (const [view, { eventsPerSecond }] of await runningOnes())
      if (eventsPerSecond !== null) gauge.set({ view }, eventsPerSecond);
  });
  gauge('rebuild_seconds_left', 'How long the replay still takes, and its band', ['view', 'bound'], async (gauge) => {
    gauge.reset();
    for (const [view, { secondsLeft, secondsLeftFrom, secondsLeftTo }] of await runningOnes())
      for (const [bound, seconds] of Object.entries({
        estimate: secondsLeft,
        from: secondsLeftFrom,
        to: secondsLeftTo,
      }))
        if (seconds !== null) gauge.set({ view, bound }, seconds);
  });
  ofNewest('rebuild_seconds', 'How long it has taken so far, or took', ({ startedAt, finishedAt }) => {
    const end = finishedAt === null ? clock.now() : fromInstant(finishedAt);
    return Math.max(0, end - fromInstant(startedAt)) / SECOND;
  });
  gauge('rebuild_failures', 'Rebuilds of a view that have failed, ever', ['view'], async (gauge) => {
    for (const view of names) gauge.set({ view }, await reads.count(REBUILDS, { view, state: 'FAILED' }));
  });
}
