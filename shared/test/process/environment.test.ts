import { originsOf } from '../../src/origins.js';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { envExample } from '../../src/environment-cli.js';
import { EnvironmentError, environmentSchema, readEnvironment, type Env } from '../../src/process/environment.js';

const secret = 'a-secret-of-somebody-with-32-characters';
/** Nobody's, of the form that `openssl rand -base64 36` gives. */
const strong = [
  'pQ7vX2mZ0sKf9LrT4yWcB8nGhJ3dUe1aRiOx5VtCqMz6EwSk',
  'Yw3NbK8hPz5RfQ1xLcV7mTgD0jSa9UeXo2ZiBvC4nHrJtGq6',
  'fH6kWs9ZpD2tYq8LmVx4RcNb7JgTe1Ua3XiOoKz5BvSj0CrP',
  'Zc5xMv8QnLk2WjH7gFd4SaPq1OwEi9RuTy6XbVz3NmKl0JhG',
  'tR4eWq7YuIo1PaSd8FgHj2KlZx9CvBn5Mm3QwEr6TyUi0OpA',
  'Bv9Nc3Mx7Za1Lk5Js8Hd2Gf6Po0Iu4Yt9Re3Wq7Xs1Ec5Vr8',
  'Gk4Td8Wn2Xr6Zp0Lc5Vb9Mq3Hs7Jf1Ya6Ue2Io8Ex4Nw0RtS',
] as const;
const production = {
  NODE_ENV: 'production',
  MASTER_KEY: strong[0],
  JWT_SECRET: strong[1],
  AUDIT_SIGNING_KEY: strong[6],
  WEBHOOK_SECRET_PAYMENTS: strong[2],
  WEBHOOK_SECRET_KYC: strong[3],
  WEBHOOK_SECRET_PAYOUTS: strong[4],
  WEBHOOK_SECRET_STRIPE: strong[5],
};

function problemsOf(env: Env): readonly string[] {
  try {
    readEnvironment(env);
    return [];
  } catch (error) {
    expect(error).to.be.instanceOf(EnvironmentError);
    return (error as EnvironmentError).problems;
  }
}

