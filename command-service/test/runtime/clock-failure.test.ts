import type { FoldedDocument, Fold } from '@creator-dashboards/shared/fold';
import { createLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { fromInstant, MINUTE, plus, SECOND, type Instant } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { observeClock } from '../../src/runtime/clock-metrics.js';
import {
  clockTask,
  createClockRunner,
  PER_RUN,
  REST_MS,
  RUN_MS,
  type ClockTask,
} from '../../src/runtime/clock-task.js';
import type { Feature } from '../../src/features/feature.js';
import { lookupCollection } from '../../src/runtime/lookups.js';
import { createHarness, type Harness } from '../support/harness.js';

interface Alarm extends FoldedDocument {
  readonly on: boolean;
  readonly ringsAt: Instant;
}

/** No feed runs: the tests write what is due. */
const alarms: Fold<Alarm> = {
  name: 'alarms',
  version: 1,
  categories: [],
  keyOf: () => undefined,
  initial: { on: false, ringsAt: '' },
  handlers: {},
  indexes: ['on', 'ringsAt'],
};

const BEGIN = '2026-04-29T20:00:00.000Z';

describe('The clock of the command service', () => {
  let h: Harness;
  /** Ids of the alarms that went off, in order. */
  let rung: string[];
  /** Ids of the alarms that fail, and the error of each. */
  let faults: Map<string, Error>;
  let lines: Record<string, unknown>[];
  let metrics: ReturnType<typeof createMetrics>;

  beforeEach(async () => {
    [rung, faults, lines] = [[], new Map(), []];
    const feature: Feature = { routes: () => [], policies: [], clockTasks: [clockTask(ringing())], lookups: [alarms] };
    metrics = createMetrics({ processMetrics: false });
    const log = createLog({ logLevel: 'error' }, 'test', {
      write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    });
    h = await createHarness({ features: [feature], at: BEGIN, log, onClockRun: observeClock(metrics) });
  });
  afterEach(() => h.close());

  const ringing = (): ClockTask<Alarm> => ({
    name: 'ring',
    lookup: alarms,
    where: { on: true },
    at: 'ringsAt',
    afterMs: MINUTE,
    async act(_, { _id }) {
      rung.push(_id);
      const fault = faults.get(_id);
      if (fault) throw fault;
    },
  });

  async function setAlarms(alarmed: readonly { id: string; ringsAt: Instant; on?: boolean }[]): Promise<void> {
    const writes = alarmed.map(({ id, ringsAt, on = true }) => {
      return { document: { _id: id, position: 1n, on, ringsAt }, expected: null };
    });
    await h.service.reads.write(lookupCollection(alarms), writes);
  }

  /** This many alarms of the same moment that all fail, then one of a later moment that does not. */
  async function setBroken(count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, i) => `broken-${String(i).padStart(4, '0')}`);
    const dueAt = plus(BEGIN, -2 * MINUTE);
    await setAlarms([...ids.map((id) => ({ id, ringsAt: dueAt })), { id: 'good', ringsAt: plus(dueAt, 1) }]);
    for (const id of ids) faults.set(id, new Error(`${id} cannot be read`));
    return ids;
  }

  it('does only what is due, by the time when it was due', async () => {
    await setAlarms([
      { id: 'a', ringsAt: plus(BEGIN, -MINUTE) },
      { id: 'b', ringsAt: plus(BEGIN, -2 * MINUTE) },
      { id: 'later', ringsAt: plus(BEGIN, 1 - MINUTE) },
      { id: 'off', ringsAt: plus(BEGIN, -2 * MINUTE), on: false },
    ]);
    expect(await h.tick()).to.equal(2);
    expect(rung).to.deep.equal(['b', 'a']);
    await h.advance(1);
    expect(await h.tick()).to.equal(3);
  });

  it('rests until the next one is due, where that is soon, and not where it did something', async () => {
    const run = createClockRunner(clockTask(ringing()));
    const restOf = async () => (await run(h.service, BEGIN)).restMs;
    expect(await restOf(), 'of nothing').to.equal(REST_MS);
    await setAlarms([{ id: 'late', ringsAt: plus(BEGIN, REST_MS + 1 - MINUTE) }]);
    expect(await restOf(), 'of what is due later').to.equal(REST_MS);
    await setAlarms([{ id: 'soon', ringsAt: plus(BEGIN, 4 * SECOND - MINUTE) }]);
    expect(await restOf(), 'of what is due in 4 s').to.equal(4 * SECOND);
    await setAlarms([{ id: 'due', ringsAt: plus(BEGIN, -MINUTE) }]);
    expect(await restOf(), 'of what is due, and may be still').to.equal(undefined);
  });

  it('does work that is due behind 201 failing items, and retries those at the next tick', async () => {
    const broken = await setBroken(201);
    expect(await h.tick(), 'one was done').to.equal(1);
    expect(rung).to.deep.equal([...broken, 'good']);
    await h.tick();
    expect(rung.slice(202)).to.deep.equal([...broken, 'good']);
  });

  it('does a bounded amount at each tick and continues at the next', async () => {
    const broken = await setBroken(PER_RUN);
    expect(await h.tick()).to.equal(0);
    expect(rung).to.deep.equal(broken);
    expect(await h.tick()).to.equal(1);
    expect(rung.slice(PER_RUN)).to.deep.equal(['good']);
    await h.tick();
    expect(rung.slice(PER_RUN + 1), 'from the start again').to.deep.equal(broken);
  });

  it('lets requests in after each item, even where none waits for anything', async () => {
    const broken = await setBroken(50);
    const rungAtTurns = new Set<number>();
    let over = false;
    const others = (async () => {
      for (; !over; await nextTurn()) rungAtTurns.add(rung.length);
    })();
    await h.tick();
    over = true;
    await others;
    expect([...rungAtTurns]).to.include.members(broken.map((_, index) => index));
  });

  it('ends a tick that takes too long, and continues at the next', async () => {
    await setBroken(9);
    const time = createManualTime();
    const slowly = clockTask({ ...ringing(), act: () => wait(time, RUN_MS / 4) });
    const run = createClockRunner(slowly);
    const ran = async (ms: number, stopping?: AbortSignal) => {
      const result = run({ ...h.service, clock: time }, BEGIN, stopping);
      await time.advance(ms);
      return result;
    };
    expect(await ran(RUN_MS)).to.include({ done: 4 });
    expect(await ran(RUN_MS)).to.include({ done: 4 });
    expect(await ran(RUN_MS), 'the last two').to.include({ done: 2 });
    const stop = new AbortController();
    time.after(1, () => stop.abort());
    expect(await ran(RUN_MS, stop.signal), 'what it was doing').to.include({ done: 1 });
  });

  it('lets watches look at least once a second, however long its other tasks take', async () => {
    const time = createManualTime(fromInstant(BEGIN));
    const looks: number[] = [];
    const slow = clockTask({ ...ringing(), act: () => wait(time, MINUTE) });
    const watch = {
      name: 'watch',
      run: async () => ({ done: looks.push(time.monotonic()) - looks.length, failed: 0 }),
    };
    const feature: Feature = {
      ...{ routes: () => [], policies: [], clockTasks: [slow], lookups: [alarms] },
      watches: [watch],
    };
    const running = await createHarness({ features: [feature], clock: time });
    const dueAt = plus(BEGIN, -2 * MINUTE);
    const document = { _id: 'slow', position: 1n, on: true, ringsAt: dueAt };
    await running.service.reads.write(lookupCollection(alarms), [{ document, expected: null }]);
    const [begun] = [running.start(() => undefined), await time.advance(0)];
    await begun;
    await time.advance(10 * SECOND);
    const stopped = running.stop();
    await time.advance(MINUTE);
    await stopped;
    await running.close();
    const within = looks.filter((at) => at <= 10 * SECOND);
    const gaps = [...within, 10 * SECOND].map((at, place) => at - (within[place - 1] ?? 0));
    expect(Math.max(...gaps)).to.be.at.most(SECOND);
  });

  it('reports failures in one log line and in a metric', async () => {
    await setBroken(3);
    await h.tick();
    expect(lines).to.have.length(1);
    expect(lines[0]).to.deep.include({ task: 'ring', failed: 3, done: 1 });
    expect(lines[0]?.err).to.include({ message: 'broken-0000 cannot be read' });
    await h.tick();
    const shown = await metrics.registry.getSingleMetricAsString('clock_due_total');
    expect(shown).to.include('{task="ring",outcome="failed"} 6').and.to.include('{task="ring",outcome="done"} 2');
  });

  it('logs nothing while nothing fails', async () => {
    await setAlarms([{ id: 'a', ringsAt: plus(BEGIN, -MINUTE) }]);
    await h.tick();
    expect(lines).to.deep.equal([]);
  });

  /** What the process is told when this error hits the first of two items. */
  async function heardOf(fault: Error): Promise<unknown[]> {
    await setAlarms(['a', 'b'].map((id) => ({ id, ringsAt: plus(BEGIN, -MINUTE) })));
    faults.set('a', fault);
    const heard: unknown[] = [];
    await h.start((error) => heard.push(error));
    await h.tick();
    await h.stop();
    return heard;
  }

  it('ends the process when the store failed, and does nothing more', async () => {
    const fault = new StoreFailed('the disk is full');
    expect(await heardOf(fault)).to.deep.equal([fault]);
    expect(rung).to.deep.equal(['a']);
  });

  it('continues after any other error', async () => {
    expect(await heardOf(new Error('a provider is away'))).to.deep.equal([]);
    expect(rung).to.deep.equal(['a', 'b']);
  });
});
