/** The packages that some figures compare with: a package of their own, `bench/peers`, which the project neither installs nor imports. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('peers/', import.meta.url));
const require = createRequire(new URL('peers/package.json', import.meta.url));

/** Where a package of them is, once they are installed. */
export function peerFolder(name: string): string {
  return fileURLToPath(new URL(`peers/node_modules/${name}`, import.meta.url));
}

/** One of them. Its types are the caller's word: the project is checked without them. */
export function peer<T>(name: string): T {
  return require(name) as T;
}

/** Whether they are installed; where not, says which `figure` is left out and how to have it. */
export function hasPeers(figure: string): boolean {
  const has = existsSync(peerFolder('libsql'));
  if (!has) console.log(`${figure}: left out; \`npm run bench -- peers\` installs what it is compared with`);
  return has;
}

/** Installs them as their lock file says, unless they are there; without a network it says so. One is compiled where no binary of it fits. */
export function installPeers(): void {
  if (existsSync(peerFolder('libsql'))) return;
  console.log(`peers: npm ci in ${FOLDER}, which may take minutes`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: ['ignore', 2, 2] });
  if (status !== 0) console.log('peers: npm ci failed; it needs the network, and install scripts');
}
