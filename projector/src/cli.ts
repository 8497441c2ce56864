/** The entry of the operator's command line. */
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views } from '@creator-dashboards/shared/views/registry';
import { runCommandLine } from './cli/program.js';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  views: withFingerprints(views),
  out: process.stdout,
  err: process.stderr,
});
