// The one-way imports of docs/architecture.md. `layers`: files -> the only files of ours they may import (and their own kind).
const shared = (...names) => `^shared/src/(${names.join('|')})(\\.ts$|/)`;
const OURS =
  '^(shared|command-service|projector|query-service|client|pages|demo|test|bench)/|^(start|system|audit)\\.ts$';
const SERVICE = '^(command-service|projector|query-service)/';
const TESTS = '(^|/)(test|testing)/|^bench/';

const layers = {
  time: [shared('time'), []],
  waiting: [shared('waiting'), [shared('time')]],
  ids: [shared('ids'), [shared('time')]],
  money: [shared('money'), []],
  errors: [shared('errors'), []],
  ports: [shared('ports', 'audit-index'), [shared('time', 'events', 'reader/follower')]],
  events: [shared('events'), [shared('time', 'money', 'ids', 'ports', 'canonical')]],
  platformConfig: [shared('platform-config'), [shared('events', 'money', 'ports')]],
  fold: [shared('fold'), [shared('events', 'ports')]],
  ledger: [shared('ledger'), [shared('events', 'money', 'fold', 'time')]],
  access: [
    shared('access'),
    [shared('events', 'ports', 'errors', 'store-errors', 'seal', 'ids', 'time', 'waiting', 'canonical')],
  ],
  reservations: [shared('reservations'), [shared('events', 'seal')]],
  views: [shared('views'), [shared('time', 'money', 'ids', 'ports', 'events', 'fold', 'platform-config')]],
  adapters: [
    shared('adapters'),
    [
      shared(
        'reader',
        'ports',
        'audit-index',
        'tracing/tracer',
        'providers',
        'store-errors',
        'time',
        'waiting',
        'money',
        'ids',
      ),
    ],
  ],
  domain: [
    '^command-service/src/domain/',
    [
      shared(
        'events',
        'errors',
        'money',
        'time',
        'ids',
        'ports',
        'canonical',
        'platform-config',
        'reservations',
        'ledger',
        'views/levels',
      ),
    ],
  ],
  lookups: [
    '^command-service/src/lookups/',
    [
      shared('events', 'fold', 'ledger', 'platform-config', 'money', 'time', 'ids', 'ports', 'views/counting'),
      '^command-service/src/domain/',
    ],
  ],
};

/** What is started by name: nothing else of src/ may be out of their reach. */
const ENTRIES = '^(start|audit)\\.ts$|^client/(src/index|generate)\\.ts$|/src/(main|cli|[^/]+-cli)\\.ts$|/worker\\.ts$';

const npm = (...names) => `(^|node_modules/)(${names.join('|')})(/|$)`;
const DRIVERS = npm(
  '@photostructure/sqlite',
  'mongodb',
  '@eventstore/db-client',
  'bullmq',
  'ioredis',
  '@opentelemetry',
);
const EXPRESS = npm('express', 'helmet', 'cors', 'passport', 'passport-jwt', 'express-rate-limit', 'pino-http');

const forbidden = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(([name, [path, mayImport]]) =>
      forbidden(
        `${name}-imports`,
        `${name} may import only what its layer lists`,
        { path },
        { path: OURS, pathNot: [path, ...mayImport] },
      ),
    ),
    forbidden(
      'pure-code-does-no-io',
      'events, folds, deciders and projections are pure (a hash is pure too: eslint refuses randomness)',
      {
        path: ['events', 'platformConfig', 'fold', 'ledger', 'views', 'domain', 'lookups'].map(
          (name) => layers[name][0],
        ),
      },
      { dependencyTypes: ['core'], pathNot: '^crypto$' },
    ),
    forbidden(
      'services-are-strangers',
      'services meet in the log and in the read store, never in code',
      { path: SERVICE },
      { path: SERVICE, pathNot: '^$1/' },
    ),
    forbidden(
      'shared-knows-no-service',
      'shared is below the services',
      { path: '^shared/' },
      { path: `${SERVICE}|^(start|system|audit)\\.ts$` },
    ),
    forbidden(
      'pages-know-the-client-alone',
      'pages run in browsers, and the client is their only way to the API',
      { path: '^pages/src/' },
      { path: OURS, pathNot: '^(pages|client)/src/' },
    ),
    forbidden(
      'sources-import-no-tests',
      'what ships never needs what tests it',
      { path: OURS, pathNot: TESTS },
      { path: TESTS },
    ),
    forbidden(
      'drivers-only-in-adapters',
      'only shared/src/adapters names a driver',
      { path: OURS, pathNot: ['^shared/src/adapters/', TESTS] },
      { path: DRIVERS },
    ),
    forbidden(
      'adapters-only-through-connect',
      'only shared/src/process/connect.ts chooses a technology (copies are of the embedded stores, simulators are the only providers: no choice)',
      { path: OURS, pathNot: [shared('adapters', 'process/connect', 'process/store-copy'), TESTS] },
      { path: shared('adapters'), pathNot: shared('adapters/simulators') },
    ),
    forbidden(
      'express-only-at-the-edge',
      'only http.ts, docs.ts, routes/ and console/ know Express',
      { path: OURS, pathNot: ['(^|/)(http|docs)(\\.ts$|/)', '/(routes|console)/', TESTS] },
      { path: EXPRESS },
    ),
    forbidden(
      'commands-know-no-http',
      'what runs a command is the same whoever asks: a request, a policy, the clock',
      { path: '^command-service/src/(runtime|commands|domain|policies|clock|lookups)/' },
      { path: ['^command-service/src/(http|routes)/', shared('http')] },
    ),
    forbidden('no-cycles', 'a cycle is one file cut in two', {}, { circular: true }),
    forbidden(
      'no-orphans',
      'nobody imports it and it imports nothing',
      { orphan: true, pathNot: '\\.d\\.ts$|^test/(register|leaks)\\.mjs$|/src/(static|console)/' },
      {},
    ),
    forbidden(
      'registry-is-an-argument',
      'only what puts a process together names the registry of views; all else is handed one, and may know its types',
      { path: '/src/', pathNot: ENTRIES },
      { path: shared('views/registry'), dependencyTypesNot: ['type-only'] },
    ),
    forbidden(
      'no-dead-sources',
      'no entry reaches it; a file that only tests import is dead too',
      { path: ENTRIES },
      { path: '^[^/]+/src/.+\\.ts$', pathNot: ENTRIES, reachable: false },
    ),
    forbidden('resolvable', 'an import that leads nowhere', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'types', 'node', 'default'],
    },
  },
};
