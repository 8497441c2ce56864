import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const SOURCES = ['*/src/**/*.ts'];
const TESTS = ['**/test/**/*.ts', 'shared/testing/**/*.ts'];
/** Deciders and projections: time, ids and chance arrive as data, so a replay gives the same result. */
const PURE = ['command-service/src/domain/**/*.ts', 'shared/src/views/**/*.ts'];

const NODE = 'console performance process URL module setTimeout';
const BROWSER =
  'window document location localStorage sessionStorage fetch EventSource AbortController URL URLSearchParams console setTimeout clearTimeout setInterval clearInterval';
const readonly = (names) => Object.fromEntries(names.split(' ').map((name) => [name, 'readonly']));

const forbid = (message, ...selectors) => selectors.map((selector) => ({ selector, message }));

const blocks = ['describe', 'context', 'it', 'specify'];
const focusedOrSkipped = blocks.flatMap((object) => [
  { object, property: 'only', message: 'Would silently leave out every other test.' },
  { object, property: 'skip', message: 'Fix the test or delete it.' },
]);

export default defineConfig(
  globalIgnores(['**/dist/', 'coverage/', 'data/']),
  js.configs.recommended,
  {
    files: ['*.js', '**/*.{mjs,cjs}', 'projector/bin/*.js'],
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
    files: SOURCES,
    ignores: ['shared/src/process/environment.ts'],
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
    files: PURE,
    rules: {
      'no-restricted-syntax': [
        'error',
        ...forbid(
          'Time arrives in the command or event.',
          "MemberExpression[object.name='Date'][property.name='now']",
          "NewExpression[callee.name='Date'][arguments.length=0]",
          "CallExpression[callee.name='Date']",
        ),
        ...forbid(
          'Ids and chance arrive in the command or event.',
          "MemberExpression[object.name='Math'][property.name='random']",
        ),
      ],
      'no-restricted-globals': ['error', 'process', 'performance', 'crypto', 'fetch', 'setTimeout', 'setInterval'],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: '@creator-dashboards/shared/ids', importNames: ['newId'], message: 'Ids arrive as data.' },
            { name: '@creator-dashboards/shared/time', importNames: ['systemClock'], message: 'Time arrives as data.' },
          ],
          patterns: [{ group: ['node:*'], message: 'Pure code does no I/O.' }],
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
