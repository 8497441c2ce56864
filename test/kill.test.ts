/**
 * kill -9 at any moment: the whole embedded system as a real process, killed again and again while many people use it.
 * Nothing that was acknowledged is lost or done twice, and at the end nothing is left half done.
 */
import { newId } from '@creator-dashboards/shared/ids';
import type { EventMetadata } from '@creator-dashboards/shared/ports';
import { openKeys } from '@creator-dashboards/shared/process/connect';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finalChecks } from './support/final-checks.js';
import { createLauncher, type Child, type Launcher } from './support/child.js';
import { createSender } from './support/commands.js';
import { createRandomUsers, understandable } from './support/random-users.js';
import { digestOf } from './support/in-process.js';
import { expectKept } from './support/invariants.js';
import { createLedger } from './support/ledger.js';
import { pick, seeded } from './support/random.js';

const KILLS = Number(process.env.KILLS ?? 10);
const AT_ONCE = 10;
const seed = Number(process.env.KILL_SEED ?? Date.now() % 2 ** 31);

/** An event as an auditor sees it. */
interface Seen {
  readonly id: string;
  readonly type: string;
  readonly position: string;
  readonly metadata: EventMetadata;
}

const auditor = { userId: newId(), role: 'AUDITOR' } as const;

describe('A process that is killed at any moment', function () {
  this.timeout(300_000 + KILLS * 15_000);
  const folder = mkdtempSync(join(tmpdir(), 'killed-'));
  let launcher: Launcher;
  let child: Child | null = null;
  before(async () => {
    launcher = await createLauncher({ spares: true });
  });
  afterEach(function () {
    if (this.currentTest?.isFailed()) console.error(`KILL_SEED=${seed}; the last process said:\n${child?.said()}`);
  });
  after(async () => {
    await launcher.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('loses nothing that it acknowledged, does nothing twice and leaves nothing half done', async () => {
    const random = seeded(seed);
    const port = await freePort();
    const env = {
      DATA_DIR: folder,
      PORT: String(port),
      DEMO: '0',
      LOG_LEVEL: 'warn',
      NODE_ENV: 'test',
      RATE_LIMIT_FACTOR: '100000',
    };
    const { send, close } = createSender(port);
    const ledger = createLedger(send);
    const randomUsers = createRandomUsers(ledger, send, random);
    const gate = createGate();
    let over = false;

    /** One of those who use the system whenever it is up; half of what was not answered is retried soon. */
    async function use(): Promise<void> {
      for (await gate.opened(); !over; await gate.opened()) {
        const chance = random();
        const asked =
          chance < 0.1 ? pick(random, ledger.open()) : chance < 0.13 ? pick(random, ledger.done()) : undefined;
        await (asked ? ledger.again(asked) : randomUsers.act());
      }
    }

    const log: Seen[] = [];
    let cursor = '';
    /**
     * Reads what has been appended since; the log only grows. Reads through the process itself: anyone else with the
     * file open would keep it from being recovered as after a crash of everybody.
     */
    async function look(): Promise<void> {
      for (let next: string | null = cursor; next !== null;) {
        cursor = next;
        const route = `GET /admin/events?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
        const { data } = await send({ route, as: auditor, key: newId() });
        const page = data as unknown as { items: Seen[]; next: string | null }; // As the route's schema says.
        const last = BigInt(log.at(-1)?.position ?? 0);
        log.push(...page.items.filter(({ position }) => BigInt(position) > last));
        next = page.next;
      }
    }

    let kills = 0;
    async function kill(): Promise<void> {
      kills += 1;
      child?.kill('SIGKILL');
      gate.shut();
      expect(await child?.ended, child?.said()).to.include({ signal: 'SIGKILL' });
    }

    async function started(): Promise<Child> {
      child = launcher.launch(env);
      await child.ready;
      return child;
    }

    await started();
    const keys = await openKeys(readEnvironment(env));
    const digest = await digestOf({ keys });
    await keys.close();
    await randomUsers.gather();
    const users = Array.from({ length: AT_ONCE }, use);
    while (kills < KILLS) {
      if (random() < 0.8) {
        gate.open();
        await ledger.answered(Math.floor(random() * 40));
        await moment(random() * 10);
      } else {
        await kill();
        child = launcher.launch(env);
        await moment(random() * 200); // It dies while it starts.
      }
      await kill();
      await started();
      await look();
      expectKept(ledger.answeredSoFar(), log, digest);
    }

    over = true;
    gate.open();
    await Promise.all(users);
    await ledger.finish();
    child?.kill('SIGTERM');
    expect(await child?.ended, child?.said()).to.deep.equal({ code: 0, signal: null });
    close();

    expect(ledger.unexpected.join('\n')).to.equal('');
    const refusals = ledger.all().flatMap(({ answer }) => answer?.refused ?? []);
    expect(understandable).to.include.members([...new Set(refusals)]);
    const whole = await finalChecks(folder, ledger.all());
    expect(whole.slice(0, log.length).map(({ id }) => id)).to.deep.equal(log.map(({ id }) => id));
    const clicks = whole.filter(({ type }) => type === 'ReferralClickTracked').length;
    expect(clicks).to.be.within(randomUsers.clicks.acknowledged, randomUsers.clicks.sent);
  });
});

/** Shut at first. */
function createGate() {
  let open: (() => void) | null = null;
  let opened: Promise<void>;
  const gate = {
    opened: () => opened,
    open() {
      open?.();
      open = null;
    },
    shut() {
      if (!open) opened = new Promise((resolve) => (open = resolve));
    },
  };
  gate.shut();
  return gate;
}

const moment = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
