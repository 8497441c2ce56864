/** Opens the data of a process that is gone, as its next start would, and checks it against all invariants. */
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { createSystem } from '../../system.js';
import { digestOf, laterClock, testFoundation } from './in-process.js';
import { expectKept, expectInvariants, readLog } from './invariants.js';
import type { LedgerEntry } from './ledger.js';

/**
 * First what stopped half-way and was not asked again is undone, and every follow-up and every view is brought to the
 * head. Answers the log.
 */
export async function finalChecks(dataDir: string, asked: readonly LedgerEntry[]): Promise<RecordedEvent[]> {
  const foundation = await testFoundation({ DATA_DIR: dataDir }, { clock: laterClock });
  const { stores } = foundation;
  try {
    const system = createSystem(foundation);
    await system.catchUp();
    await system.commands.tick();
    await system.catchUp();
    await system.catchUp(); // What the policies did last.
    const log = await readLog(stores.events);
    expectKept(asked, log, await digestOf(stores));
    await expectInvariants(stores, log);
    await system.stop();
    return log;
  } finally {
    await stores.close();
  }
}
