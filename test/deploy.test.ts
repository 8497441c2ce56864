/** What starts the system on servers, held against the code it starts: names, ports, users, files. */
import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { features } from '@creator-dashboards/command-service/features/features';
import { demoRoutes } from '@creator-dashboards/command-service/routes/demo';
import type { CommandService } from '@creator-dashboards/command-service/runtime/service';
import { projectionRoutes } from '@creator-dashboards/projector/routes/projections';
import { createQueryService, type QueryServiceOptions } from '@creator-dashboards/query-service/create-service';
import { API_PREFIX, type Route } from '@creator-dashboards/shared/http/route';
import {
  EnvironmentError,
  environmentSchema,
  readEnvironment,
  type Env,
} from '@creator-dashboards/shared/process/environment';
import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: { test: readonly string[] };
  readonly [key: string]: unknown;
}

interface User {
  user: string;
  pwd: string;
  roles: { role: string; db: string }[];
}

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readYaml = <T>(path: string) => parse(read(path), { merge: true }) as T;

const services = readYaml<{ services: Record<string, Service> }>('docker-compose.yml').services;
const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);
const workspaces = (JSON.parse(read('package.json')) as { workspaces: string[] }).workspaces;
const dockerfile = read('Dockerfile');

/** What compose demands: `${NAME:?words}`. */
const demanded = ['MASTER_KEY', 'JWT_SECRET', 'AUDIT_SIGNING_KEY', 'WEBHOOK_SECRET'];

/**
 * As Compose fills in `${NAME:-default}` when nothing but what it demands is set. Another variable without a default stays, and
 * fails whatever reads it.
 */
const filled = (value: string | number) =>
  String(value)
    .replace(/\$\{\w+:-([^}]*)\}/g, '$1')
    .replace(/\$\{(\w+):\?[^}]*\}/g, (all, name: string) =>
      demanded.includes(name) ? `${name} of`.padEnd(64, '.') : all,
    );
const environmentOf = (service: Service | undefined) =>
  Object.fromEntries(Object.entries(service?.environment ?? {}).map(([name, value]) => [name, filled(value)]));

/** Whether the build creates this folder's dist and the image contains it. */
const isInImage = (folder: string) =>
  read('build.mjs').includes(`'${folder}'`) &&
  dockerfile.includes(`COPY --from=build /app/${folder}/dist ${folder}/dist\n`);

function problemsOf(env: Env): string {
  try {
    readEnvironment(env);
    return '';
  } catch (error) {
    return error instanceof EnvironmentError ? error.problems.join('\n') : String(error);
  }
}