describe('The environment', () => {
  it('has the documented defaults when nothing is set', () => {
    expect(readEnvironment({})).to.deep.include({
      nodeEnv: 'development',
      port: 3000,
      host: '127.0.0.1',
      publicUrl: 'http://127.0.0.1:3000',
      signupUrl: null,
      dataDir: './data',
      eventStoreUrl: 'sqlite:',
      readStoreUrl: 'sqlite:',
      queueUrl: 'sqlite:',
      keyStoreUrl: 'sqlite:',
      jwtIssuer: 'creator-dashboards',
      jwtAudience: 'creator-dashboards-api',
      simulators: true,
      demo: false,
      trustProxy: ['loopback'],
      corsOrigins: originsOf([], 'development'),
      keepGenerations: 2,
      rebuildOnChange: 'auto',
      feedPreviousMs: 24 * 3_600_000,
      rateLimitFactor: 1,
      traces: null,
      logLevel: 'info',
    });
  });

  it('reads every variable under its documented name', () => {
    const environment = readEnvironment({
      NODE_ENV: 'test',
      PORT: '8080',
      OPERATIONS_PORT: '9090',
      HOST: '0.0.0.0',
      PUBLIC_URL: 'https://creators.example.com',
      SIGNUP_URL: 'https://www.example.com/join?from=link',
      DATA_DIR: '/var/data',
      EVENT_STORE_URL: 'esdb+discover://a:b@events:2113',
      READ_STORE_URL: 'mongodb://u:p@one:1,two:2/views?replicaSet=rs',
      QUEUE_URL: 'rediss://queue:6379',
      KEY_STORE_URL: 'mongodb+srv://keys/keys',
      MASTER_KEY: `${secret}-1`,
      JWT_SECRET: `${secret}-2`,
      AUDIT_SIGNING_KEY: `${secret}-6, ${secret}-7`,
      JWT_ISSUER: 'issuer',
      JWT_AUDIENCE: 'audience',
      WEBHOOK_SECRET: `${secret}-3`,
      WEBHOOK_SECRET_PAYMENTS: `${secret}-4, ${secret}-5`,
      SIMULATORS: '0',
      DEMO: '1',
      TRUST_PROXY: '10.0.0.0/8, 2001:db8::1, uniquelocal',
      CORS_ORIGINS: 'https://a.example.com, http://localhost:5173',
      KEEP_GENERATIONS: '3',
      REBUILD_MEMORY_MB: '512',
      REBUILD_WORKERS: '4',
      REBUILD_ON_CHANGE: 'manual',
      FEED_PREVIOUS_HOURS: '2',
      RATE_LIMIT_FACTOR: '0.5',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com/otlp/',
      OTEL_TRACES_SAMPLER_ARG: '0.05',
      LOG_LEVEL: 'silent',
    });
    expect(environment).to.deep.equal({
      nodeEnv: 'test',
      port: 8080,
      operationsPort: 9090,
      host: '0.0.0.0',
      publicUrl: 'https://creators.example.com',
      signupUrl: 'https://www.example.com/join?from=link',
      dataDir: '/var/data',
      eventStoreUrl: 'esdb+discover://a:b@events:2113',
      readStoreUrl: 'mongodb://u:p@one:1,two:2/views?replicaSet=rs',
      queueUrl: 'rediss://queue:6379',
      keyStoreUrl: 'mongodb+srv://keys/keys',
      masterKeys: [`${secret}-1`],
      jwtSecrets: [`${secret}-2`],
      auditSigningKeys: [`${secret}-6`, `${secret}-7`],
      jwtIssuer: 'issuer',
      jwtAudience: 'audience',
      webhookSecrets: {
        payments: [`${secret}-4`, `${secret}-5`],
        kyc: [`${secret}-3`],
        payouts: [`${secret}-3`],
        stripe: [`${secret}-3`],
      },
      simulators: false,
      demo: true,
      trustProxy: ['10.0.0.0/8', '2001:db8::1', 'uniquelocal'],
      corsOrigins: originsOf(['https://a.example.com', 'http://localhost:5173'], 'test'),
      keepGenerations: 3,
      rebuildMemoryMb: 512,
      rebuildWorkers: 4,
      rebuildOnChange: 'manual',
      feedPreviousMs: 2 * 3_600_000,
      rateLimitFactor: 0.5,
      traces: { endpoint: 'https://collector.example.com/otlp', share: 0.05 },
      logLevel: 'silent',
    });
  });

  it('cannot be changed', () => {
    const environment = readEnvironment({ TRUST_PROXY: 'loopback', CORS_ORIGINS: 'https://a.example.com' });
    expect(environment).to.be.frozen;
    expect(environment.trustProxy).to.be.frozen;
    expect(environment.corsOrigins).to.be.frozen;
  });

  it("puts a process's own defaults below the environment, and treats an empty variable as unset", () => {
    expect(readEnvironment({}, { PORT: '3001' }).port).to.equal(3001);
    expect(readEnvironment({ PORT: '4000' }, { PORT: '3001' }).port).to.equal(4000);
    expect(readEnvironment({ PORT: '' }, { PORT: '3001' }).port).to.equal(3001);
    expect(readEnvironment({ MASTER_KEY: '', HOME: '/root' }).port).to.equal(3000);
  });

  it('accepts the forms of TRUST_PROXY', () => {
    expect(readEnvironment({ TRUST_PROXY: 'none' }).trustProxy).to.equal(false);
    expect(readEnvironment({ TRUST_PROXY: '2' }).trustProxy).to.equal(2);
    expect(readEnvironment({ TRUST_PROXY: 'loopback,10.1.2.3' }).trustProxy).to.deep.equal(['loopback', '10.1.2.3']);
  });

  const refused: Record<string, readonly string[]> = {
    NODE_ENV: ['prod', 'Production'],
    OPERATIONS_PORT: ['65536', '0x50'],
    PORT: ['65536', '-1', '80.5', '0x50', 'http', ' 80'],
    EVENT_STORE_URL: ['mongodb://x', 'x', 'postgres://x', '/var/events.db', 'ESDB://x'],
    READ_STORE_URL: ['esdb://x', 'redis://x'],
    QUEUE_URL: ['mongodb://x', 'amqp://x'],
    KEY_STORE_URL: ['redis://x', 'file:///keys'],
    MASTER_KEY: ['short'],
    JWT_SECRET: ['short'],
    AUDIT_SIGNING_KEY: ['short'],
    WEBHOOK_SECRET: ['short', `${secret},short`, `${secret}-1,${secret}-2,${secret}-3`],
    WEBHOOK_SECRET_STRIPE: ['short'],
    SIMULATORS: ['true', '2'],
    DEMO: ['true', 'yes', '2'],
    TRUST_PROXY: ['true', '0', '10', '10.0.0.0/33', '::/0', '10.0.0.0/0', '*', 'loopback,anything', ','],
    CORS_ORIGINS: ['*', 'app.example.com', 'https://a.example.com/path', 'https://user@a.example.com', 'null'],
    REBUILD_ON_CHANGE: ['yes', 'AUTO'],
    FEED_PREVIOUS_HOURS: ['-1', '1.5', 'ever'],
    KEEP_GENERATIONS: ['1', '0', '100', '2.5', 'all'],
    REBUILD_MEMORY_MB: ['191', '65537', '1e3', 'all'],
    REBUILD_WORKERS: ['0', '65', '2.5', 'all'],
    RATE_LIMIT_FACTOR: ['0', '-1', '1e3', 'Infinity', 'many'],
    LOG_LEVEL: ['verbose', 'INFO'],
    OTEL_EXPORTER_OTLP_ENDPOINT: ['collector:4318', 'grpc://collector', 'http://user:word@collector', 'http://a?b'],
    OTEL_TRACES_SAMPLER_ARG: ['2', '-1', '1.0', '5%', 'always_on'],
    LOG_FORMAT: ['xml', 'TEXT'],
  };
  for (const [name, values] of Object.entries(refused)) {
    it(`rejects ${name} = ${values.join(' | ')}`, () => {
      for (const value of values) {
        const problems = problemsOf({ [name]: value });
        expect(problems, value).to.have.length(1);
        expect(problems[0]).to.match(new RegExp(`^${name} must `));
      }
    });
  }

  it('says both ends of RATE_LIMIT_FACTOR to whoever is above them', () => {
    expect(problemsOf({ RATE_LIMIT_FACTOR: '1000000' })).to.deep.equal([
      'RATE_LIMIT_FACTOR must be a number above 0 and below 1000000, with at most three decimals',
    ]);
  });

  it('reports every problem at once, one line each, without any value', () => {
    const env = {
      NODE_ENV: 'production',
      PORT: 'hush1',
      READ_STORE_URL: 'hush2://user:hush3@host',
      JWT_SECRET: 'hush4',
      DEMO: '1',
    };
    const message = new EnvironmentError(problemsOf(env)).message;
    const lines = message.split('\n');
    expect(lines[0]).to.equal('The configuration cannot be used:');
    expect(lines.slice(1).map((line) => /^ {2}- ([A-Z_]+) /.exec(line)?.[1])).to.have.members([
      'PORT',
      'READ_STORE_URL',
      'JWT_SECRET',
      'MASTER_KEY',
      'AUDIT_SIGNING_KEY',
      'WEBHOOK_SECRET_PAYMENTS',
      'WEBHOOK_SECRET_KYC',
      'WEBHOOK_SECRET_PAYOUTS',
      'WEBHOOK_SECRET_STRIPE',
      'JWT_SECRET',
      'DEMO',
    ]);
    expect(message).to.not.contain('hush');
  });
});

