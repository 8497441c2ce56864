import { expect } from 'chai';
import { Registry } from 'prom-client';
import type { FeedStatus } from '../../src/feed/feed-status.js';
import { observeFeeds } from '../../src/feed/metrics.js';

const status = (name: string, changes: Partial<FeedStatus> = {}): FeedStatus => ({
  name,
  role: 'active',
  position: 7n,
  lagEvents: 0,
  lagSeconds: 0,
  parkedKeys: 0,
  oldestParkedSeconds: 0,
  error: null,
  ...changes,
});

describe('The metrics of feeds', () => {
  let statuses: () => Promise<readonly FeedStatus[]>;
  let registry: Registry;
  let count: ReturnType<typeof observeFeeds>;
  beforeEach(() => {
    registry = new Registry();
    count = observeFeeds({ registry }, () => statuses());
  });
  /** What Prometheus would read, without the lines that explain it. */
  const scrape = async () => (await registry.metrics()).split('\n').filter((line) => line && !line.startsWith('#'));

  it('show the status of each feed, which is asked for once a scrape', async () => {
    let looks = 0;
    statuses = async () => {
      looks += 1;
      return [
        status('a', { lagEvents: 3, lagSeconds: 1.5, parkedKeys: 2, oldestParkedSeconds: 90 }),
        status('b', { role: 'standby' }),
        status('c', { role: 'stopped' }),
      ];
    };
    expect(await scrape()).to.deep.equal([
      'feed_status_known 1',
      'feed_lag_events{feed="a"} 3',
      'feed_lag_events{feed="b"} 0',
      'feed_lag_events{feed="c"} 0',
      'feed_lag_seconds{feed="a"} 1.5',
      'feed_lag_seconds{feed="b"} 0',
      'feed_lag_seconds{feed="c"} 0',
      'feed_parked_keys{feed="a"} 2',
      'feed_parked_keys{feed="b"} 0',
      'feed_parked_keys{feed="c"} 0',
      'feed_oldest_parked_seconds{feed="a"} 90',
      'feed_oldest_parked_seconds{feed="b"} 0',
      'feed_oldest_parked_seconds{feed="c"} 0',
      'feed_active{feed="a"} 1',
      'feed_active{feed="b"} 0',
      'feed_active{feed="c"} 0',
      'feed_stopped{feed="a"} 0',
      'feed_stopped{feed="b"} 0',
      'feed_stopped{feed="c"} 1',
    ]);
    expect(looks).to.equal(1);
    await scrape();
    expect(looks).to.equal(2);
  });

  it('drop a feed that has ended, and keep the last values while the status cannot be read', async () => {
    statuses = async () => [status('a'), status('b', { lagEvents: 9 })];
    await scrape();
    statuses = async () => [status('b', { lagEvents: 9 })];
    expect((await scrape()).filter((line) => line.startsWith('feed_lag_events'))).to.deep.equal([
      'feed_lag_events{feed="b"} 9',
    ]);
    statuses = () => Promise.reject(new Error('the store is away'));
    const lines = await scrape();
    expect(lines).to.include('feed_status_known 0').and.to.include('feed_lag_events{feed="b"} 9');
  });

  it('count what became of the events', async () => {
    statuses = async () => [];
    count('a', { seen: 15, applied: 1, notMine: 2, parked: 3, duplicate: 4, discarded: 5 });
    count('a', { seen: 1, applied: 1, notMine: 0, parked: 0, duplicate: 0, discarded: 0 });
    expect((await scrape()).filter((line) => line.startsWith('feed_events_total'))).to.deep.equal([
      'feed_events_total{feed="a",outcome="applied"} 2',
      'feed_events_total{feed="a",outcome="not_mine"} 2',
      'feed_events_total{feed="a",outcome="parked"} 3',
      'feed_events_total{feed="a",outcome="duplicate"} 4',
      'feed_events_total{feed="a",outcome="discarded"} 5',
    ]);
  });

  it('have a help text each', async () => {
    statuses = async () => [];
    const help = (await registry.metrics()).split('\n').filter((line) => line.startsWith('# HELP'));
    expect(help).to.have.length(8);
    for (const line of help) expect(line).to.match(/^# HELP feed_\w+ \S+ /);
  });
});
