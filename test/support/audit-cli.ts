/** Runs the auditor's command line on the stores in a folder. */
import { snapshotFault } from '@creator-dashboards/command-service/runtime/snapshot-check';
import { runAudit } from '@creator-dashboards/query-service/audit/cli/program';
import { views } from '@creator-dashboards/shared/views/registry';

/** The exit code, and what was printed. */
export async function auditOn(dataDir: string, ...args: readonly string[]) {
  const written = { out: '', err: '' };
  const code = await runAudit(args, {
    ...{ views, snapshotFault, env: { DATA_DIR: dataDir } },
    out: { write: (text) => (written.out += text) },
    err: { write: (text) => (written.err += text) },
  });
  return { code, ...written };
}
