import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { history } from '@creator-dashboards/shared/testing/given';
import { openJobQueue } from '@creator-dashboards/shared/adapters/sqlite/job-queue';
import { systemClock } from '@creator-dashboards/shared/time';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import type { View, ViewRegistry } from '@creator-dashboards/shared/views/view';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { tellPolicies } from '@creator-dashboards/shared/feed/policies';
import { expect } from 'chai';
import { generationOf } from '../../src/generations.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { enqueueRebuild } from '../../src/rebuild/queue.js';
import { runRebuild } from '../../src/rebuild/run.js';
import { runOn } from '../command-line.js';
import { completeStores, planned } from '../stores.js';
import { delivered, messageId, sent, upgraded } from '@creator-dashboards/shared/testing/fixtures/people';

const views = withFingerprints(registry);

const FIRST = generationOf(views.message.version);
const SECOND = generationOf(views.message.version, 2);
const LERNA = new URL('../../../lerna.json', import.meta.url);
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** What a run may have of its own. */
interface Particulars {
  readonly registry?: ViewRegistry;
  readonly more?: NodeJS.ProcessEnv;
  readonly heard?: (text: string) => void;
}

describe('The command line', function () {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'projector-cli-'));
    const events = openEventStore(join(folder, 'events.db'));
    for (const { stream, id, type, data, metadata, revision } of history([upgraded, sent(), delivered()]))
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    await events.close();
    const reads = openReadStore(join(folder, 'views.db'));
    await tellPolicies(reads, [{ name: 'pay', on: [] }]);
    await reads.close();
    await completeStores(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  const env = (): NodeJS.ProcessEnv => ({ DATA_DIR: folder });

  const run = (...args: string[]) => runWith({}, ...args);

  const runWith = ({ registry = views, more = {}, ...others }: Particulars, ...args: string[]) =>
    runOn({ folder, views: registry, env: { ...env(), ...more }, ...others }, ...args);

  it('explains each of its commands with an example', async () => {
    const [, commands = ''] = (await run('--help')).out.split('Commands:\n');
    const names = [...commands.matchAll(/^ {2}([a-z-]+)/gm)].flatMap(([, name]) => name ?? []);
    expect(names).to.include.members(['status', 'parked', 'policy-start']);
    for (const name of names.filter((one) => one !== 'help')) {
      const { code, out } = await run(name, '--help');
      expect({ code, hasExample: /^Examples?: projector /m.test(out) }, name).to.deep.equal({
        code: 0,
        hasExample: true,
      });
    }
  });

  it('is a program with an exit code', async () => {
    const node = ['--conditions=source', '--import', 'tsx', CLI, 'rebuild', 'nothing'];
    const code = await new Promise((resolve) => {
      execFile(process.execPath, node, (error) => resolve(error?.code));
    });
    expect(code).to.equal(2);
  });

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(LERNA, 'utf8')) as { version: string };
    expect(await run('--version')).to.deep.equal({ code: 0, out: `${version}\n`, err: '' });
  });

  it('names a mistyped DATA_DIR, and makes nothing there, whatever the command', async () => {
    const dataDir = join(folder, 'dota');
    const commands = [
      ...[['status'], ['verify'], ['rebuild', 'message'], ['rollback', 'message'], ['cancel', 'message']],
      ...[
        ['generations'],
        ['pause', 'message', '--reason', 'a'],
        ['resume', 'message'],
        ['drop', 'message', 'v1'],
        ['compare', 'message'],
        ['switch', 'message', '--accept', '1'],
      ],
      ...[
        ['parked', 'list'],
        ['parked', 'retry', 'message', '--all'],
        ['policy-start', '--all'],
      ],
    ];
    for (const args of commands) {
      const { code, err } = await runWith({ more: { DATA_DIR: dataDir } }, ...args);
      expect(err, args.join(' ')).to.include(`DATA_DIR: ${dataDir} has no events.db, views.db, keys.db.`);
      expect(code).to.equal(2);
    }
    expect(existsSync(dataDir)).to.equal(false);
  });

  it('waits behind a rebuild that a projector is at, and says so', async () => {
    const [events, reads] = [openEventStore(join(folder, 'events.db')), openReadStore(join(folder, 'views.db'))];
    const queue = openJobQueue(join(folder, 'views.db'), { pollMs: 5 });
    const ports = { events, reads, clock: systemClock, views, owner: 'a projector' };
    const first = planned(await planRebuild(ports, views.fanWallet));
    await enqueueRebuild(queue, first);
    let goOn = () => {};
    const isBehind = new Promise<void>((resolve) => (goOn = resolve));
    let taken = () => {};
    const isBusy = new Promise<void>((resolve) => (taken = resolve));
    const stop = queue.work('rebuild', async ({ job, signal }) => {
      taken();
      await isBehind;
      await runRebuild(ports, (job.data as { rebuild: string }).rebuild, signal);
    });
    await isBusy;
    const { code, err } = await runWith(
      {
        heard(text) {
          if (text === `queued behind ${first._id}\n`) goOn();
        },
      },
      ...['rebuild', 'config', '--wait', '60'],
    );
    await stop();
    for (const store of [queue, reads, events]) await store.close();
    expect(err).to.include(`queued behind ${first._id}\n`).and.not.include('no projector has taken it');
    expect(code, err).to.equal(0);
  });

  it('rebuilds a view by itself where no projector runs, and says what is served', async () => {
    // Each decision is an event of the log, after the three: the rebuild above is the fourth, this one the fifth. Two are of messages.
    const rebuilt = await run('rebuild', 'message', '--wait', '0', '--json');
    expect(rebuilt.code).to.equal(0);
    const lines = rebuilt.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines.at(-1)).to.include({
      rebuild: `message.${FIRST}`,
      state: 'DONE',
      eventsDone: 2,
      eventsTotal: 2,
      part: 1,
    });
    expect(JSON.parse(rebuilt.out)).to.include({ _id: `message.${FIRST}`, state: 'DONE', position: '5', head: '5' });
    const reads = openReadStore(join(folder, 'views.db'));
    expect(await reads.get(collectionOf('message', FIRST), messageId)).to.include({ status: 'ESCROWED' });
    await reads.close();

    const again = await run('rebuild', 'message', '--wait', '0');
    expect(again).to.deep.include({ code: 0, out: `message is served from ${SECOND} now\n` });
    expect(again.err).to.include(`"rebuild":"message.${SECOND}","state":"DONE"`);

    expect(await run('rollback', 'message', '--wait', '0')).to.deep.include({
      code: 0,
      out: `message is served from ${FIRST} now\n`,
    });
    expect(await run('rollback', 'dmConfig', '--wait', '0')).to.deep.include({
      code: 1,
      err: 'projector: There is no earlier generation of dmConfig.\n',
    });

    expect(await run('cancel', 'message')).to.deep.include({
      code: 1,
      err: 'projector: No rebuild of message is under way.\n',
    });

    const listed = await run('generations', 'message', '--json');
    expect(JSON.parse(listed.out)).to.deep.equal([
      { view: 'message', generation: SECOND, role: 'previous', documents: 1, position: '6', owner: '' },
      { view: 'message', generation: FIRST, role: 'served', documents: 1, position: '7', owner: '' },
    ]);
    const compared = await run('compare', 'message', FIRST, SECOND, '--json');
    expect(compared.code).to.equal(0);
    expect(JSON.parse(compared.out)).to.include({ view: 'message', compared: 1, differing: 0, notCompared: 0 });
    expect((await run('compare', 'message', FIRST, SECOND)).out).to.include('message: 1 documents compared');
    expect(await run('compare', 'message', FIRST, 'v99')).to.deep.include({
      code: 2,
      err: `projector: message has no generation v99; there are: ${SECOND}, ${FIRST}\n`,
    });
    expect(await run('drop', 'message', FIRST)).to.deep.include({
      code: 1,
      err: `projector: What is served cannot be dropped: ${FIRST} of message.\n`,
    });
    expect(await run('drop', 'message', 'v99')).to.include({ code: 2 });
    expect(await run('drop', 'message', SECOND)).to.deep.include({
      code: 0,
      out: `1 documents of message ${SECOND} are dropped\n`,
    });

    const status = await run('status', '--json');
    const { head, views } = JSON.parse(status.out) as { head: string; views: { view: string }[] };
    expect(head).to.equal('8');
    expect(views.find(({ view }) => view === 'message')).to.deep.include({
      generation: FIRST,
      position: '7',
      lagEvents: 1,
      parkedKeys: 0,
      owner: '',
      rebuild: null,
    });
    expect(views.find(({ view }) => view === 'dmConfig')).to.deep.include({ generation: null, lagEvents: 8 });
  });

  it('verify exits with 0 when everything is equal, with 1 when something is not served', async () => {
    const one = await run('verify', 'message', '--json');
    expect(one.code).to.equal(0);
    expect(JSON.parse(one.out)).to.have.length(1).and.to.have.nested.property('[0].differences', 0);
    const all = await run('verify', '--json');
    expect(all.code).to.equal(1);
    const results = JSON.parse(all.out) as { view: string; error?: string }[];
    expect(results.map(({ view }) => view)).to.have.members(Object.keys(views));
    expect(results.find(({ view }) => view === 'dmConfig')).to.deep.equal({
      view: 'dmConfig',
      error: 'not served yet',
    });
  });

  it('verify --twice exits with 0 where the same events give the same documents, also of views that are not served', async () => {
    const all = await run('verify', '--twice', '--json');
    expect(all.code).to.equal(0);
    const results = JSON.parse(all.out) as { view: string }[];
    expect(results.map(({ view }) => view)).to.have.members(Object.keys(views));
    expect(results.find(({ view }) => view === 'message')).to.deep.equal({
      view: 'message',
      position: '8',
      events: 2,
      documents: 1,
      parked: 0,
      unreadable: 0,
      impure: [],
    });
    expect((await run('verify', 'message', '--twice')).out).to.match(/^message +8 +2 +1 +0 +0 +the same twice$/m);
    expect((await run('verify', '--help')).out).to.include('projector verify message --twice');
  });

  it('verify --twice exits with 1 and names the handler, with both values, where they do not', async () => {
    const { handlers } = views.message;
    const message = {
      ...views.message,
      handlers: { ...handlers, MessageDelivered: () => ({ status: Date.now() > 4e12 ? 'LATE' : 'EARLY' }) },
    } as unknown as View;
    const found = await runWith({ registry: { ...views, message } }, 'verify', '--twice');
    expect(found.code).to.equal(1);
    expect(found.out).to.match(/^message .* see below$/m);
    expect(found.out).to.include(
      `message: MessageDelivered gave different documents, first at position 3, key ${messageId}\n  status: "EARLY", then "LATE"`,
    );
    expect(found.out.match(/see below/g)).to.have.length(1);
  });

  it('exits with 2 when misused, and says what would be right', async () => {
    for (const [args, message] of [
      [['rebuild', 'nothing'], 'no view is named "nothing"; there are: creatorDashboard'],
      [['verify', 'nothing', '--twice'], 'no view is named "nothing"; there are: creatorDashboard'],
      [['rebuild'], "missing required argument 'view'"],
      [['parked', 'retry', 'message'], 'name a consumer and one of its keys, or a --cause, or say --all'],
      [['policy-start', 'pay', '--at', 'soon'], '--at takes a position, or "head"'],
      [['policy-start', 'play', '--at', '0'], 'no policy is named "play"; there are: pay'],
      [['policy-start', 'pay'], 'give the name of a policy and --at, or --all and perhaps --since'],
      [['policy-start', 'pay', '--all'], 'give the name of a policy and --at, or --all and perhaps --since'],
      [['policy-start', '--all', '--since', 'lunch'], '--since takes a time'],
    ] as const) {
      const { code, err } = await run(...args);
      expect({ code, err }, args.join(' ')).to.have.property('code', 2);
      expect(err).to.include(message);
    }
  });

  it('policy-start sets the start of a policy once', async () => {
    const started = await run('policy-start', 'pay', '--at', 'head', '--json');
    expect(started.code).to.equal(0);
    expect(JSON.parse(started.out)).to.deep.equal({
      policy: 'pay',
      position: '8',
      started: true,
      onlyOnce: false,
    });
    expect(await run('policy-start', 'pay', '--at', '0')).to.deep.include({
      code: 1,
      out: 'policy pay has a checkpoint already\n',
    });
  });
});
