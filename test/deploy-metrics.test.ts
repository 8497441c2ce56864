/** What Prometheus and Grafana query, held against what the services export. */
import { observeClock } from '@creator-dashboards/command-service/runtime/clock-metrics';
import { observeAdmissions } from '@creator-dashboards/command-service/runtime/admission-metrics';
import { observeDifferences } from '@creator-dashboards/command-service/runtime/difference-metrics';
import { observeLogins } from '@creator-dashboards/command-service/runtime/login-attempts';
import { observeFeeds } from '@creator-dashboards/shared/feed/metrics';
import { observeCutStreams } from '@creator-dashboards/shared/cut-streams';
import { observeMissingKeys } from '@creator-dashboards/shared/missing-keys';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { observeDisk } from '@creator-dashboards/shared/process/disk-metrics';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { moveAlias } from '@creator-dashboards/projector/generations';
import { observeRebuilds } from '@creator-dashboards/projector/rebuild/metrics';
import { updateRebuild } from '@creator-dashboards/projector/rebuild/plan';
import { planRebuild } from '@creator-dashboards/projector/rebuild/planner';
import { observeIndexer } from '@creator-dashboards/query-service/audit/index-metric';
import { observeViews } from '@creator-dashboards/query-service/view-metrics';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const readYaml = <T>(path: string) => parse(read(path), { merge: true }) as T;

interface Compose {
  readonly services: Readonly<Record<string, { build?: string; environment?: Record<string, string | number> }>>;
}

interface ScrapeConfig {
  readonly job_name: string;
  readonly static_configs?: readonly { targets: string[] }[];
  readonly dns_sd_configs?: readonly { names: string[]; port: number }[];
}
interface Alerts {
  readonly groups: readonly { rules: { alert: string; expr: string }[] }[];
}
interface Dashboard {
  readonly panels: readonly { datasource?: { uid: string }; targets?: readonly { expr: string }[] }[];
}

async function readsWithAFailedRebuild() {
  const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
  const reads = openReadStore(join(folder, 'views.db'));
  const ports = { reads, events: { head: async () => 0n }, clock: systemClock };
  await moveAlias(reads, 'message', null, { generation: 'v1', position: 0n });
  const checkpoint = { _id: 'message.v1', position: 0n, eventId: null, token: 1, owner: '', beat: 1 };
  await reads.write(CHECKPOINTS, [{ document: checkpoint, expected: null }]);
  const plan = await planRebuild(ports, { name: 'message', version: 1 });
  if (plan) await updateRebuild(reads, plan, { state: 'FAILED' });
  const close = async () => {
    await reads.close();
    rmSync(folder, { recursive: true });
  };
  return { reads, close };
}

