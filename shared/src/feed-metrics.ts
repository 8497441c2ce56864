/** What Prometheus can ask of the feeds of a process: what became of the events, and how each feed stands. */
import { Counter, Gauge } from 'prom-client';
import type { BatchCounts, FeedStatus } from './feed.js';
import type { Metrics } from './metrics.js';

/**
 * Registers the feeds' metrics. `statuses` is asked at each scrape. Answers what to call after each batch of a feed:
 * applied + not_mine + parked + duplicate = events seen.
 */
export function observeFeeds(
  { registry }: Pick<Metrics, 'registry'>,
  statuses: () => Promise<readonly FeedStatus[]>,
): (feed: string, counts: BatchCounts) => void {
  const registers = [registry];
  const labelNames = ['feed'] as const;
  const seconds = new Gauge({
    name: 'feed_lag_seconds',
    help: 'Age of the oldest event the feed has not seen, 0 at the head',
    labelNames,
    registers,
  });
  const parked = new Gauge({
    name: 'feed_parked_keys',
    help: 'Keys held because of a broken event',
    labelNames,
    registers,
  });
  const stopped = new Gauge({ name: 'feed_stopped', help: '1 when an operator is needed', labelNames, registers });
  new Gauge({
    name: 'feed_lag_events',
    help: 'Events the feed has not seen',
    labelNames,
    registers,
    async collect() {
      for (const { name: feed, lagEvents, lagSeconds, parkedKeys, role } of await statuses()) {
        this.set({ feed }, lagEvents);
        seconds.set({ feed }, lagSeconds);
        parked.set({ feed }, parkedKeys);
        stopped.set({ feed }, role === 'stopped' ? 1 : 0);
      }
    },
  });
  const events = new Counter({
    name: 'feed_events_total',
    help: 'Events seen by a feed, by what became of them',
    labelNames: ['feed', 'outcome'] as const,
    registers,
  });
  return (feed, { applied, notMine, parked: held, duplicate }) => {
    events.inc({ feed, outcome: 'applied' }, applied);
    events.inc({ feed, outcome: 'not_mine' }, notMine);
    events.inc({ feed, outcome: 'parked' }, held);
    events.inc({ feed, outcome: 'duplicate' }, duplicate);
  };
}
