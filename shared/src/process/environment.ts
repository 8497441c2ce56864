/** The environment variables, checked once at start. Every problem is reported at once; nothing reads process.env later. */
import { z } from 'zod';
import * as field from './environment-fields.js';
import { unsafeForProduction, unsafeToReach } from './environment-production.js';
import { originsOf, type Origins } from '../origins.js';
import { HOUR } from '../time.js';
import { devSecrets } from './secrets.js';

/** The environment is unusable. `message` has one line per problem and never a value: values may be secrets. */
export class EnvironmentError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'EnvironmentError';
    this.problems = problems;
  }
}

/** The names are fixed: compose files, documentation and operators depend on them. */
export const environmentSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'must be development, test or production')
    .prefault('development')
    .describe('production refuses default secrets and passwords, plaintext URLs, RATE_LIMIT_FACTOR above 1 and DEMO.'),
  PORT: field.port
    .prefault('3000')
    .describe('TCP port. As separate processes: query 3000, command 3001, projector 3002.'),
  HOST: field.text.prefault('127.0.0.1').describe('Address to listen on. 0.0.0.0 for every network interface.'),
  OPERATIONS_PORT: z
    .string()
    .refine((value) => value === '' || field.isPort(value), field.PORT_RANGE)
    .transform((value) => (value === '' ? null : Number(value)))
    .prefault('')
    .describe(
      'Port for /readyz, /metrics, /openapi.json and /docs alone, which PORT then does not answer. Empty: PORT does.',
    ),
  PUBLIC_URL: field.address
    .prefault('')
    .describe('Address of this installation as others reach it, for links in answers. Empty: http://HOST:PORT.'),
  SIGNUP_URL: field.webAddress
    .prefault('')
    .describe(
      'Page where people sign up. A followed referral link leads there, with the code as the parameter referralCode. Empty: to the public page of that name.',
    ),
  DATA_DIR: field.text.prefault('./data').describe('Directory of the embedded stores (sqlite:).'),
  EVENT_STORE_URL: field
    .url(field.eventStoreSchemes)
    .prefault('sqlite:')
    .describe(
      'Event store: sqlite: (a file in DATA_DIR), esdb://user:password@host:2113 or esdb+discover://… (KurrentDB: kurrentdb://…).',
    ),
  READ_STORE_URL: field
    .url(field.documentSchemes)
    .prefault('sqlite:')
    .describe('Read models: sqlite: or mongodb://user:password@host:27017/database.'),
  QUEUE_URL: field
    .url(field.queueSchemes)
    .prefault('sqlite:')
    .describe(
      'Job queue and counters: sqlite: or redis://user:password@host:6379 (rediss: with TLS). ?prefix=name begins every key, where installations share a server.',
    ),
  KEY_STORE_URL: field
    .url(field.documentSchemes)
    .prefault('sqlite:')
    .describe(
      "The subjects' keys: sqlite: or mongodb://user:password@host:27017/keys, a database of its own. Back it up apart from everything else.",
    ),
  MASTER_KEY: field
    .secrets(devSecrets.MASTER_KEY)
    .describe(
      "Wraps the subjects' keys. At least 32 characters. To change it: new,old everywhere, then npm run rewrap, then new. Lost, every sealed value is lost.",
    ),
  JWT_SECRET: field
    .secrets(devSecrets.JWT_SECRET)
    .describe(
      'Signs access tokens (HS256). At least 32 characters. While rotating: new,old; the first signs, both are accepted.',
    ),
  AUDIT_SIGNING_KEY: field
    .secrets(devSecrets.AUDIT_SIGNING_KEY)
    .describe(
      'Signs what the log was, once a minute. At least 32 characters, kept apart from the stores. While rotating: new,old; the first signs, both are known.',
    ),
  JWT_ISSUER: field.text.prefault('creator-dashboards').describe('Claim iss of access tokens.'),
  JWT_AUDIENCE: field.text.prefault('creator-dashboards-api').describe('Claim aud of access tokens.'),
  WEBHOOK_SECRET: field
    .secrets(devSecrets.WEBHOOK_SECRET)
    .describe('Outside production it stands in for those of the providers below that are not set.'),
  WEBHOOK_SECRET_PAYMENTS: field.webhookSecret('the payment provider'),
  WEBHOOK_SECRET_KYC: field.webhookSecret('the provider of identity checks'),
  WEBHOOK_SECRET_PAYOUTS: field.webhookSecret('the payout provider'),
  WEBHOOK_SECRET_STRIPE: field.webhookSecret('Stripe'),
  SIMULATORS: z
    .enum(['', '0', '1'], 'must be 0 or 1')
    .prefault('')
    .describe(
      'Providers of payments, payouts, identity checks, moderation and social accounts that only pretend: 1 outside production. In production they must be switched on.',
    ),
  DEMO: field.flag.prefault('0').describe('1 fills an empty store with demonstration data.'),
  TRUST_PROXY: field.proxies
    .prefault('loopback')
    .describe(
      'Proxies whose X-Forwarded-For is believed: none, loopback, a number of hops, or addresses and networks separated by commas.',
    ),
  CORS_ORIGINS: field.origins
    .prefault('')
    .describe('Origins of pages elsewhere that may call, by commas. Outside production localhost may anyway.'),
  KEEP_GENERATIONS: field.generations
    .prefault('2')
    .describe(
      'Generations of each view that are kept: the served one, the one a rollback goes back to, and older ones.',
    ),
  REBUILD_MEMORY_MB: field.memoryMb
    .prefault('256')
    .describe('Memory of the process that builds a view anew, which is a process of its own. From 192 to 65536.'),
  REBUILD_WORKERS: field.workers
    .prefault('1')
    .describe(
      'Processes that build one view anew together, each with REBUILD_MEMORY_MB, on this host and on those of other projectors. From 1 to 64; more than the cores that are free gain nothing.',
    ),
  REBUILD_ON_CHANGE: z
    .enum(['', 'auto', 'hold', 'manual'], 'must be auto, hold or manual')
    .prefault('')
    .describe(
      'When the code of a view has changed: auto builds it anew and serves that, hold waits with the switch for an operator, manual does nothing. Empty: hold in production, else auto.',
    ),
  FEED_PREVIOUS_HOURS: field.hours
    .prefault('24')
    .describe('Hours for which what a view served before is kept up to date, so that a rollback is instant.'),
  RATE_LIMIT_FACTOR: field.factor
    .prefault('1')
    .describe('Multiplies every rate limit, for load tests. Production refuses more than 1.'),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .prefault('info')
    .describe('trace, debug, info, warn, error, fatal or silent.'),
  LOG_FORMAT: z
    .enum(['', 'json', 'text'], 'must be json or text')
    .prefault('')
    .describe('json, one object a line, or text, a sentence. Empty: text on a terminal, else json.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: field.endpoint
    .prefault('')
    .describe('Where traces are sent: a collector that takes OTLP over HTTP, like http://127.0.0.1:4318. Empty: none.'),
  OTEL_TRACES_SAMPLER_ARG: field.share
    .prefault('1')
    .describe('Which part of the traces is kept, from 0 to 1. The same everywhere, or traces have gaps.'),
});

