/** The entry of the operator's command line. */
import { runCommandLine } from './cli/program.js';

process.exitCode = await runCommandLine(process.argv.slice(2), { out: process.stdout, err: process.stderr });
