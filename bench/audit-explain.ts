/** How long the audit takes to explain a number of a creator with so many events. */
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
import { holds, quantile } from './figures.js';
import { fillLog } from './made-log.js';

const SIZES = [1_000, 10_000, 100_000];
const FIELDS = ['responseRate', 'totalEarnings', 'walletBalance'];
const ROUNDS = 5;
/** For so many events, embedded. */
const BOUND_MS: Readonly<Record<number, number>> = { 10_000: 150 };

/** False where it takes too long. */
export async function benchExplain(): Promise<boolean> {
  const results: boolean[] = [];
  for (const events of SIZES) results.push(await explaining(events));
  return results.every(Boolean);
}

async function explaining(count: number): Promise<boolean> {
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
        const answer = await explain(past, { view: 'creatorDashboard', key, field, until }, personal);
        const { user, system } = process.cpuUsage(before);
        taken.push({ ms: systemClock.monotonic() - began, cpu: (user + system) / 1_000 });
        [read, steps] = [answer.read, Math.max(steps, answer.steps.length + answer.stepsLeftOut)];
      }
    await indexer.stop();
    const told = (of: 'ms' | 'cpu') =>
      quantile(
        taken.map((one) => one[of]),
        0.5,
      );
    return holds({
      name: `Audit: explain ${read} events of one creator (${steps} steps)`,
      ...{ value: told('ms'), most: BOUND_MS[count] ?? Infinity, unit: 'ms' },
      beside: `${told('cpu').toFixed(0)} ms of the processor   (medians of ${taken.length})`,
    });
  } finally {
    await stores.close();
    rmSync(place, { recursive: true });
  }
}