describe('docker-compose.yml', () => {
  it('starts the three services, and nothing else of ours', () => {
    expect(ours.map(([name]) => name)).to.have.members(['query-service', 'command-service', 'projector']);
  });

  it('pins every image to one release', () => {
    const images = Object.values(services).flatMap(({ image }) => image ?? []);
    expect(images).to.have.lengthOf(6);
    expect(images.filter((image) => !/^[\w./-]+:v?\d+\.\d+\.\d+(-[\w.]+)?$/.test(image))).to.deep.equal([]);
  });

  it('opens ports to this machine only', () => {
    const ports = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(ports).to.have.lengthOf(8);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).to.deep.equal([]);
    expect(new Set(ports.map((port) => port.split(':')[1]))).to.have.lengthOf(ports.length);
  });

  it('lets several projectors run', () => {
    expect(services.projector).to.include.keys('command').and.not.have.any.keys('ports', 'container_name', 'hostname');
  });

  it('starts nothing before what it needs is healthy', () => {
    for (const [name, { depends_on = {} }] of Object.entries(services))
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(condition, `${name} on ${needed}`).to.equal('service_healthy');
        expect(services[needed]?.healthcheck?.test, needed).to.be.an('array').that.is.not.empty;
      }
    for (const [name, { depends_on }] of ours)
      expect(Object.keys(depends_on ?? {}), name).to.have.members(['eventstore', 'mongodb', 'redis']);
  });

  it('limits every container, its log included, and restarts it', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service, name).to.include.keys('mem_limit', 'logging', 'healthcheck');
      expect(service.restart, name).to.equal('unless-stopped');
    }
  });

  it('has one site, at PUBLIC_URL, that takes each request to the service that serves it', () => {
    const site = read('deploy/nginx/nginx.conf');
    const [, published] = services.site?.ports?.[0]?.split(':') ?? [];
    for (const name of ['query-service', 'command-service', 'projector']) {
      const { PORT, PUBLIC_URL } = environmentOf(services[name]);
      expect(site).to.include(`server ${name}:${PORT};`);
      expect(PUBLIC_URL).to.equal(`http://127.0.0.1:${published}`);
    }
    const patternsOf = (upstream: string) =>
      [...site.matchAll(new RegExp(`^ +~(\\S+) ${upstream};$`, 'gm'))].map(([, pattern = '']) => new RegExp(pattern));
    const [toCommands, toProjector] = [patternsOf('command'), patternsOf('projector')];
    const isToCommands = (path: string) => toCommands.some((pattern) => pattern.test(path));
    const isToProjector = (path: string) => toProjector.some((pattern) => pattern.test(path));
    const { routes, pages } = createQueryService({
      sealer: {},
      views: {},
      changes: createChanges(),
    } as QueryServiceOptions); // Nothing is called.
    const service = {} as CommandService;
    const readsOf = (all: readonly Route[], prefix: string) =>
      all.filter(({ method }) => method === 'GET').map(({ path }) => `${prefix}${path}`);
    const ofCommands = [
      ...readsOf([...features.flatMap((feature) => feature.routes(service)), ...demoRoutes(service)], API_PREFIX),
      ...readsOf(
        features.flatMap((feature) => feature.pages?.(service) ?? []),
        '',
      ),
    ];
    expect(ofCommands).to.have.lengthOf(7);
    expect(ofCommands.filter((path) => !isToCommands(path))).to.deep.equal([]);
    const ofQueries = [...readsOf(routes, API_PREFIX), ...readsOf(pages, '')];
    expect(ofQueries.filter(isToCommands)).to.deep.equal([]);
    const asking = routes.filter(({ asks }) => asks).map(({ path }) => `${API_PREFIX}${path}`);
    const toQueries = patternsOf('query');
    expect(asking.filter((path) => !toQueries.some((pattern) => pattern.test(path)))).to.deep.equal([]);
    const ofProjector = projectionRoutes({} as Parameters<typeof projectionRoutes>[0]).map(
      ({ path }) => `${API_PREFIX}${path}`,
    );
    expect(ofProjector.filter((path) => !isToProjector(path) || isToCommands(path))).to.deep.equal([]);
    const writes = features.flatMap((feature) => feature.routes(service)).map(({ path }) => `${API_PREFIX}${path}`);
    expect([...ofCommands, ...ofQueries, ...asking, ...writes].filter(isToProjector)).to.deep.equal([]);
    expect(writes.filter((path) => toQueries.some((pattern) => pattern.test(path)))).to.deep.equal([]);
  });

  it('gives our services no privileges that they do not need', () => {
    for (const [name, { read_only, cap_drop, security_opt }] of ours)
      expect({ read_only, cap_drop, security_opt }, name).to.deep.equal({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
  });

  it('mounts files that exist', () => {
    const mounts = Object.values(services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]));
    const files = mounts.filter((source = '') => source.startsWith('.'));
    expect(files).to.have.lengthOf(6);
    expect(files.filter((file = '') => !existsSync(join(root, file)))).to.deep.equal([]);
  });

  for (const [name, service] of ours) {
    it(`configures the ${name} with names that exist and values that it accepts`, () => {
      const env = environmentOf(service);
      expect(Object.keys(environmentSchema.shape)).to.include.members(Object.keys(env));
      const environment = readEnvironment(env);
      expect(environment.nodeEnv).to.equal('development');
      const urls = [environment.eventStoreUrl, environment.readStoreUrl, environment.keyStoreUrl, environment.queueUrl];
      expect(urls.map((url) => new URL(url).host)).to.deep.equal([
        'eventstore:2113',
        'mongodb:27017',
        'mongodb:27017',
        'redis:6379',
      ]);
      expect(services.eventstore?.environment?.EVENTSTORE_INSECURE).to.equal('true');
      expect(environment.eventStoreUrl).to.match(/\?tls=false$/);
      for (const port of service.ports ?? [])
        expect(port).to.equal(`127.0.0.1:${environment.port}:${environment.port}`);
    });

    it(`makes the ${name} refuse the public secrets`, () => {
      const unset = Object.fromEntries(demanded.map((variable) => [variable, undefined]));
      const problems = problemsOf({ ...environmentOf(service), ...unset });
      for (const variable of demanded) expect(problems).to.include(`${variable} must be set`);
    });

    it(`leaves the ${name} unfit for production, with weak secrets and plaintext URLs`, () => {
      const problems = problemsOf({ ...environmentOf(service), NODE_ENV: 'production' });
      for (const variable of ['MASTER_KEY', 'JWT_SECRET', 'AUDIT_SIGNING_KEY', 'WEBHOOK_SECRET_PAYMENTS'])
        expect(problems, variable).to.match(new RegExp(`^${variable} must`, 'm'));
      for (const variable of ['EVENT_STORE_URL', 'READ_STORE_URL', 'KEY_STORE_URL', 'QUEUE_URL']) {
        expect(problems, variable).to.match(new RegExp(`^${variable} .*TLS`, 'm'));
        expect(problems, variable).to.match(new RegExp(`^${variable} .*password`, 'm'));
      }
    });
  }
});

