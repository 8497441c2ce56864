/** How long the audit takes to explain a number of a creator with so many events: milliseconds, and of the processor. */
import { explain, formulas } from '@creator-dashboards/query-service/audit/explain';
import { fieldNamed } from '@creator-dashboards/query-service/audit/field';
import { createHeads } from '@creator-dashboards/query-service/audit/heads';
import { createIndexer } from '@creator-dashboards/query-service/audit/indexer';
import { headKeys } from '@creator-dashboards/query-service/audit/signing';
import { createPersonal } from '@creator-dashboards/query-service/audit/personal';
import { connect } from '@creator-dashboards/shared/process/connect';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { createSealer } from '@creator-dashboards/shared/seal';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillLog } from './made-log.js';

const SIZES = [1_000, 10_000, 100_000];
const FIELDS = ['responseRate', 'totalEarnings', 'walletBalance'];
const ROUNDS = 5;
/** For 10,000 events, embedded. */
const TARGET_MS = 150;

export async function benchAudit(size?: number): Promise<void> {
  for (const events of size === undefined ? SIZES : [size]) await benchExplain(events);
}

async function benchExplain(count: number): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'bench-audit-'));
  const stores = await connect(readEnvironment({ DATA_DIR: place }));
  try {
    const [key = ''] = await fillLog(stores.events, count, 1);
    const ports = { ...stores, index: stores.audit, clock: systemClock };
    const heads = createHeads({ ...ports, keys: headKeys([]) });
    const indexer = createIndexer({ ...ports, owner: 'bench', heads });
    await indexer.catchUp();
    const past = { events: stores.events, index: stores.audit, views };
    const sealer = createSealer({ ...stores, clock: systemClock });
    const until = await stores.events.head();
    const taken: { ms: number; cpu: number }[] = [];
    let [read, steps] = [0, 0];
    for (let round = 0; round < ROUNDS; round += 1)
      for (const name of FIELDS) {
        const field = fieldNamed(formulas.creatorDashboard, name);
        if (!field) throw new Error(`there is no ${name}`);
        const [began, before] = [systemClock.monotonic(), process.cpuUsage()];
        const personal = createPersonal(sealer, false);
        const told = await explain(past, { view: 'creatorDashboard', key, field, until }, personal);
        const { user, system } = process.cpuUsage(before);
        taken.push({ ms: systemClock.monotonic() - began, cpu: (user + system) / 1_000 });
        [read, steps] = [told.read, Math.max(steps, told.steps.length + told.stepsLeftOut)];
      }
    const median = (of: 'ms' | 'cpu') => taken.map((one) => one[of]).sort((a, b) => a - b)[taken.length >> 1] ?? 0;
    const target = count === 10_000 ? `, target ${TARGET_MS} ms` : '';
    console.log(
      `audit    explain ${read} events of one creator (${steps} steps)   ${median('ms').toFixed(0)} ms   ` +
        `${median('cpu').toFixed(0)} ms of the processor   (median of ${taken.length}${target})`,
    );
    await indexer.stop();
  } finally {
    await stores.close();
    rmSync(place, { recursive: true });
  }
}
