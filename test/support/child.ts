/**
 * The system, or a service of it, as a child process that may be killed at any moment and started again on the same
 * data. It is the code of its entry, bundled once; each process loads its modules in advance and waits, so that a start
 * takes a moment.
 */
import { build, type Plugin } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const entryOf = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  /** Resolves when it says that it listens, rejects when it ends before. */
  readonly ready: Promise<void>;
  readonly ended: Promise<Ending>;
  /** Everything printed so far, on both outputs. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
}

export interface Launcher {
  /** Starts a process. `shell` is a shell line to start it with: 'ulimit -f 1024'. */
  launch(env: Readonly<Record<string, string>>, shell?: string): Child;
  /** Ends whatever still runs. */
  close(): Promise<void>;
}

export interface LauncherOptions {
  /** The next process gets ready while one runs. */
  readonly spares?: boolean;
  /** What to start, and the words by which it says that it is ready; the embedded system by default. */
  readonly entry?: string;
  readonly readyWords?: string;
}

export async function createLauncher(options: LauncherOptions = {}): Promise<Launcher> {
  const { spares = false, entry = 'start.ts', readyWords = 'Creator dashboards' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'launched-'));
  symlinkSync(entryOf('node_modules'), join(folder, 'node_modules')); // For packages that are looked up as it runs: rebuilds do.
  const warm = await bundleInto(folder, entryOf(entry));
  const running = new Set<ReturnType<typeof prepare>>();
  let spare: ReturnType<typeof prepare> | null = null;

  function prepareOne(shell?: string) {
    const child = prepare(warm, readyWords, shell);
    running.add(child);
    void child.ended.then(() => running.delete(child));
    return child;
  }

  return {
    launch(env, shell) {
      const child = (shell === undefined && spare) || prepareOne(shell);
      spare = spares ? prepareOne() : null;
      child.go(env);
      return child;
    },
    async close() {
      for (const child of running) child.kill('SIGKILL');
      await Promise.all([...running].map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Builds the entry with all sources; packages stay outside. Answers the module to run. */
async function bundleInto(folder: string, entry: string): Promise<string> {
  const packages = new Set<string>();
  const outfile = join(folder, 'start.mjs');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['source'],
    logLevel: 'warning',
    plugins: [packagesOutside(packages), inPlace],
  });
  const warm = join(folder, 'warm.mjs');
  const imports = [...packages].map((path) => `import ${JSON.stringify(path)};`);
  writeFileSync(warm, [...imports, WAITING].join('\n'));
  return warm;
}

/** The environment comes in one line on standard input; its end ends the process, which so never outlives the tests. */
const WAITING = `
let text = '';
process.stdin.on('end', () => process.exit(9)).on('data', (chunk) => {
  text += chunk;
  if (!text.endsWith('\\n')) return;
  Object.assign(process.env, JSON.parse(text));
  import('./start.mjs');
});`;

/**
 * Each workspace may have its own copy of a package, so packages are imported by the path that the importing file would
 * find.
 */
function packagesOutside(found: Set<string>): Plugin {
  return {
    name: 'packages outside',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
        const isOurs = path.startsWith('@creator-dashboards/');
        if (isOurs || pluginData === 'resolving' || kind === 'entry-point' || path.startsWith('node:'))
          return undefined;
        const { path: file } = await resolve(path, { resolveDir, kind, importer, pluginData: 'resolving' });
        const url = pathToFileURL(file).href;
        found.add(url);
        return { path: url, external: true };
      });
    },
  };
}

/** Sources that ask for their own location are given the original one. */
const inPlace: Plugin = {
  name: 'in place',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

function prepare(warm: string, readyWords: string, shell: string | undefined) {
  const command = [process.execPath, '--conditions=source', warm]; // for threads, which load sources
  const [file = '', ...words] =
    shell === undefined ? command : ['/bin/sh', '-c', `${shell}; exec "$@"`, 'sh', ...command];
  const env = { ...process.env, NODE_COMPILE_CACHE: `${warm}.cache` }; // If Node has it.
  const child = spawn(file, words, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const [ready, listening] = signalled();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.includes(readyWords)) listening.yes();
    });
  const ended = endOf(child);
  void ended.then(({ code, signal }) =>
    listening.no(new Error(`ended with ${code ?? signal} before it was ready: ${output}`)),
  );
  ready.catch(() => undefined); // Whoever waits for it is told.
  child.stdin.on('error', () => undefined); // It may be dead already.
  return {
    pid: child.pid ?? 0,
    ready,
    ended,
    said: () => output,
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    go: (env: Readonly<Record<string, string>>) => void child.stdin.write(`${JSON.stringify(env)}\n`),
  };
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve({ code, signal }));
  });
}

function signalled(): [Promise<void>, { yes: () => void; no: (error: Error) => void }] {
  let yes = (): void => undefined;
  let no: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => ([yes, no] = [resolve, reject]));
  return [promise, { yes: () => yes(), no: (error) => no(error) }];
}
