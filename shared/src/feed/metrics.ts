/** Prometheus metrics of the feeds of a process: what became of the events, and the state of each feed. */
import { Counter, Gauge } from 'prom-client';
import type { BatchCounts } from '../feed.js';
import type { FeedStatus } from './feed-status.js';
import type { Metrics } from '../process/metrics.js';

/**
 * Registers the feeds' metrics. `statuses` is called at each scrape. Returns the function to call after each batch of a feed, in
 * which applied + not_mine + parked + duplicate + discarded = events seen.
 */
export function observeFeeds(
  { registry }: Pick<Metrics, 'registry'>,
  statuses: () => Promise<readonly FeedStatus[]>,
): (feed: string, counts: BatchCounts) => void {
  const registers = [registry];
  let asked: Promise<readonly FeedStatus[] | null> | null = null;
  /**
   * The gauges of one scrape are collected together and share one status; null if it failed: a store that is away must not hide all
   * metrics.
   */
  const current = () =>
    (asked ??= statuses()
      .catch(() => null)
      .finally(() => (asked = null)));
  new Gauge({
    name: 'feed_status_known',
    help: '1 when the feeds could be looked at for this scrape; 0 leaves their gauges as they were',
    registers,
    async collect() {
      this.set((await current()) === null ? 0 : 1);
    },
  });
  const gauge = (name: string, help: string, value: (status: FeedStatus) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['feed'] as const,
      registers,
      async collect() {
        const known = await current();
        if (known === null) return;
        this.reset(); // else a feed that has ended would be reported for ever
        for (const status of known) this.set({ feed: status.name }, value(status));
      },
    });
  gauge('feed_lag_events', 'Events the feed has not seen', ({ lagEvents }) => lagEvents);
  gauge(
    'feed_lag_seconds',
    'Age of the oldest event the feed has not seen, 0 at the head',
    (status) => status.lagSeconds,
  );
  gauge('feed_parked_keys', 'Keys held because of a broken event', ({ parkedKeys }) => parkedKeys);
  gauge('feed_oldest_parked_seconds', 'Age of the oldest event that holds a key', (of) => of.oldestParkedSeconds);
  gauge('feed_active', '1 where this process runs the feed, 0 where it stands by', ({ role }) =>
    role === 'active' ? 1 : 0,
  );
  gauge('feed_stopped', '1 when the feed needs an operator', ({ role }) => (role === 'stopped' ? 1 : 0));
  const events = new Counter({
    name: 'feed_events_total',
    help: 'Events seen by a feed, by what became of them',
    labelNames: ['feed', 'outcome'] as const,
    registers,
  });
  return (feed, { applied, notMine, parked, duplicate, discarded }) => {
    const outcomes = { applied, not_mine: notMine, parked, duplicate, discarded };
    for (const [outcome, count] of Object.entries(outcomes)) events.inc({ feed, outcome }, count);
  };
}