describe('Prometheus and Grafana', () => {
  const alerts = readYaml<Alerts>('deploy/prometheus/alerts.yml').groups.flatMap(({ rules }) => rules);
  const { panels } = JSON.parse(read('deploy/grafana/dashboards/creator-dashboards.json')) as Dashboard;
  const queries = [...alerts, ...panels.flatMap(({ targets = [] }) => targets)].map(({ expr }) => expr);

  it('scrape every service where it listens', () => {
    const { scrape_configs } = readYaml<{ scrape_configs: ScrapeConfig[] }>('deploy/prometheus/prometheus.yml');
    const asked = scrape_configs.map(({ job_name, static_configs = [], dns_sd_configs = [] }) => [
      job_name,
      ...static_configs.flatMap(({ targets }) => targets),
      ...dns_sd_configs.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
    ]);
    const { services } = readYaml<Compose>('docker-compose.yml');
    const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);
    const listening = ours.map(([name, service]) => [name, `${name}:${service.environment?.PORT}`]);
    expect(asked).to.have.deep.members(listening);
  });

  it('use only metrics and labels that the services export', async () => {
    const metrics = createMetrics();
    const disk = mkdtempSync(join(tmpdir(), 'metrics-'));
    observeDisk(metrics, readEnvironment({ DATA_DIR: disk }));
    const status = { position: 1n, lagEvents: 0, lagSeconds: 0, parkedKeys: 0, oldestParkedSeconds: 0, error: null };
    const seen = observeFeeds(metrics, () => Promise.resolve([{ name: 'a', role: 'active', ...status }]));
    seen('a', { seen: 5, applied: 1, notMine: 1, parked: 1, duplicate: 1, discarded: 1 });
    observeClock(metrics)('a', { done: 1, failed: 1 });
    observeMissingKeys(metrics, silentLog);
    observeCutStreams(metrics, silentLog);
    metrics.httpDuration.observe({ method: 'GET', route: '/a', status: '200' }, 1);
    observeLogins(metrics);
    const { reads, close } = await readsWithAFailedRebuild();
    observeIndexer({ metrics, log: silentLog, stores: { reads } });
    observeRebuilds({ metrics, reads, clock: systemClock, views });
    observeDifferences(metrics, reads);
    observeAdmissions(metrics, reads, systemClock);
    observeViews(metrics, { reads, clock: systemClock, views });
    metrics.edgeRefused.inc({ bound: 'a' });
    const exported = [...(await metrics.registry.metrics()).matchAll(/^(\w+)(?:\{(.+)\})? /gm)];
    await close();
    rmSync(disk, { recursive: true });
    const names = new Set(['up', ...exported.map(([, name]) => name)]);
    const labels = new Set(['job', 'instance', ...exported.flatMap(([, , list = '']) => labelsIn(list))]);

    const used = queries.map(namesIn);
    expect(used.every(({ metrics }) => metrics.length > 0)).to.be.true;
    expect(used.flatMap(({ metrics }) => metrics).filter((name) => !names.has(name))).to.deep.equal([]);
    expect(used.flatMap(({ labels }) => labels).filter((label) => !labels.has(label))).to.deep.equal([]);
  });

  it('watch every way in which the dashboards can fall behind', () => {
    const watched = new Set(alerts.flatMap(({ expr }) => namesIn(expr).metrics));
    expect([...watched]).to.include.members([
      ...['up', 'feed_status_known', 'feed_active', 'feed_lag_seconds', 'feed_stopped', 'feed_parked_keys'],
      'feed_oldest_parked_seconds',
      ...[
        'audit_index_stopped',
        'audit_log_faults',
        'money_differences_open',
        'admissions_open_old',
        'clock_due_total',
        'keys_missing_total',
        'rebuild_state',
        'view_silent_seconds',
      ],
      ...['build_info', 'data_dir_free_bytes', 'nodejs_eventloop_lag_max_seconds'],
    ]);
    expect(new Set(alerts.map(({ alert }) => alert))).to.have.lengthOf(alerts.length);
    const tests = read('deploy/prometheus/alerts.test.yml');
    expect(alerts.map(({ alert }) => alert).filter((alert) => !tests.includes(alert))).to.deep.equal([]);
  });

  it('know each process that projects by the name under which it tells its release', () => {
    const { expr = '' } = alerts.find(({ alert }) => alert === 'NoProjector') ?? {};
    const [, names = ''] = /build_info\{service=~"([^"]+)"\}/.exec(expr) ?? [];
    const nameIn = (file: string) => /^ {2}name: '([^']+)',$/m.exec(read(file))?.[1];
    expect(names.split('|')).to.have.members([nameIn('projector/src/main.ts'), nameIn('start.ts')]);
  });

  it('show what the provisioned data source has', () => {
    const { datasources } = readYaml<{ datasources: { uid: string; url: string }[] }>(
      'deploy/grafana/provisioning/datasources/prometheus.yml',
    );
    expect(datasources).to.have.lengthOf(1);
    expect(datasources[0]?.url).to.equal('http://prometheus:9090');
    const asked = panels.flatMap(({ datasource }) => datasource?.uid ?? []);
    expect(new Set(asked)).to.deep.equal(new Set([datasources[0]?.uid]));
  });
});

/** The names of `a="b",c="d"`. */
function labelsIn(list: string): string[] {
  return [...list.matchAll(/(\w+)\s*(?:=~?|!=|!~)\s*"/g)].map(([, label = '']) => label);
}

/** What a PromQL expression queries. What is neither a label, a duration, a function nor an operator is a metric. */
function namesIn(expr: string): { metrics: string[]; labels: string[] } {
  const selectors = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) => labelsIn(list));
  const groupings = [...expr.matchAll(/\b(?:by|without|on|ignoring) *\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );
  const rest = expr
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\b(?:by|without|on|ignoring) *\([^)]*\)/g, ' ')
    .replace(/\b[a-z_]\w* *\(/gi, '(');
  const words = (rest.match(/\b[a-z_]\w*/gi) ?? []).filter((word) => !['or', 'and', 'unless'].includes(word));
  return { metrics: words, labels: [...selectors, ...groupings] };
}
