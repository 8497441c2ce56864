/** The entry of `npm run backup`. */
import { views } from '@creator-dashboards/shared/views/registry';
import { runBackup } from './backup/command.js';

process.umask(0o077); // copies hold keys and personal data: readable by their owner only
process.exitCode = await runBackup(process.argv.slice(2), { views, out: process.stdout, err: process.stderr });
