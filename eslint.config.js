import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const SOURCES = ['*/src/**/*.ts'];
const TESTS = ['**/test/**/*.ts', 'shared/testing/**/*.ts'];
/** Deciders, projections, look-ups and upcasters: time, ids and chance arrive as data, so a replay gives the same result. */
const PURE = [
  'command-service/src/domain/**/*.ts',
  'command-service/src/lookups/**/*.ts',
  'shared/src/views/**/*.ts',
  'shared/src/events/**/*.ts',
];

const NODE = 'console performance process URL module setTimeout';
const BROWSER =
  'window document location localStorage sessionStorage fetch EventSource AbortController URL URLSearchParams console setTimeout clearTimeout setInterval clearInterval';
const readonly = (names) => Object.fromEntries(names.split(' ').map((name) => [name, 'readonly']));

const forbid = (message, ...selectors) => selectors.map((selector) => ({ selector, message }));

/** What tells the time, or makes chance, without being handed it. */
const READS_TIME = [
  "MemberExpression[object.name='Date'][property.name='now']",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "CallExpression[callee.name='Date']",
];
const MAKES_CHANCE = [
  "MemberExpression[object.name='Math'][property.name='random']",
  "MemberExpression[object.name='crypto'][property.name=/^(randomUUID|getRandomValues)$/]",
];

/** What depends on the time zone or the locale of the machine. */
const READS_PLACE = [
  'NewExpression[callee.name="Date"][arguments.length>1]',
  'MemberExpression[property.name=/^(get|set)(Full)?(Year|Month|Date|Day|Hours|Minutes|Seconds|TimezoneOffset)$/]',
  'MemberExpression[property.name=/^(toLocale[A-Z].*|localeCompare|toDateString|toTimeString)$/]',
];
const BUILTIN = `^(node:(?!crypto$)|(${builtinModules.join('|')})(/|$))`;

const BY_THE_CLOCK = 'Wait and measure by the clock that was passed in (shared/src/time.ts, waiting.ts).';
const BY_THE_SOURCE = 'Ids and chance come from shared/src/ids.ts.';
/** All that a run on a virtual clock and from a seed could not repeat. */
const TIME_AND_CHANCE = {
  globals: ['setTimeout', 'setInterval', 'performance'].map((name) => ({ name, message: BY_THE_CLOCK })),
  imports: [
    ...['node:timers', 'node:timers/promises'].map((name) => ({
      name,
      allowImportNames: ['setImmediate'],
      message: BY_THE_CLOCK,
    })),
    { name: 'node:perf_hooks', message: BY_THE_CLOCK },
    {
      name: 'node:crypto',
      importNames: ['randomBytes', 'randomFillSync', 'randomInt', 'randomUUID'],
      message: BY_THE_SOURCE,
    },
  ],
};

const blocks = ['describe', 'context', 'it', 'specify'];
const focusedOrSkipped = blocks.flatMap((object) => [
  { object, property: 'only', message: 'Would silently leave out every other test.' },
  { object, property: 'skip', message: 'Fix the test or delete it.' },
]);

const SCREEN = 60;
/** Factories and tables (of routes, of what each event changes) hold many small parts, each of which fits. */
const HOLDS_PARTS = /^(create|open)[A-Z]|Routes$|^evolve$/;

const functionFitsAScreen = {
  create(context) {
    const check = (node) => {
      const lines = node.loc.end.line - node.loc.start.line + 1;
      const name = node.id?.name ?? node.parent.id?.name ?? node.parent.key?.name ?? 'this function';
      if (lines > SCREEN && !HOLDS_PARTS.test(name))
        context.report({ node, message: `${name} has ${lines} lines, more than ${SCREEN}.` });
    };
    return { FunctionDeclaration: check, FunctionExpression: check, ArrowFunctionExpression: check };
  },
};

const CHANGES = /^(add|clear|copyWithin|delete|fill|pop|push|reverse|set|shift|sort|splice|unshift)$/;

/** Whether this use of a name changes what it stands for: `n = 1`, `n.x.y += 1`, `delete n.x`, `n.list.push(1)`. */
function isChanged(identifier) {
  let node = identifier;
  while (node.parent.type === 'MemberExpression' && node.parent.object === node) node = node.parent;
  const { parent } = node;
  if (parent.type === 'AssignmentExpression') return parent.left === node;
  if (parent.type === 'UpdateExpression') return true;
  if (parent.type === 'UnaryExpression') return parent.operator === 'delete';
  return parent.type === 'CallExpression' && parent.callee === node && CHANGES.test(node.property?.name);
}

