/**
 * What an event of a paid conversation costs with everything running that follows it, beside an earlier build of this project: both are
 * started as `npm start` does, without the demo, and called by the same people over HTTP.
 */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openToRead, type SqlDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { signWebhook } from '@creator-dashboards/shared/http/webhook';
import { newId } from '@creator-dashboards/shared/ids';
import { EVENTS_FILE } from '@creator-dashboards/shared/process/embedded';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import type { Clock } from '@creator-dashboards/shared/time';
import { listening } from './dashboards.js';
import { compare, type Measured } from './pairs.js';
import { hasPeers, peerFolder } from './peers.js';
import { visitorsOf, type Creator, type Visitor } from './visitors.js';

/** Before commands, policies and views shared one reader of the log. */
const EARLIER = '1024621';
const NAME = `CPU per event of a paid conversation, everything running, against the build of ${EARLIER}`;
const HERE = fileURLToPath(new URL('..', import.meta.url));
/** Preloaded into both builds, which then tell their processor time in microseconds when asked. */
const TELLS_CPU = `data:text/javascript,${encodeURIComponent(
  "process.on('message', () => { const { user, system } = process.cpuUsage(); process.send(user + system); });",
)}`;
const SECRET = { WEBHOOK_SECRET: 'a-secret-of-the-benchmark-0123456789' };
const PEOPLE = 10;
const CONVERSATIONS = 50;
/** The log is at rest when it has not grown for so long. */
const REST_MS = 200;

type Sign = typeof signWebhook;

/** False where it costs more than it may. Left out where the commit or what its build needs is not there. */
export async function benchEarlier(pairs = 8): Promise<boolean> {
  if (!hasPeers(NAME)) return true;
  const place = mkdtempSync(join(tmpdir(), 'bench-earlier-'));
  const running: Running[] = [];
  try {
    const folder = join(place, 'earlier');
    if (!buildEarlier(folder)) {
      console.log(`${NAME}: left out, since the commit is not in this clone or did not build here`);
      return true;
    }
    const { signWebhook: signEarlier } = (await import(
      pathToFileURL(join(folder, 'shared/dist/http/webhook.js')).href
    )) as { signWebhook(secret: string, body: string | Uint8Array, clock: Clock | object): string };
    running.push(await start(HERE, join(place, 'data'), signWebhook));
    const sign: Sign = (_secrets, _path, body, clock) => signEarlier(SECRET.WEBHOOK_SECRET, body, clock);
    running.push(await start(folder, join(place, 'data-of-earlier'), sign));
    const [ours, base] = running.map((one) => () => conversations(one)) as [Talk, Talk];
    for (const warmUp of [ours, base]) await warmUp();
    return await compare({ name: NAME, by: 'cpu', floor: 0.5, goal: 0.3, pairs, base, ours });
  } finally {
    for (const { stop } of running) await stop();
    rmSync(place, { recursive: true });
  }
}

type Talk = () => Promise<Measured>;

/** Of what is in node_modules: what the earlier build has of its own. */
const OWN = /^(\..*|@creator-dashboards|libsql)$/;

/** Whether the earlier sources are in `folder`, built with the packages that this project has, and its own driver. */
function buildEarlier(folder: string): boolean {
  mkdirSync(join(folder, 'node_modules', '@creator-dashboards'), { recursive: true });
  const archive = join(folder, '..', 'earlier.tar');
  const run = (command: string, args: readonly string[], cwd: string) =>
    spawnSync(command, args, { cwd, stdio: 'ignore' }).status === 0;
  if (!run('git', ['archive', '--output', archive, EARLIER], HERE)) return false;
  if (!run('tar', ['-xf', archive, '-C', folder], folder)) return false;
  const modules = join(folder, 'node_modules');
  for (const name of readdirSync(join(HERE, 'node_modules')))
    if (!OWN.test(name)) symlinkSync(join(HERE, 'node_modules', name), join(modules, name));
  symlinkSync(peerFolder('libsql'), join(modules, 'libsql'));
  for (const name of ['shared', 'command-service', 'projector', 'query-service'])
    symlinkSync(join(folder, name), join(modules, '@creator-dashboards', name));
  symlinkSync(join(HERE, 'shared/node_modules'), join(folder, 'shared/node_modules'));
  return run(process.execPath, ['build.mjs'], folder);
}

interface Running {
  readonly child: ChildProcess;
  readonly log: SqlDatabase;
  readonly fans: readonly Visitor[];
  readonly creators: readonly Creator[];
  stop(): Promise<void>;
}

/** The build in `folder`, on an empty log, with people who have registered. */
async function start(folder: string, data: string, sign: Sign): Promise<Running> {
  const { port, close } = await listening(() => undefined);
  close();
  const env = { PATH: process.env['PATH'], DATA_DIR: data, PORT: String(port), DEMO: '0', RATE_LIMIT_FACTOR: '100000' };
  const child = fork(join(folder, 'dist/start.js'), {
    ...{
      cwd: folder,
      execArgv: ['--import', TELLS_CPU],
      env: { ...env, ...SECRET },
      stdio: ['ignore', 'pipe', 2, 'ipc'],
    },
  });
  await Promise.race([
    once(child.stdout!, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${folder} ended with ${code}`))),
  ]);
  const visitors = visitorsOf(`http://127.0.0.1:${port}`, readEnvironment(SECRET), sign);
  const [fans, creators]: [Visitor[], Creator[]] = [[], []];
  for (let n = 0; n < PEOPLE; n += 1) {
    fans.push(await visitors.fan());
    creators.push(await visitors.creator());
  }
  const log = openToRead(join(data, EVENTS_FILE));
  return {
    ...{ child, log, fans, creators },
    async stop() {
      log.close();
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** Each fan has one conversation after the other: a paid message and its reply. */
async function conversations({ child, log, fans, creators }: Running): Promise<Measured> {
  const [before, first, began] = [await spentBy(child), await atRest(log), performance.now()];
  const each = CONVERSATIONS / PEOPLE;
  await Promise.all(
    fans.map(async (fan, index) => {
      const creator = creators[index] as Creator;
      for (let n = 0; n < each; n += 1) await converse(fan, creator);
    }),
  );
  const count = (await atRest(log)) - first;
  return {
    perSecond: (count * 1_000) / (performance.now() - began),
    cpuUs: ((await spentBy(child)) - before) / count,
    digest: '',
  };
}

async function converse(fan: Visitor, creator: Creator): Promise<void> {
  const body = { creatorId: creator.creatorId, dmType: 'PER_MESSAGE', content: `What about ${newId()}?` };
  const sent = await fan.call('POST', '/messages', { body, headers: { 'idempotency-key': newId() } });
  const reply = { body: { content: 'Yes.' }, headers: { 'idempotency-key': newId() } };
  const { status } = await creator.call('POST', `/messages/${sent.data['messageId']}/reply`, reply);
  if (sent.status > 299 || status > 299) throw new Error(`a conversation was answered ${sent.status} and ${status}`);
}

/** Position of the last event, once nothing follows it. */
async function atRest(log: SqlDatabase): Promise<number> {
  const statement = log.prepare<{ position: number }>('SELECT max(position) AS position FROM events');
  for (let last = -1; ;) {
    const { position = 0 } = statement.get() ?? {};
    if (position === last) return last;
    last = position;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
}

async function spentBy(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [spent] = (await once(child, 'message')) as [number];
  return spent;
}
