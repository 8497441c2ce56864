/** The entry of the auditor's command line, with what the command service knows about its streams. */
import { snapshotFault } from '@creator-dashboards/command-service/runtime/snapshot-check';
import { runAudit } from '@creator-dashboards/query-service/audit/cli/program';

process.exitCode = await runAudit(process.argv.slice(2), { snapshotFault, out: process.stdout, err: process.stderr });
