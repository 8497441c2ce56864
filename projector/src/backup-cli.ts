/** The entry of `npm run backup`. */
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { runBackup } from './backup/command.js';

const views = withFingerprints(registry);

process.umask(0o077); // copies hold keys and personal data: readable by their owner only
process.exitCode = await runBackup(process.argv.slice(2), { views, out: process.stdout, err: process.stderr });