export type Env = Readonly<Record<string, string | undefined>>;

/** The providers that call us, each at a route of its own. */
export type WebhookProvider = 'payments' | 'kyc' | 'payouts' | 'stripe';

export interface Environment {
  readonly nodeEnv: 'development' | 'test' | 'production';
  readonly port: number;
  readonly host: string;
  /** Port of probes and metrics; null: they are served on `port`. */
  readonly operationsPort: number | null;
  /** Public address of this installation, without a trailing slash. */
  readonly publicUrl: string;
  /** Where people sign up; null: no page of that kind. */
  readonly signupUrl: string | null;
  readonly dataDir: string;
  readonly eventStoreUrl: string;
  readonly readStoreUrl: string;
  readonly queueUrl: string;
  readonly keyStoreUrl: string;
  /** The first wraps new keys, all unwrap. */
  readonly masterKeys: readonly string[];
  /** The first signs, all are accepted. */
  readonly jwtSecrets: readonly string[];
  /** The first signs, all are known. */
  readonly auditSigningKeys: readonly string[];
  readonly jwtIssuer: string;
  readonly jwtAudience: string;
  /** All are accepted; several during a rotation. */
  readonly webhookSecrets: Readonly<Record<WebhookProvider, readonly string[]>>;
  /** Whether providers are simulated. */
  readonly simulators: boolean;
  readonly demo: boolean;
  /** In Express's form: false, a number of hops, or addresses. Never true: then anybody could forge an address. */
  readonly trustProxy: false | number | readonly string[];
  readonly corsOrigins: Origins;
  /** How many generations of each view are kept. */
  readonly keepGenerations: number;
  /** Of the whole process of a rebuild. */
  readonly rebuildMemoryMb: number;
  readonly rebuildWorkers: number;
  /** What follows when the code of a view has changed. */
  readonly rebuildOnChange: 'auto' | 'hold' | 'manual';
  readonly feedPreviousMs: number;
  readonly rateLimitFactor: number;
  /** Where traces are sent, and which part of them; null: there are none. */
  readonly traces: { readonly endpoint: string; readonly share: number } | null;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}

