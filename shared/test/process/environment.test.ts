import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { envExample } from '../../src/environment-cli.js';
import { EnvironmentError, environmentSchema, readEnvironment, type Env } from '../../src/process/environment.js';

const secret = 'a-secret-of-somebody-with-32-characters';
const production = {
  NODE_ENV: 'production',
  MASTER_KEY: `${secret}-1`,
  JWT_SECRET: `${secret}-2`,
  WEBHOOK_SECRET: `${secret}-3`,
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
      dataDir: './data',
      eventStoreUrl: 'sqlite:',
      readStoreUrl: 'sqlite:',
      queueUrl: 'sqlite:',
      keyStoreUrl: 'sqlite:',
      jwtIssuer: 'creator-dashboards',
      jwtAudience: 'creator-dashboards-api',
      demo: false,
      trustProxy: ['loopback'],
      corsOrigins: [],
      rateLimitFactor: 1,
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
      DATA_DIR: '/var/data',
      EVENT_STORE_URL: 'esdb+discover://a:b@events:2113',
      READ_STORE_URL: 'mongodb://u:p@one:1,two:2/views?replicaSet=rs',
      QUEUE_URL: 'rediss://queue:6379',
      KEY_STORE_URL: 'mongodb+srv://keys/keys',
      MASTER_KEY: `${secret}-1`,
      JWT_SECRET: `${secret}-2`,
      JWT_ISSUER: 'issuer',
      JWT_AUDIENCE: 'audience',
      WEBHOOK_SECRET: `${secret}-3`,
      WEBHOOK_SECRET_PAYMENTS: `${secret}-4, ${secret}-5`,
      DEMO: '1',
      TRUST_PROXY: '10.0.0.0/8, 2001:db8::1, uniquelocal',
      CORS_ORIGINS: 'https://a.example.com, http://localhost:5173',
      RATE_LIMIT_FACTOR: '0.5',
      LOG_LEVEL: 'silent',
    });
    expect(environment).to.deep.equal({
      nodeEnv: 'test',
      port: 8080,
      operationsPort: 9090,
      host: '0.0.0.0',
      publicUrl: 'https://creators.example.com',
      dataDir: '/var/data',
      eventStoreUrl: 'esdb+discover://a:b@events:2113',
      readStoreUrl: 'mongodb://u:p@one:1,two:2/views?replicaSet=rs',
      queueUrl: 'rediss://queue:6379',
      keyStoreUrl: 'mongodb+srv://keys/keys',
      masterKeys: [`${secret}-1`],
      jwtSecrets: [`${secret}-2`],
      jwtIssuer: 'issuer',
      jwtAudience: 'audience',
      webhookSecrets: {
        payments: [`${secret}-4`, `${secret}-5`],
        kyc: [`${secret}-3`],
        payouts: [`${secret}-3`],
        stripe: [`${secret}-3`],
      },
      demo: true,
      trustProxy: ['10.0.0.0/8', '2001:db8::1', 'uniquelocal'],
      corsOrigins: ['https://a.example.com', 'http://localhost:5173'],
      rateLimitFactor: 0.5,
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
    WEBHOOK_SECRET: ['short', `${secret},short`, `${secret}-1,${secret}-2,${secret}-3`],
    WEBHOOK_SECRET_STRIPE: ['short'],
    DEMO: ['true', 'yes', '2'],
    TRUST_PROXY: ['true', '0', '10', '10.0.0.0/33', '::/0', '10.0.0.0/0', '*', 'loopback,anything', ','],
    CORS_ORIGINS: ['*', 'app.example.com', 'https://a.example.com/path', 'https://user@a.example.com', 'null'],
    RATE_LIMIT_FACTOR: ['0', '-1', '1e3', 'Infinity', 'many'],
    LOG_LEVEL: ['verbose', 'INFO'],
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
      'WEBHOOK_SECRET',
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

  it('rejects default secrets, left out or copied from the example', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).to.have.length(3);
    for (const name of ['MASTER_KEY', 'JWT_SECRET', 'WEBHOOK_SECRET'] as const) {
      const isDefault = `${name} must be set in production: the default is public`;
      expect(problemsOf({ ...production, [name]: undefined })).to.deep.equal([isDefault]);
      const example = new RegExp(`^#${name}=(.+)$`, 'm').exec(envExample())?.[1];
      expect(example).to.be.a('string');
      expect(problemsOf({ ...production, [name]: example })).to.deep.equal([isDefault]);
    }
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