/** What a module remembers from one call to the next makes a result depend on what was done before. */
const noModuleState = {
  create: ({ report, sourceCode }) => ({
    'Program:exit'() {
      const [module] = sourceCode.scopeManager.globalScope.childScopes;
      for (const { name, defs, references } of module?.variables ?? []) {
        for (const { type, node, parent } of defs)
          if (type === 'Variable' && parent.kind !== 'const')
            report({ node, message: `${name} is remembered from one call to the next. State arrives as data.` });
        for (const { identifier, init } of references)
          if (!init && isChanged(identifier))
            report({
              node: identifier,
              message: `${name} is remembered from one call to the next. State arrives as data.`,
            });
      }
    },
  }),
};

export default defineConfig(
  globalIgnores(['**/dist/', '**/generated/', 'coverage/', 'data/']),
  js.configs.recommended,
  {
    files: ['*.js', '**/*.{mjs,cjs}', '{projector,query-service}/bin/*.js'],
    languageOptions: { globals: readonly(NODE) },
  },
  {
    files: ['query-service/src/**/*.js'],
    languageOptions: { globals: readonly(BROWSER) },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'error',
      // An embedded adapter answers a promise without awaiting: `async` turns what it throws into a rejection.
      '@typescript-eslint/require-await': 'off',
      // Ports are records of functions, not classes: no method here knows a `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['pages/src/**/*.ts'],
    languageOptions: { parserOptions: { project: './pages/tsconfig.json' } },
  },
  {
    files: ['pages/src/**/*.ts'],
    ignores: ['pages/src/vendor/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^[^.]',
              message: 'Browsers load modules by relative addresses; what packages bring is in pages/src/vendor/.',
            },
          ],
        },
      ],
    },
  },
  {
    files: SOURCES,
    // The second one sets the time zone, and puts it back.
    ignores: ['shared/src/process/environment.ts', 'projector/src/compare/surroundings.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'The environment is read and checked in shared/src/process/environment.ts.',
        },
      ],
    },
  },
  {
    files: [...SOURCES, 'system.ts'],
    ignores: ['shared/src/time.ts', 'shared/src/ids.ts', '{client,pages}/src/surroundings.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...forbid(BY_THE_CLOCK, ...READS_TIME),
        ...forbid(BY_THE_SOURCE, ...MAKES_CHANCE),
      ],
      'no-restricted-globals': ['error', ...TIME_AND_CHANCE.globals],
      'no-restricted-imports': ['error', { paths: TIME_AND_CHANCE.imports }],
    },
  },
  {
    files: SOURCES,
    plugins: { house: { rules: { 'function-fits-a-screen': functionFitsAScreen } } },
    rules: {
      'max-lines': ['error', { max: 260, skipBlankLines: true }],
      'max-params': ['error', 5],
      'house/function-fits-a-screen': 'error',
    },
  },
  {
    files: PURE,
    plugins: { pure: { rules: { 'no-module-state': noModuleState } } },
    rules: {
      'pure/no-module-state': 'error',
      'no-restricted-syntax': [
        'error',
        ...forbid('Time arrives in the command or event.', ...READS_TIME),
        ...forbid('Ids and chance arrive in the command or event.', ...MAKES_CHANCE),
        ...forbid('The same on every machine: UTC, and no locale.', ...READS_PLACE),
        ...forbid('Pure code does no I/O.', 'ImportExpression'),
      ],
      'no-restricted-globals': [
        'error',
        ...['process', 'performance', 'crypto', 'fetch', 'WebSocket', 'globalThis', 'global', 'Intl'],
        ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'node:crypto', allowImportNames: ['createHash'], message: 'Ids and chance arrive as data.' }],
          patterns: [
            { regex: BUILTIN, message: 'Pure code does no I/O.' },
            { regex: '/ids(\\.js)?$', importNames: ['newId', 'systemRandom'], message: 'Ids arrive as data.' },
            { regex: '/time(\\.js)?$', importNames: ['systemClock'], message: 'Time arrives as data.' },
          ],
        },
      ],
    },
  },
  {
    files: TESTS,
    rules: {
      'no-restricted-properties': ['error', ...focusedOrSkipped],
      // chai: `expect(x).to.be.true` is an expression statement.
      '@typescript-eslint/no-unused-expressions': 'off',
      // A response's body is `any`: what it really is, is what the test asserts.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