/**
 * Reads the environment variables. `defaults` are a process's own (`{ PORT: '3001' }`), used where the environment is silent;
 * an empty variable counts as unset. Throws EnvironmentError with every problem.
 */
export function readEnvironment(env: Env = process.env, defaults: Env = {}): Environment {
  const values: Record<string, string> = {};
  for (const name of Object.keys(environmentSchema.shape)) {
    const value = env[name] || defaults[name];
    if (value) values[name] = value;
  }
  const parsed = environmentSchema.safeParse(values);
  const invalid = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  const unsafe = values.NODE_ENV === 'production' ? unsafeForProduction(values) : [];
  const problems = [...invalid, ...unsafeToReach(values), ...unsafe];
  if (!parsed.success || problems.length > 0) throw new EnvironmentError(problems);
  const set = parsed.data;
  return Object.freeze({
    nodeEnv: set.NODE_ENV,
    port: set.PORT,
    host: set.HOST,
    operationsPort: set.OPERATIONS_PORT,
    publicUrl: set.PUBLIC_URL || `http://${set.HOST}:${set.PORT}`,
    signupUrl: set.SIGNUP_URL || null,
    dataDir: set.DATA_DIR,
    eventStoreUrl: set.EVENT_STORE_URL,
    readStoreUrl: set.READ_STORE_URL,
    queueUrl: set.QUEUE_URL,
    keyStoreUrl: set.KEY_STORE_URL,
    masterKeys: Object.freeze(set.MASTER_KEY),
    jwtSecrets: Object.freeze(set.JWT_SECRET),
    auditSigningKeys: Object.freeze(set.AUDIT_SIGNING_KEY),
    jwtIssuer: set.JWT_ISSUER,
    jwtAudience: set.JWT_AUDIENCE,
    webhookSecrets: Object.freeze({
      payments: orElse(set.WEBHOOK_SECRET_PAYMENTS, set.WEBHOOK_SECRET),
      kyc: orElse(set.WEBHOOK_SECRET_KYC, set.WEBHOOK_SECRET),
      payouts: orElse(set.WEBHOOK_SECRET_PAYOUTS, set.WEBHOOK_SECRET),
      stripe: orElse(set.WEBHOOK_SECRET_STRIPE, set.WEBHOOK_SECRET),
    }),
    simulators: set.SIMULATORS === '' ? set.NODE_ENV !== 'production' : set.SIMULATORS === '1',
    demo: set.DEMO,
    trustProxy: set.TRUST_PROXY,
    corsOrigins: originsOf(set.CORS_ORIGINS, set.NODE_ENV),
    keepGenerations: set.KEEP_GENERATIONS,
    rebuildMemoryMb: set.REBUILD_MEMORY_MB,
    rebuildWorkers: set.REBUILD_WORKERS,
    rebuildOnChange: set.REBUILD_ON_CHANGE || (set.NODE_ENV === 'production' ? 'hold' : 'auto'),
    feedPreviousMs: set.FEED_PREVIOUS_HOURS * HOUR,
    rateLimitFactor: set.RATE_LIMIT_FACTOR,
    traces: set.OTEL_EXPORTER_OTLP_ENDPOINT
      ? { endpoint: set.OTEL_EXPORTER_OTLP_ENDPOINT, share: set.OTEL_TRACES_SAMPLER_ARG }
      : null,
    logLevel: set.LOG_LEVEL,
  });
}

/** How the log is written. Asked before the environment is checked, since what is wrong with it is logged. */
export function logFormat(env: Env = process.env, isTerminal = process.stdout.isTTY): 'json' | 'text' {
  if (env.LOG_FORMAT === 'json' || env.LOG_FORMAT === 'text') return env.LOG_FORMAT;
  return isTerminal ? 'text' : 'json';
}

function orElse(own: readonly string[], standIn: readonly string[]): readonly string[] {
  return Object.freeze(own.length > 0 ? own : standIn);
}
