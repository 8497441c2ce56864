/**
 * The three services as processes of their own on servers: EventStoreDB and MongoDB as fakes in this process, the queue
 * a file they share. What one process knows, the others learn from the stores alone.
 */
import { generationOf } from '@creator-dashboards/projector/generations';
import { startEventStoreServer, type EventStoreServer } from '@creator-dashboards/shared/testing/eventstoredb-wire';
import { startMongoServer, type MongoServer } from '@creator-dashboards/shared/testing/mongodb-wire';
import { feedNameOf } from '@creator-dashboards/shared/views/alias';
import { views } from '@creator-dashboards/shared/views/registry';
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLauncher, type Child, type Launcher } from './support/child.js';
import { createSender, type Answer, type Command, type Data } from './support/commands.js';

const SERVICES = ['command-service', 'projector', 'query-service'] as const;
type Service = (typeof SERVICES)[number];

describe('The three services on servers', function () {
  const launchers = new Map<Service, Launcher>();
  let folder: string;
  let events: EventStoreServer;
  let documents: MongoServer;
  let running: { readonly child: Child; readonly port: number }[];
  let serial = 0;

  /** One installation for all tests, which follow each other. */
  let all: All;
  before(async () => {
    for (const service of SERVICES)
      launchers.set(service, await createLauncher({ entry: `${service}/src/main.ts`, readyWords: '"ready"' }));
    folder = mkdtempSync(join(tmpdir(), 'services-'));
    [events, documents] = await Promise.all([startEventStoreServer(), startMongoServer()]);
    running = [];
    all = await launchAll();
  });
  after(async () => {
    all.close();
    await Promise.all([...launchers.values()].map((launcher) => launcher.close()));
    await Promise.all([events.close(), documents.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function launch(service: Service) {
    const launcher = launchers.get(service);
    if (!launcher) throw new Error(`${service} was not built`);
    const port = await freePort();
    const stores = {
      EVENT_STORE_URL: events.url,
      READ_STORE_URL: `${documents.url}/views`,
      KEY_STORE_URL: `${documents.url}/keys`,
    };
    const env = { ...stores, DATA_DIR: folder, PORT: String(port), NODE_ENV: 'test', RATE_LIMIT_FACTOR: '100000' };
    const child = launcher.launch(env);
    const process = { child, port };
    running.push(process);
    await child.ready;
    return process;
  }

  /** All of them; two projectors, of which the second stands by. */
  async function launchAll() {
    const commands = await launch('command-service');
    const active = await launch('projector');
    const standby = await launch('projector');
    const queries = await launch('query-service');
    const write = createSender(commands.port);
    const read = createSender(queries.port);
    return {
      commands,
      active,
      standby,
      queries,
      write,
      read,
      close: () => [write, read].forEach((sender) => sender.close()),
    };
  }
  type All = Awaited<ReturnType<typeof launchAll>>;

  const key = () => `key-${(serial += 1)}`;
  const succeeded = ({ status, data, refused }: Answer): Data => {
    expect(status, String(refused)).to.be.lessThan(300);
    return data;
  };

  async function register({ write }: All) {
    const name = `person${(serial += 1)}`;
    const consent = { acceptTerms: true, acceptPrivacy: true };
    const body = { email: `${name}@example.org`, password: 'Correct-horse-7', username: name, ...consent };
    const data = succeeded(await write.send({ route: 'POST /auth/register', as: 'anybody', key: key(), body }));
    const as = { userId: String(data.userId), role: 'USER' } as const;
    const upgraded = { route: 'POST /creators/upgrade', as, key: key(), body: { displayName: name } };
    const { creatorId } = succeeded(await write.send(upgraded));
    return { as, name, creatorId: String(creatorId) };
  }
  type Person = Awaited<ReturnType<typeof register>>;

  const setPrice = (person: Person, dmPrice: number): Omit<Command, 'leaves'> => ({
    route: 'PATCH /creators/:creatorId/dm-config',
    params: { creatorId: person.creatorId },
    as: person.as,
    key: key(),
    body: { dmType: 'PER_MESSAGE', dmPrice, dmActive: true },
  });
  const getDashboard = ({ read }: All, person: Person) =>
    read.send({ route: 'GET /creators/dashboard', as: person.as, key: key() });
  /** Asks until the dashboard shows this price. */
  async function shows(all: All, person: Person, dmPrice: string): Promise<void> {
    for (;;) {
      const { status, data } = await getDashboard(all, person);
      if (status === 200 && data.dmPrice === dmPrice) return;
    }
  }
  const ask = async (port: number, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
    return { status: response.status, text: await response.text(), to: response.headers.get('location') };
  };

  /** Asks until it is answered so: what operators ask is worked out once a second at most. */
  async function comesToSay(port: number, path: string, said: { status?: number; text?: string }): Promise<void> {
    for (;;) {
      const { status, text } = await ask(port, path);
      if (status === (said.status ?? 200) && text.includes(said.text ?? '')) return;
    }
  }

  it('carry a command to the dashboard, and answer probes and Prometheus', async () => {
    const person = await register(all);
    succeeded(await all.write.send(setPrice(person, 7.5)));
    await shows(all, person, '7.50');
    for (const { port } of running) {
      expect((await ask(port, '/livez')).status).to.equal(200);
      await comesToSay(port, '/readyz', { status: 200 });
    }
    const feed = feedNameOf('creatorDashboard', generationOf(views.creatorDashboard.version));
    await comesToSay(all.active.port, '/metrics', { text: `feed_lag_events{feed="${feed}"} 0\n` });
    expect((await ask(all.queries.port, '/metrics')).text).to.include('http_');
  });

  it('tell an admin from any projector what all of them do', async () => {
    const staff = { userId: '0f8fad5b-d9cb-469f-a165-70867728950e', role: 'ADMIN' } as const;
    for (const { port } of [all.active, all.standby]) {
      const sender = createSender(port);
      const told = await sender.send({ route: 'GET /admin/projections', as: staff, key: key() });
      sender.close();
      expect(succeeded(told).views).to.have.length(Object.keys(views).length);
    }
    expect((await ask(all.active.port, '/api/v1/admin/projections')).status).to.equal(401);
  });

  it('serve the public page where reads are served, and count what is followed where commands are', async () => {
    const { as, name, creatorId } = await register(all);
    const params = { creatorId };
    const body = { title: 'Shop', url: 'https://shop.example.com/' };
    const added = { route: 'POST /creators/:creatorId/links', params, as, key: key(), body };
    const { id } = succeeded(await all.write.send(added));
    await comesToSay(all.queries.port, `/${name}`, { text: `href="/go/${String(id)}"` });
    expect(await ask(all.commands.port, `/go/${String(id)}`)).to.include({ status: 303, to: body.url });
    succeeded(await all.write.send({ route: 'GET /referral/link', as, key: key() }));
    expect((await ask(all.commands.port, `/ref/${name}`)).status).to.equal(303);
    const counted = events.log.filter(({ type }) => type === 'BioLinkClicked' || type === 'ReferralClickTracked');
    expect(counted.map(({ type }) => type)).to.deep.equal(['BioLinkClicked', 'ReferralClickTracked']);
    expect((await ask(all.commands.port, `/${name}`)).status).to.equal(404);
    expect((await ask(all.queries.port, `/ref/${name}`)).status).to.equal(404);
  });

  it('refuse commands while the event store is down, and execute a retried one once when it is back', async () => {
    const person = await register(all);
    succeeded(await all.write.send(setPrice(person, 2.5)));
    await shows(all, person, '2.50');
    await events.stop();
    const command = setPrice(person, 3);
    const refused = await all.write.send(command);
    expect(refused).to.include({ status: 503, refused: 'common.unavailable' });
    expect((await getDashboard(all, person)).status).to.equal(200); // What was projected can still be read.
    expect((await ask(all.commands.port, '/livez')).status).to.equal(200);
    await comesToSay(all.commands.port, '/readyz', { status: 503 });
    await comesToSay(all.active.port, '/metrics', { text: 'feed_status_known 0' });
    await events.start();
    for (;;) if ((await all.write.send(command)).status === 200) break;
    succeeded(await all.write.send(command));
    await shows(all, person, '3.00');
    const done = events.log.filter(
      ({ type, stream }) => type === 'DmConfigUpdated' && stream.endsWith(person.creatorId),
    );
    expect(done).to.have.length(2);
  });

  it('project what happened while MongoDB was down, and lose nothing', async () => {
    const person = await register(all);
    succeeded(await all.write.send(setPrice(person, 4)));
    await shows(all, person, '4.00');
    await documents.stop();
    expect(await getDashboard(all, person)).to.include({ status: 503, refused: 'common.unavailable' });
    await documents.start();
    for (;;) if ((await all.write.send(setPrice(person, 5))).status === 200) break;
    await shows(all, person, '5.00');
  });

  it('continue when the active projector is killed: the standby takes over', async () => {
    const person = await register(all);
    succeeded(await all.write.send(setPrice(person, 1)));
    await shows(all, person, '1.00');
    all.active.child.kill('SIGKILL');
    await all.active.child.ended;
    succeeded(await all.write.send(setPrice(person, 2)));
    await shows(all, person, '2.00');
  });

  it('stop in order when told to, whatever is in progress', async () => {
    const left = running.filter(({ child }) => child !== all.active.child);
    for (const { child } of left) child.kill('SIGTERM');
    for (const { child } of left) expect(await child.ended, child.said()).to.deep.equal({ code: 0, signal: null });
    all.close();
  });

  it('stop the projector with the reason when an older backup of the log was restored', async () => {
    all = await launchAll();
    const person = await register(all);
    const backup = events.log.at(-1)?.position ?? 0n;
    succeeded(await all.write.send(setPrice(person, 6)));
    await shows(all, person, '6.00');
    await events.restoreTo(backup);
    await Promise.race([all.active.child.ended, all.standby.child.ended]);
    const said = [all.active, all.standby].map(({ child }) => child.said()).join('\n');
    expect(said).to.match(/was an older backup restored\?/);
    const again = await launch('projector');
    const { text } = await ask(again.port, '/readyz');
    expect(text).to.include('these documents came from another log');
  });
});