describe('The production environment', () => {
  it('accepts embedded stores and servers over TLS', () => {
    expect(problemsOf(production)).to.deep.equal([]);
    const servers = {
      EVENT_STORE_URL: 'esdb://platform:Kq7-x@events:2113',
      READ_STORE_URL: 'mongodb://views:Kq7-y@views/views?replicaSet=rs&tls=true',
      QUEUE_URL: 'rediss://:Kq7-z@queue:6379',
      KEY_STORE_URL: 'mongodb+srv://keys/keys?authMechanism=MONGODB-X509',
    };
    expect(problemsOf({ ...production, ...servers })).to.deep.equal([]);
  });

  it('lets no page of this machine call, which others may', () => {
    expect(readEnvironment(production).corsOrigins).to.deep.equal([]);
    expect(readEnvironment({}).corsOrigins).to.have.length(1);
  });

  it('holds a view that its code has changed before the switch, unless told otherwise', () => {
    expect(readEnvironment(production)).to.include({ rebuildOnChange: 'hold' });
    expect(readEnvironment({ ...production, REBUILD_ON_CHANGE: 'auto' })).to.include({ rebuildOnChange: 'auto' });
  });

  const names = Object.keys(production).filter((name) => name !== 'NODE_ENV');
  const problemOf = (name: string, why: string) => `${name} must be a good secret in production: ${why}`;

  it('demands every secret, and rejects the public ones, with blanks around them, too', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).to.deep.equal(
      names.map((name) => `${name} must be set in production`),
    );
    for (const name of ['MASTER_KEY', 'JWT_SECRET', 'AUDIT_SIGNING_KEY'] as const) {
      const example = new RegExp(`^#${name}=(.+)$`, 'm').exec(envExample())?.[1];
      expect(example).to.be.a('string');
      for (const value of [example, ` ${example}\n`, `${strong[0].toLowerCase()},${example}`])
        expect(problemsOf({ ...production, [name]: value })).to.deep.equal([problemOf(name, 'the default is public')]);
    }
  });

  it('does not let WEBHOOK_SECRET stand in', () => {
    const [, ...others] = names.filter((name) => name.startsWith('WEBHOOK'));
    const one = Object.fromEntries(others.map((name) => [name, undefined]));
    expect(problemsOf({ ...production, ...one, WEBHOOK_SECRET: strong[0] })).to.deep.equal(
      others.map((name) => `${name} must be set in production`),
    );
  });

  const weak: readonly (readonly [why: string, values: readonly string[]])[] = [
    ['it has words that everybody tries', [`${strong[0]}changeme`, `my-PASSWORD-${strong[0]}`, `${strong[0]}-Secret`]],
    ['it has fewer than 8 different characters', ['a'.repeat(40), 'abcdefgfedcbagfedcbaabcdefgfedcba']],
    ['it repeats itself', ['k9Qz4Wm7'.repeat(5), 'k9Qz4Wm7Tx2Rb6Vp3k9Qz4Wm7Tx2Rb6Vp3']],
    [
      'it is a row of neighbouring characters',
      ['abcdefghijklmnopqrstuvwxyz012345', '0123456789zyxwvutsrqponmlkjihgfe'],
    ],
  ];
  for (const [why, values] of weak)
    it(`rejects a secret because ${why}`, () => {
      for (const name of names)
        for (const value of values)
          expect(problemsOf({ ...production, [name]: value }), value).to.deep.equal([problemOf(name, why)]);
      expect(problemsOf({ MASTER_KEY: values[0] })).to.deep.equal([]);
    });

  it('takes a secret for a row when more than half of its steps are to a neighbour', () => {
    const [half, more] = ['abcdefghijklmnopqXQ4Z8K2V6T9M1PW', 'abcdefghijklmnopqrXQ4Z8K2V6T9M1P'];
    expect([half.length, more.length]).to.deep.equal([32, 32]); // 16 and 17 steps
    expect(problemsOf({ ...production, MASTER_KEY: half })).to.deep.equal([]);
    expect(problemsOf({ ...production, MASTER_KEY: more })).to.have.length(1);
  });

  it('rejects one secret for two things, and twice for one', () => {
    expect(problemsOf({ ...production, JWT_SECRET: ` ${strong[0]}` })).to.deep.equal([
      'JWT_SECRET must not be equal to MASTER_KEY in production',
    ]);
    expect(problemsOf({ ...production, WEBHOOK_SECRET_STRIPE: strong[4] })).to.deep.equal([
      'WEBHOOK_SECRET_STRIPE must not be equal to WEBHOOK_SECRET_PAYOUTS in production',
    ]);
    expect(problemsOf({ ...production, JWT_SECRET: `${strong[1]},${strong[1]}` })).to.deep.equal([
      'JWT_SECRET must not hold the same secret twice',
    ]);
  });

  it('rejects http: where others find us, or call us from', () => {
    expect(problemsOf({ ...production, PUBLIC_URL: 'http://creators.example.com' })).to.deep.equal([
      'PUBLIC_URL must begin with https: in production',
    ]);
    expect(problemsOf({ ...production, SIGNUP_URL: 'http://www.example.com/join' })).to.deep.equal([
      'SIGNUP_URL must begin with https: in production',
    ]);
    const origins = 'https://a.example.com, http://b.example.com';
    expect(problemsOf({ ...production, CORS_ORIGINS: origins })).to.deep.equal([
      'CORS_ORIGINS must begin with https: in production',
    ]);
    expect(problemsOf({ PUBLIC_URL: 'http://creators.example.com', CORS_ORIGINS: origins })).to.deep.equal([]);
  });

  it('rejects a page to sign up at that is no web address, or names a user', () => {
    for (const SIGNUP_URL of ['www.example.com/join', 'javascript:alert(1)', 'https://a:b@example.com', 'https://'])
      expect(problemsOf({ SIGNUP_URL }), SIGNUP_URL).to.deep.equal([
        'SIGNUP_URL must be a web address like https://www.example.com/signup',
      ]);
  });

  it('rejects proxies that are half the world', () => {
    for (const wide of [
      '0.0.0.0/1',
      '10.0.0.0/7',
      '::/1',
      'fc00::/7',
      '::/8',
      '::/80',
      '::ffff:0:0/96',
      '::ffff:10.0.0.0/103',
    ])
      expect(problemsOf({ ...production, TRUST_PROXY: `loopback, ${wide}` }), wide).to.deep.equal([
        'TRUST_PROXY must have no network wider than a /8 in production',
      ]);
    for (const narrow of [
      '10.0.0.0/8',
      '2001:db8::/32',
      'fd00::/8',
      '::ffff:10.0.0.0/104',
      'uniquelocal',
      '10.1.2.3',
      '2',
    ])
      expect(problemsOf({ ...production, TRUST_PROXY: narrow }), narrow).to.deep.equal([]);
  });

  it('switches simulators on only where it is told to', () => {
    expect(readEnvironment(production).simulators).to.equal(false);
    expect(readEnvironment({ ...production, SIMULATORS: '1' }).simulators).to.equal(true);
    expect(readEnvironment({ SIMULATORS: '0' }).simulators).to.equal(false);
  });

  const plaintext: readonly (readonly [string, string])[] = [
    ['EVENT_STORE_URL', 'esdb://u:Kq7-x@events:2113?tls=false'],
    ['EVENT_STORE_URL', 'esdb://u:Kq7-x@events:2113?tls=%66alse'],
    ['EVENT_STORE_URL', 'esdb+discover://u:Kq7-x@events:2113?keepAlive=1&TLS=False'],
    ['READ_STORE_URL', 'mongodb://u:Kq7-x@views/views'],
    ['READ_STORE_URL', 'mongodb://u:Kq7-x@views/views?tls=false'],
    ['KEY_STORE_URL', 'mongodb+srv://u:Kq7-x@keys/keys?tls=false'],
    ['QUEUE_URL', 'redis://:Kq7-x@queue:6379'],
  ];
  for (const [name, value] of plaintext) {
    it(`rejects ${name}=${value}`, () => {
      expect(problemsOf({ ...production, [name]: value })).to.deep.equal([`${name} must use TLS in production`]);
      expect(problemsOf({ [name]: value })).to.deep.equal([]);
    });
  }

  const open: readonly (readonly [string, string])[] = [
    ['EVENT_STORE_URL', 'esdb://events:2113'],
    ['EVENT_STORE_URL', 'esdb://admin:changeit@events:2113'],
    ['EVENT_STORE_URL', 'esdb://admin:change%69t@events:2113'],
    ['EVENT_STORE_URL', 'esdb://events:2113?userCertFile=a.pem&userKeyFile=b.pem'],
    ['READ_STORE_URL', 'mongodb://views/views?tls=true'],
    ['READ_STORE_URL', 'mongodb://views:@views/views?tls=true'],
    ['KEY_STORE_URL', 'mongodb+srv://keys:Password@keys/keys'],
    ['QUEUE_URL', 'rediss://queue:6379'],
    ['QUEUE_URL', 'rediss://:development-redis@queue:6379'],
  ];
  for (const [name, value] of open) {
    it(`rejects ${name}=${value}`, () => {
      const problem = `${name} must name a user with a password of its own in production`;
      expect(problemsOf({ ...production, [name]: value })).to.deep.equal([problem]);
      expect(problemsOf({ [name]: value })).to.deep.equal([]);
    });
  }

  for (const [name, value] of [
    ['EVENT_STORE_URL', 'esdb://u:Kq7-x@events:2113?tlsVerifyCert=false'],
    ['READ_STORE_URL', 'mongodb://u:Kq7-x@views/views?tls=true&tlsAllowInvalidCertificates=true'],
    ['KEY_STORE_URL', 'mongodb://u:Kq7-x@keys/keys?tls=true&tlsInsecure=true'],
  ] as const) {
    it(`rejects ${name}=${value}`, () => {
      const problem = `${name} must check the server's certificate in production`;
      expect(problemsOf({ ...production, [name]: value })).to.deep.equal([problem]);
    });
  }

  it('rejects loosened rate limits and the demo', () => {
    expect(problemsOf({ ...production, RATE_LIMIT_FACTOR: '1.5' })).to.deep.equal([
      'RATE_LIMIT_FACTOR must not be above 1 in production',
    ]);
    expect(problemsOf({ ...production, RATE_LIMIT_FACTOR: '0.5' })).to.deep.equal([]);
    expect(problemsOf({ ...production, DEMO: '1' })).to.deep.equal(['DEMO must not be 1 in production']);
  });
});

