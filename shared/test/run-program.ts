import { spawnSync } from 'node:child_process';

/** Runs a module of its own in a process of its own, on the sources. Answers what it printed. */
export function runProgram(program: string, ...words: string[]): { stdout: string; stderr: string } {
  const options = ['--conditions=source', '--import=tsx', '--input-type=module', '-e', program];
  const { stdout, stderr } = spawnSync(process.execPath, [...options, ...words], { encoding: 'utf8' });
  return { stdout, stderr };
}
