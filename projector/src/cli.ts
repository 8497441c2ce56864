/** The entry of the operator's command line. */
import { views } from '@creator-dashboards/shared/views/registry';
import { runCommandLine } from './cli/program.js';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  views,
  out: process.stdout,
  err: process.stderr,
});
