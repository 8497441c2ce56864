import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { observeDisk } from '../../src/process/disk-metrics.js';
import { readEnvironment, type Env } from '../../src/process/environment.js';
import { createMetrics } from '../../src/process/metrics.js';
import { version } from '../../src/process/version.js';

describe('Metrics of a process', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'disk-metrics-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function linesOf(env: Env): Promise<string[]> {
    const metrics = createMetrics({ service: 'projector', processMetrics: false });
    observeDisk(metrics, readEnvironment({ DATA_DIR: folder, ...env }));
    return (await metrics.registry.metrics()).split('\n');
  }
  const servers = {
    EVENT_STORE_URL: 'esdb://127.0.0.1:2113?tls=false',
    READ_STORE_URL: 'mongodb://127.0.0.1/views',
    KEY_STORE_URL: 'mongodb://127.0.0.1/keys',
    QUEUE_URL: 'redis://127.0.0.1',
  };

  it('tell the size of each store file and of what is not in it yet, and what is free', async () => {
    writeFileSync(join(folder, 'events.db'), Buffer.alloc(300));
    writeFileSync(join(folder, 'events.db-wal'), Buffer.alloc(20));
    writeFileSync(join(folder, 'keys.db'), Buffer.alloc(1));
    writeFileSync(join(folder, 'audit.db'), Buffer.alloc(7));
    writeFileSync(join(folder, 'audit.db-wal'), Buffer.alloc(2));
    const lines = await linesOf({});
    expect(lines.filter((line) => line.startsWith('store_file_bytes'))).to.deep.equal([
      'store_file_bytes{file="events.db"} 300',
      'store_file_bytes{file="events.db-wal"} 20',
      'store_file_bytes{file="keys.db"} 1',
      'store_file_bytes{file="audit.db"} 7',
      'store_file_bytes{file="audit.db-wal"} 2',
    ]);
    const free = lines.find((line) => line.startsWith('data_dir_free_bytes '));
    expect(Number(free?.split(' ')[1])).to.be.greaterThan(0);
  });

  it('tell nothing of a folder that is not made yet', async () => {
    const lines = await linesOf({ DATA_DIR: join(folder, 'later') });
    expect(lines.filter((line) => /^(store_file|data_dir)/.test(line))).to.deep.equal([]);
  });

  it('tell of those stores that are files only', async () => {
    writeFileSync(join(folder, 'events.db'), '');
    writeFileSync(join(folder, 'views.db'), '');
    writeFileSync(join(folder, 'audit.db'), '');
    const { EVENT_STORE_URL: _, ...others } = servers;
    const stores = (lines: readonly string[]) => lines.filter((line) => line.startsWith('store_file_bytes'));
    expect(stores(await linesOf(others))).to.deep.equal(['store_file_bytes{file="events.db"} 0']);
    expect((await linesOf(servers)).filter((line) => line.includes('data_dir'))).to.deep.equal([]);
  });

  it('tell which service of which release it is', async () => {
    expect(await linesOf({})).to.include(
      `build_info{service="projector",version="${version}",node="${process.versions.node}"} 1`,
    );
  });
});