describe('The users of the stores', () => {
  const env = environmentOf(services['query-service']);
  const url = (name: string) => new URL(env[name] ?? '');

  it('are created in MongoDB as the services log in, one per database', () => {
    const made: (User & { database: string })[] = [];
    const getSiblingDB = (database: string) => ({ createUser: (user: User) => made.push({ database, ...user }) });
    const process = { env: environmentOf(services.mongodb) };
    runInNewContext(read('deploy/mongodb/users.js'), { db: { getSiblingDB }, process });
    const expected = [url('READ_STORE_URL'), url('KEY_STORE_URL')].map(({ username, password, pathname }) => {
      const database = pathname.slice(1);
      return { database, user: username, pwd: password, roles: [{ role: 'readWrite', db: database }] };
    });
    expect(made).to.deep.equal(expected);
    expect(new Set(made.flatMap(({ database, user }) => [database, user]))).to.have.lengthOf(4);
  });

  it('are created in Redis as the services log in, and nobody else can log in', () => {
    const { username, password } = url('QUEUE_URL');
    const command = (services.redis?.command ?? []).map(filled).join(' ');
    expect(command).to.include('--user default off ').and.include(`--user ${username} on >${password} `);
    expect(command).to.include('~creator-dashboards:* ~{creator-dashboards}:* ').and.include(' -@dangerous');
  });

  it('find a queue that forgets nothing', () => {
    const settings = read('deploy/redis/redis.conf').split('\n');
    expect(settings).to.include.members(['appendonly yes', 'appendfsync everysec', 'maxmemory-policy noeviction']);
  });
});

describe('The image', () => {
  const runs = [...dockerfile.matchAll(/CMD (\[.+\])$/gm)].map(([, list = '[]']) => JSON.parse(list) as string[]);

  it('is built and run on a pinned Node, as an unprivileged user', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base = '']) => base);
    expect(new Set(bases)).to.have.lengthOf(2);
    expect(bases.filter((base) => base !== 'manifests' && !/^node:\d+\.\d+\.\d+-[\w-]+$/.test(base))).to.deep.equal([]);
    expect(dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))).to.match(/^USER node$/m);
  });

  it('contains every package, built, and installs without scripts', () => {
    expect(workspaces.filter((folder) => !dockerfile.includes(`COPY ${folder}/package.json ${folder}/\n`))).to.be.empty;
    expect(workspaces.filter((folder) => !isInImage(folder))).to.be.empty;
    const installs = [...dockerfile.matchAll(/npm ci.*/g)].map(([install]) => install);
    expect(installs).to.deep.equal(['npm ci --ignore-scripts', 'npm ci --omit=dev --ignore-scripts']);
  });

  it('is run by commands whose files the build creates', () => {
    const commands = [...runs, ...ours.map(([, { command = [] }]) => command)].filter(([, file]) =>
      file?.includes('dist'),
    );
    expect(commands).to.have.lengthOf(4);
    for (const [node, file = ''] of commands) {
      expect(node).to.equal('node');
      const [, folder = '', name = ''] = /^([\w-]+)\/dist\/(.+)\.js$/.exec(file) ?? [];
      expect(isInImage(folder) && existsSync(join(root, folder, 'src', `${name}.ts`)), file).to.be.true;
    }
  });

  it('has a health check whose file exists', () => {
    const checks = [...runs, ...ours.map(([, { healthcheck }]) => healthcheck?.test.slice(1) ?? [])];
    const files = checks.filter(([, file]) => !file?.includes('dist')).map((check) => check.slice(0, 2).join(' '));
    expect(new Set(files)).to.deep.equal(new Set(['node deploy/healthcheck.mjs']));
    expect(dockerfile).to.include('COPY deploy/healthcheck.mjs deploy/\n');
    expect(read('.dockerignore').split('\n')).to.include.members(['*', '!deploy/healthcheck.mjs']);
    expect(existsSync(join(root, 'deploy/healthcheck.mjs'))).to.be.true;
  });
});
