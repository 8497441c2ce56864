/** The lint configuration on planted faults: a fold that depends on more than its events never gets as far as a review. */
import { expect } from 'chai';
import { ESLint } from 'eslint';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Files that need not exist: deciders, folds, kept folds, look-ups, event families with their upcasters. */
const PURE = [
  'command-service/src/domain/planted.ts',
  'shared/src/views/planted/fold.ts',
  'shared/src/views/planted/v1/fold.ts',
  'command-service/src/lookups/planted.ts',
  'shared/src/events/planted.ts',
];

const planted: Record<string, Record<string, string>> = {
  'the clock': {
    'Date.now()': 'export const f = () => Date.now();',
    'new Date()': 'export const f = () => new Date();',
    'Date()': 'export const f = () => Date();',
    performance: 'export const f = () => performance.now();',
    systemClock: "import { systemClock } from '../../time.js';\nexport const f = () => systemClock.now();",
    'systemClock of the package':
      "import { systemClock } from '@creator-dashboards/shared/time';\nexport const f = () => systemClock.now();",
    'a timer': 'export const f = () => setTimeout(f, 1);',
  },
  chance: {
    'Math.random()': 'export const f = () => Math.random();',
    'crypto.randomUUID()': 'export const f = () => crypto.randomUUID();',
    'bytes of node:crypto': "import { randomBytes } from 'node:crypto';\nexport const f = () => randomBytes(8);",
    'bytes of crypto': "import { randomBytes } from 'crypto';\nexport const f = () => randomBytes(8);",
    newId: "import { newId } from '../ids.js';\nexport const f = () => newId();",
  },
  'zone and locale': {
    'a local hour': 'export const f = (at: Date) => at.getHours();',
    'a local date': 'export const f = () => new Date(2026, 0, 1);',
    toLocaleString: 'export const f = (count: number) => count.toLocaleString();',
    localeCompare: "export const f = (name: string) => name.localeCompare('b');",
    Intl: "export const f = new Intl.NumberFormat('en').format;",
  },
  'files, network and environment': {
    'node:fs': "import { readFileSync } from 'node:fs';\nexport const f = () => readFileSync('rates');",
    fs: "import { readFileSync } from 'fs';\nexport const f = () => readFileSync('rates');",
    'fs/promises': "import { readFile } from 'fs/promises';\nexport const f = () => readFile('rates');",
    import: "export const f = () => import('node:fs');",
    fetch: "export const f = () => fetch('https://rates.example');",
    'globalThis.fetch': "export const f = () => globalThis.fetch('https://rates.example');",
    'process.env': 'export const f = () => process.env.RATE;',
  },
  'state of the module': {
    let: 'let count = 0;\nexport const f = () => count;',
    'export let': 'export let count = 0;\nexport const f = () => (count += 1);',
    'a counter in an object': 'const seen = { count: 0 };\nexport const f = () => (seen.count += 1);',
    'a counter, deeper': 'const seen = { by: { all: 0 } };\nexport const f = () => seen.by.all++;',
    'a set': 'const seen = new Set<string>();\nexport const f = (key: string) => seen.add(key);',
    'a list': 'const seen: string[] = [];\nexport const f = (key: string) => seen.push(key);',
    'a deletion': 'const seen: Record<string, 1> = {};\nexport const f = (key: string) => delete seen[key];',
    'what another module exports': "import { seen } from './other.js';\nexport const f = () => (seen.count = 1);",
  },
};

/** Of this part of the configuration, not of what is refused everywhere. */
const OURS = /\b(no-restricted-\w+|pure\/[\w-]+): /;

const innocent = `
import { createHash } from 'node:crypto';
import { CreatorId } from '../ids.js';
const LEVELS: readonly string[] = ['BRONZE', 'SILVER'];
const NAMES = new Set(LEVELS);
export const f = (name: string, at: string) => {
  let count = 0;
  const found: string[] = [];
  for (const level of LEVELS) if (NAMES.has(name)) found.push(level);
  count += new Date(at).getUTCHours() + new Date(at).getTime();
  return { count, found: found.sort(), id: CreatorId(name), digest: createHash('sha1').update(name).digest('hex') };
};
`;

describe('Lint', () => {
  // Without the rules that need types: they take long, and know only files that exist.
  const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });
  async function faultsIn(code: string, filePath: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath });
    return result?.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`) ?? [];
  }

  for (const [what, faults] of Object.entries(planted))
    it(`refuses ${what} in deciders, folds, look-ups and upcasters`, async () => {
      for (const filePath of PURE)
        for (const [fault, code] of Object.entries(faults))
          expect((await faultsIn(code, filePath)).join(), `${fault} in ${filePath}`).to.match(OURS);
    });

  it('refuses nothing there that depends on what is given alone', async () => {
    for (const filePath of PURE) expect(await faultsIn(innocent, filePath), filePath).to.deep.equal([]);
  });

  it('names the reason, for example what a module remembers', async () => {
    const [counter] = await faultsIn('const seen = { n: 0 };\nexport const f = () => seen.n++;', PURE[1] ?? '');
    expect(counter).to.equal(
      'pure/no-module-state: seen is remembered from one call to the next. State arrives as data.',
    );
  });
});
