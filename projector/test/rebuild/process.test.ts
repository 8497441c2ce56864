import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { openCollector } from '@creator-dashboards/shared/testing/collector';
import { history } from '@creator-dashboards/shared/testing/given';
import { creatorUserId, delivered, sent, upgraded } from '@creator-dashboards/shared/testing/fixtures/people';
import type { EventStore, Position } from '@creator-dashboards/shared/ports';
import { isDeadProcess } from '@creator-dashboards/shared/process/process-name';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { aliasOf } from '../../src/generations.js';
import { runInProcess, type WorkerEnvironment } from '../../src/rebuild/fork.js';
import { REBUILDS, type Rebuild } from '../../src/rebuild/plan.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { enqueueRebuild, workOnRebuilds } from '../../src/rebuild/queue.js';
import { runRebuild } from '../../src/rebuild/run.js';
import { completeStores, openStores, planned, type TestStores } from '../stores.js';

const views = withFingerprints(registry);
const VIEW = views.creatorDashboard.name;
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

describe('The process of a rebuild', () => {
  let stores: TestStores;
  let events: EventStore;
  let environment: WorkerEnvironment;
  beforeEach(async () => {
    stores = openStores();
    environment = {
      dataDir: stores.folder,
      eventStoreUrl: 'sqlite:',
      readStoreUrl: 'sqlite:',
      rebuildMemoryMb: 256,
      traces: null,
    };
    await completeStores(stores.folder);
    events = openEventStore(join(stores.folder, 'events.db'));
    for (const { stream, id, type, data, metadata, revision } of history([upgraded, sent(), delivered()]))
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
  });
  afterEach(async () => {
    await events.close();
    await stores.close();
  });

  const plan = async () =>
    planned(await planRebuild({ ...stores, events, clock: systemClock }, views.creatorDashboard));
  const workOn = (afterwards?: () => Promise<void>) =>
    workOnRebuilds({ ...stores, clock: systemClock, views, owner: 'serving', stores: environment, afterwards });

  async function eventually(id: string, holds: (rebuild: Rebuild) => boolean): Promise<Rebuild> {
    for (;;) {
      const now = await stores.reads.get<Rebuild>(REBUILDS, id);
      if (now && holds(now)) return now;
      await setTimeout(10);
    }
  }

  /** Says how far the served generation is: a rebuild waits at the end of the log for one that is further. */
  async function sayServedIsAt(position: Position): Promise<void> {
    const served = await stores.reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(VIEW, 'v1'));
    if (!served) throw new Error('nothing is served');
    await stores.reads.write(CHECKPOINTS, [{ document: { ...served, position }, expected: { token: served.token } }]);
  }

  /** A rebuild that a process works on until it is killed. */
  async function waitingRebuild(): Promise<string> {
    const ports = { ...stores, events, clock: systemClock, views, owner: 'here' };
    await runRebuild(ports, (await plan())._id, new AbortController().signal);
    await sayServedIsAt(1_000n);
    const waiting = await plan();
    await enqueueRebuild(stores.queue, waiting);
    return waiting._id;
  }

  it('has its own connections, and serves the view of the registry that it built', async () => {
    const begun = await plan();
    const { _id, generation } = begun;
    await enqueueRebuild(stores.queue, begun);
    let stop = async () => {};
    await new Promise<void>((resolve) => (stop = workOn(async () => resolve())));
    await stop();
    const done = await stores.reads.get<Rebuild>(REBUILDS, _id);
    expect(done).to.include({ state: 'DONE', position: 3n });
    expect(done?.owner).to.not.include(`:${process.pid}:`);
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation, position: 3n });
    expect(await stores.reads.get(collectionOf(VIEW, generation), creatorUserId)).to.include({ totalMessages: 1 });
  });

  it('has the help of others: one folds every share before the first one comes', async () => {
    const shared = planned(
      await planRebuild({ ...stores, events, clock: systemClock, rebuildWorkers: 2 }, views.creatorDashboard),
    );
    const { signal } = new AbortController();
    await runInProcess(environment, { rebuild: shared._id, share: 1 }, signal, () => undefined);
    expect(await stores.reads.get<Rebuild>(REBUILDS, shared._id)).to.include({ state: 'RUNNING', token: 0 });
    expect(await stores.reads.count(collectionOf(VIEW, shared.generation))).to.equal(1);
    await runInProcess(environment, { rebuild: shared._id, share: 0 }, signal, () => undefined);
    expect(await stores.reads.get<Rebuild>(REBUILDS, shared._id)).to.include({ state: 'DONE', position: 3n });
    expect(await stores.reads.get(collectionOf(VIEW, 'v1'), creatorUserId)).to.include({ totalMessages: 1 });
  });

  it('sends its spans before it ends', async () => {
    const collector = await openCollector();
    const traces = { endpoint: collector.endpoint, share: 1 };
    const { _id: rebuild } = await plan();
    await runInProcess(
      { ...environment, traces },
      { rebuild, share: 0 },
      new AbortController().signal,
      () => undefined,
    );
    await collector.close();
    expect(collector.spans.map(({ name, attributes }) => [name, Number(attributes.events)])).to.deep.equal([
      [`replay ${feedNameOf(VIEW, 'v1')}`, 2],
    ]);
  });

  it('is followed by another one when it is killed, and what is served stays meanwhile', async () => {
    const id = await waitingRebuild();
    const stop = workOn();
    const { owner } = await eventually(id, ({ state }) => state === 'CAUGHT_UP');
    process.kill(pidOf(owner), 'SIGKILL');
    const next = await eventually(id, (now) => now.owner !== owner);
    expect(next).to.include({ state: 'CAUGHT_UP', error: 'the worker process ended by SIGKILL' });
    expect(isDeadProcess(owner)).to.equal(true);
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1' });
    await sayServedIsAt(3n);
    await eventually(id, ({ state }) => state === 'DONE');
    await stop();
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1-2' });
  });

  it('ends at its next batch when it is told to, and gives the lease back', async () => {
    const id = await waitingRebuild();
    const stop = workOn();
    await eventually(id, ({ state }) => state === 'CAUGHT_UP');
    await stop();
    expect(await stores.reads.get<Rebuild>(REBUILDS, id)).to.include({ state: 'CAUGHT_UP', error: null });
    expect(await stores.reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(VIEW, 'v1-2'))).to.include({ owner: '' });
  });

  it('ends with the process that started it, however that ends', async () => {
    const id = await waitingRebuild();
    const words = [...process.execArgv, CLI, 'rebuild', VIEW, '--wait', '0'];
    const env = { ...process.env, DATA_DIR: stores.folder };
    const operator = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(operator, 'close'); // when the rebuild's process has ended, too: it has the same output
    await eventually(id, ({ state }) => state === 'CAUGHT_UP');
    operator.kill('SIGKILL');
    await closed;
  });
});

/** Of the name of a process. */
function pidOf(owner: string): number {
  return Number(owner.split(':')[1]);
}