describe('An environment that others can reach', () => {
  const others = { HOST: '0.0.0.0', PUBLIC_URL: 'http://10.0.0.1:3000' };
  const own = {
    ...{ MASTER_KEY: `${secret}-1`, JWT_SECRET: `${secret}-2`, AUDIT_SIGNING_KEY: `${secret}-3` },
    WEBHOOK_SECRET: `${secret}-4`,
  };

  it('rejects default secrets, whatever NODE_ENV says', () => {
    for (const NODE_ENV of [undefined, 'development', 'test']) {
      expect(problemsOf({ ...others, ...own, NODE_ENV })).to.deep.equal([]);
      for (const name of Object.keys(own))
        expect(problemsOf({ ...others, ...own, NODE_ENV, [name]: undefined })).to.deep.equal([
          `${name} must be set where HOST is no loopback address: the default is public`,
        ]);
    }
  });

  it('needs no stand-in where every provider has a secret', () => {
    const { WEBHOOK_SECRET: _, ...rest } = own;
    const each = Object.fromEntries(
      ['PAYMENTS', 'KYC', 'PAYOUTS', 'STRIPE'].map((p) => [`WEBHOOK_SECRET_${p}`, secret]),
    );
    expect(problemsOf({ ...others, ...rest, ...each })).to.deep.equal([]);
  });

  it('must say its address, in production too', () => {
    const problem = 'PUBLIC_URL must be set where HOST is no loopback address';
    for (const HOST of ['0.0.0.0', '::', '10.0.0.1', 'creators.example.com', '128.0.0.1']) {
      expect(problemsOf({ ...own, HOST }), HOST).to.deep.equal([problem]);
      expect(problemsOf({ ...production, HOST }), HOST).to.deep.equal([problem]);
    }
    for (const HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost'])
      expect(problemsOf({ HOST }), HOST).to.deep.equal([]);
  });
});

describe('.env.example', () => {
  const committed = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');

  it("is generated from the environment's schema", () => {
    expect(committed).to.equal(envExample());
  });

  it('lists every variable, and is valid with all of them uncommented', () => {
    const shown = Object.fromEntries(
      [...committed.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    expect(Object.keys(shown)).to.deep.equal(Object.keys(environmentSchema.shape));
    expect(readEnvironment(shown)).to.deep.equal(readEnvironment({}));
  });
});
