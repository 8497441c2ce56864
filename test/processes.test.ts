/** Processes of the embedded system that stop in order, start again, and share their data. */
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finalChecks } from './support/final-checks.js';
import { createLauncher, type Launcher } from './support/child.js';
import { createSender, type Send } from './support/commands.js';
import { createRandomUsers, understandable } from './support/random-users.js';
import { documentsIn } from './support/documents.js';
import { createLedger, type Ledger } from './support/ledger.js';
import { pick, seeded } from './support/random.js';

const AT_ONCE = 8;

describe('Processes of the embedded system', function () {
  let launcher: Launcher;
  let folder: string;
  before(async () => {
    launcher = await createLauncher();
  });
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'processes-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  after(() => launcher.close());

  function launch(port: number) {
    const env = { DATA_DIR: folder, PORT: String(port), DEMO: '0', LOG_LEVEL: 'warn', NODE_ENV: 'test' };
    return launcher.launch({ ...env, RATE_LIMIT_FACTOR: '100000' });
  }

  /** Random users who act until `isOver`. */
  async function useUntil(isOver: () => boolean, act: () => Promise<void>): Promise<void> {
    const use = async () => {
      while (!isOver()) await act();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, use));
  }

  async function finish(ledger: Ledger): Promise<void> {
    await ledger.finish();
    expect(ledger.unexpected.join('\n')).to.equal('');
    const refusals = ledger.all().flatMap(({ answer }) => answer?.refused ?? []);
    expect(understandable).to.include.members([...new Set(refusals)]);
  }

  it('stop in order under load, keep what they acknowledged, and start again at once', async () => {
    const port = await freePort();
    const { send, close } = createSender(port);
    const ledger = createLedger(send);
    const randomUsers = createRandomUsers(ledger, send, seeded(2));
    const first = launch(port);
    await first.ready;
    await randomUsers.gather();
    let over = false;
    const using = useUntil(() => over, randomUsers.act);
    await ledger.answered(100);
    first.kill('SIGTERM');
    expect(await first.ended, first.said()).to.deep.equal({ code: 0, signal: null });
    over = true;
    await using;

    const reads = openReadStore(join(folder, 'views.db'));
    const leases = (await documentsIn(reads, CHECKPOINTS)) as Checkpoint[];
    await reads.close();
    expect(leases).to.not.deep.equal([]);
    expect(leases.filter(({ owner }) => owner !== '')).to.deep.equal([]);

    const second = launch(port);
    await second.ready;
    for (const done of ledger.done().slice(0, 50)) await ledger.again(done); // It has found the data: the same answers.
    await finish(ledger);
    second.kill('SIGTERM');
    expect(await second.ended, second.said()).to.deep.equal({ code: 0, signal: null });
    close();
    await finalChecks(folder, ledger.all());
  });

  it('share their data: one stands by for the other, and takes over when that is killed', async () => {
    const random = seeded(3);
    const ports = [await freePort(), await freePort()] as const;
    const senders = ports.map((port) => createSender(port));
    let alive = senders;
    const send: Send = (command) => (pick(random, alive) as (typeof senders)[0]).send(command);
    const ledger = createLedger(send);
    const randomUsers = createRandomUsers(ledger, send, random);
    const first = launch(ports[0]);
    await first.ready;
    const second = launch(ports[1]);
    await second.ready;
    await randomUsers.gather();

    /** Some commands go to both at once. */
    const act = async () => {
      const open = random() < 0.2 ? pick(random, ledger.open()) : undefined;
      await (open ? ledger.again(open) : randomUsers.act());
    };
    let over = false;
    const using = useUntil(() => over, act);
    await ledger.answered(150);
    first.kill('SIGKILL');
    await first.ended;
    await ledger.answered(50);
    over = true;
    await using;
    alive = senders.slice(1);
    await finish(ledger);
    const { position } = ledger.done().at(-1)?.answer?.data ?? {};
    while (!(await feedsReach(ports[1], BigInt(String(position)))));
    second.kill('SIGTERM');
    expect(await second.ended, second.said()).to.deep.equal({ code: 0, signal: null });
    for (const { close } of senders) close();
    await finalChecks(folder, ledger.all());
  });
});

/** Whether every view that this process feeds has reached a position, by /readyz. */
async function feedsReach(port: number, position: bigint): Promise<boolean> {
  const text = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/readyz' }, (response) => {
      let received = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      response.on('end', () => resolve(received));
    }).on('error', reject);
  });
  const { checks } = JSON.parse(text) as { checks: { projector: Record<string, { position: string; role: string }> } };
  return Object.values(checks.projector).every((view) => view.role === 'active' && BigInt(view.position) >= position);
}
