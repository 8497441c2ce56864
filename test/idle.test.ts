/** What an installation does while nobody uses it, counted over a minute that the test lets pass. */
import { callRoute } from '@creator-dashboards/command-service/http/call-route';
import { BEAT_MS, createPulse } from '@creator-dashboards/shared/feed/pulse';
import { createManualTime, settled, type ManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { MINUTE, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystem, type System } from '../system.js';
import { testFoundation } from './support/in-process.js';

const SECONDS = MINUTE / SECOND;
/** The log's file is polled ten times a second; all else may take half as many moments. */
const MOST_WAKE_UPS = 15 * SECONDS;
const MOST_READS = 6 * SECONDS;

/** One process, how often it called each method of its stores, and at which moments its clock woke it. */
interface Running {
  readonly system: System;
  readonly calls: Map<string, number>;
  readonly moments: Set<number>;
  of(...methods: string[]): number;
  stop(): Promise<void>;
}

describe('An idle installation', () => {
  let time: ManualTime;
  let folder: string;
  let running: Running[];
  beforeEach(() => {
    time = createManualTime();
    folder = mkdtempSync(join(tmpdir(), 'idle-'));
    running = [];
  });
  afterEach(async () => {
    for (const one of running) await one.stop();
    rmSync(folder, { recursive: true });
  });

  async function run(): Promise<Running> {
    const calls = new Map<string, number>();
    const moments = new Set<number>();
    const clock = {
      ...time,
      after: (ms: number, call: () => void) => time.after(ms, () => (moments.add(time.monotonic()), call())),
    };
    const foundation = await testFoundation({ DATA_DIR: folder }, { clock });
    const counted = <Store extends object>(name: string, store: Store): Store => {
      const methods = Object.entries(store as Record<string, (...given: unknown[]) => unknown>);
      const counting = methods.map(([method, call]) => {
        const key = `${name}.${method}`;
        const counts = (...given: unknown[]) => (calls.set(key, (calls.get(key) ?? 0) + 1), call(...given));
        return [method, counts] as const;
      });
      return Object.fromEntries(counting) as Store;
    };
    const { reads, events } = foundation.stores;
    const stores = { ...foundation.stores, reads: counted('reads', reads), events: counted('events', events) };
    const system = createSystem({ ...foundation, stores, pulse: createPulse({ ...stores, clock }) });
    await system.start((error) => expect.fail(String(error)));
    await settled();
    const one: Running = {
      system,
      calls,
      moments,
      of: (...methods) => methods.reduce((sum, name) => sum + (calls.get(name) ?? 0), 0),
      async stop() {
        await system.stop();
        await foundation.stores.close();
      },
    };
    running.push(one);
    return one;
  }

  async function pass(ms: number): Promise<void> {
    for (const { calls, moments } of running) {
      calls.clear();
      moments.clear();
    }
    await time.advance(ms);
  }

  it('writes one beat for all that a process runs, and asks and wakes up seldom', async () => {
    const one = await run();
    const body = { value: 1, reason: 'something to follow' };
    const actor = { userId: '0198c5f0-7a3b-7c1e-9a55-3d1f8f2f7c11', role: 'ADMIN' } as const;
    await callRoute(one.system.routes, 'PUT /admin/config/:key', {
      as: actor,
      params: { key: 'dm.timeout_hours' },
      body,
    });
    const other = await run();
    await pass(MINUTE); // heads of the log are signed in the first
    await pass(MINUTE);

    expect([one, other].map(({ of }) => of('reads.write'))).to.deep.equal([MINUTE / BEAT_MS, 0]);
    for (const { of, moments } of [one, other]) {
      const asked = of(
        'reads.get',
        'reads.getMany',
        'reads.find',
        'reads.count',
        'reads.countUpTo',
        'reads.deleteUpTo',
      );
      expect(asked, 'questions to the read store').to.be.within(1, MOST_READS);
      expect(of('events.readAt'), 'checks that the log is the same').to.be.at.most(SECONDS);
      expect(moments.size, 'wake-ups').to.be.within(1, MOST_WAKE_UPS);
    }
  });
});
