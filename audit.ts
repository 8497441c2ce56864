/** The entry of the auditor's command line, with what the command service knows about its streams. */
import { snapshotFault } from '@creator-dashboards/command-service/runtime/snapshot-check';
import { views } from '@creator-dashboards/shared/views/registry';
import { runAudit } from '@creator-dashboards/query-service/audit/cli/program';

process.exitCode = await runAudit(process.argv.slice(2), {
  views,
  snapshotFault,
  out: process.stdout,
  err: process.stderr,
});
