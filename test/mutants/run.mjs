// npm run mutants -- <file or folder> … [--tests <glob>] … [--jobs <number>]
//
// Mutation testing by Stryker: each mutant changes one thing in a copy of the sources, and the tests that cover it should fail.
// Survivors that change nothing anybody can observe are explained in equivalent.json (`code` and `becomes` on one line each); any other fails
// the run.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const root = resolve(here, '../..');
const PACKAGES = ['shared', 'command-service', 'projector', 'query-service'];
/** Least share of mutants killed, in percent, of those that are not explained. */
const FLOOR = 95;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: 'string', multiple: true },
    jobs: { type: 'string', default: '2' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help || positionals.length === 0) {
  console.log('Usage: npm run mutants -- <file or folder of src> … [--tests <glob>] … [--jobs <number>]');
  console.log('Example: npm run mutants -- command-service/src/domain/fan-wallet.ts');
  console.log(
    'Without --tests: the tests of the package. Two processes unless --jobs says otherwise. Explained survivors: test/mutants/equivalent.json.',
  );
  process.exit(values.help ? 0 : 2);
}

if (!existsSync(join(here, 'node_modules'))) {
  console.log('installing Stryker (once)');
  execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: here, stdio: 'inherit' });
}

const paths = positionals.map((path) => relative(root, resolve(path)));
const packages = [...new Set(paths.map((path) => path.split('/')[0]))];
if (packages.some((name) => !PACKAGES.includes(name)) || paths.some((path) => !existsSync(join(root, path)))) {
  console.error(`no such source: ${paths.join(' ')}`);
  process.exit(2);
}

const tests = filesOf(values.tests ?? packages.map((name) => `${name}/test/**/*.test.ts`));

const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
copySources();
const report = mutate();
judge(report);

/** Looked up here: Mocha takes braces alone for a plain name, and passes over a pattern that matches nothing. */
function filesOf(patterns) {
  const { globSync } = createRequire(join(here, 'package.json'))('glob');
  return patterns.flatMap((pattern) => {
    const found = globSync(pattern, { cwd: root, nodir: true }).sort();
    if (found.length > 0) return found;
    console.error(`no test file matches ${pattern}`);
    return process.exit(2);
  });
}

/** What git tracks or would track, and the installed modules by links; those of our own packages lead to the copy. */
function copySources() {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of files.split('\0').filter((name) => name && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  for (const folder of ['.', ...PACKAGES]) {
    const modules = join(root, folder, 'node_modules');
    if (!existsSync(modules)) continue;
    mkdirSync(join(copy, folder, 'node_modules'));
    for (const name of readdirSync(modules).filter((entry) => entry !== '@creator-dashboards'))
      symlinkSync(join(modules, name), join(copy, folder, 'node_modules', name));
  }
  const ours = join(copy, 'node_modules/@creator-dashboards');
  mkdirSync(ours);
  for (const name of PACKAGES) symlinkSync(join(copy, name), join(ours, name));
}

function mutate() {
  const config = {
    testRunner: 'mocha',
    plugins: [join(here, 'node_modules/@stryker-mutator/mocha-runner/dist/src/index.js')],
    inPlace: true,
    mutate: paths.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.ts`)),
    mochaOptions: { 'no-config': true, spec: tests },
    testRunnerNodeArgs: ['--conditions=source', '--import=./test/register.mjs'],
    coverageAnalysis: 'perTest',
    ignoreStatic: true, // Mutants that run when a module is loaded would each need a process of their own.
    concurrency: Number(values.jobs),
    timeoutMS: 20_000,
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: 'mutants.json' },
    disableTypeChecks: false, // Sources are transpiled, never checked.
    allowConsoleColors: false,
  };
  writeFileSync(join(copy, 'stryker.json'), JSON.stringify(config));
  const stryker = join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const { status } = spawnSync(process.execPath, [stryker, 'run', 'stryker.json'], { cwd: copy, stdio: 'inherit' });
  if (!existsSync(join(copy, 'mutants.json'))) process.exit(status || 1);
  return JSON.parse(readFileSync(join(copy, 'mutants.json'), 'utf8'));
}

function judge({ files }) {
  const explained = JSON.parse(readFileSync(join(here, 'equivalent.json'), 'utf8'));
  const used = new Set();
  const isExplained = (mutant) => {
    const found = explained.find(
      ({ file, code, becomes }) =>
        file === mutant.file && code === onOneLine(mutant.code) && becomes === onOneLine(mutant.becomes),
    );
    if (found) used.add(found);
    return found !== undefined;
  };
  const all = Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ ...mutant, file, code: textAt(source, mutant.location), becomes: mutant.replacement })),
  );
  const ran = all.filter(({ status }) => status !== 'Ignored' && status !== 'CompileError');
  const alive = ran.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const open = alive.filter((mutant) => !isExplained(mutant));
  for (const { file, location, code, becomes, status } of open)
    console.log(`${status}: ${file}:${location.start.line}\n  - ${short(code)}\n  + ${short(becomes)}`);
  const stale = explained.filter((each) => each.file in files && !used.has(each));
  for (const { file, code, becomes } of stale)
    console.log(`explained, but it does not survive any more: ${file}: ${short(code)} -> ${short(becomes)}`);

  const counted = ran.length - (alive.length - open.length);
  const killed = counted - open.length;
  const score = counted === 0 ? 100 : (100 * killed) / counted;
  console.log(
    `${ran.length} mutants, ${killed} killed, ${open.length} survived, ${alive.length - open.length} explained, ` +
      `${all.length - ran.length} not run (they act when a module is loaded): ${score.toFixed(1)} % (floor ${FLOOR} %)`,
  );
  process.exitCode = score >= FLOOR && stale.length === 0 ? 0 : 1;
}

function textAt(source, { start, end }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return lines.join('\n');
}

function onOneLine(text) {
  return text.replace(/\s+/g, ' ');
}

function short(text) {
  return onOneLine(text).slice(0, 160);
}
