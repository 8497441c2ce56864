import { spawnSync } from 'node:child_process';

/** Runs a source module in a process of its own. Answers what it printed. */
export function runProgram(program: string, ...words: string[]): { stdout: string; stderr: string } {
  const options = ['--conditions=source', '--import=tsx', '--input-type=module', '-e', program];
  const { stdout, stderr } = spawnSync(process.execPath, [...options, ...words], { encoding: 'utf8' });
  return { stdout, stderr };
}
