import { delivered, idOf, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { createManualTime, settled, type ManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { createProjector } from '../../src/projector.js';
import { BY_ITSELF } from '../../src/rebuild/acts.js';
import { helping } from '../../src/rebuild/help.js';
import { pauseRebuild, resumeRebuild } from '../../src/rebuild/pause.js';
import { REBUILDS, type Rebuild } from '../../src/rebuild/plan.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { runRebuild } from '../../src/rebuild/run.js';
import { batchAt, createThrottle } from '../../src/rebuild/throttle.js';
import { openStores, planned, type TestStores } from '../stores.js';
import { letter, mailbox, toyViews } from '../toy-views.js';

describe('The rate of a rebuild', () => {
  let time: ManualTime;
  beforeEach(() => (time = createManualTime()));

  /** When each of these batches was begun, in seconds, at 10 events a second. */
  async function begun(batches: readonly { readonly events: number; readonly tookMs: number }[]): Promise<number[]> {
    const throttle = createThrottle(time, 10);
    const at: number[] = [];
    for (const { events, tookMs } of batches) {
      const ready = throttle.ready().then(() => at.push(time.monotonic() / 1_000));
      await settled();
      while (time.pending() > 0) await time.advance(100);
      await ready;
      await time.advance(tookMs);
      throttle.read(events);
    }
    return at;
  }

  it('is kept by a pause after each batch, of which the batch itself is part', async () => {
    const batch = { events: 10, tookMs: 400 };
    expect(await begun([batch, batch, batch])).to.deep.equal([0, 1, 2]);
  });
  it('is not exceeded to make up for time in which it was not reached', async () => {
    const fast = { events: 10, tookMs: 0 };
    expect(await begun([{ events: 10, tookMs: 5_000 }, fast, fast])).to.deep.equal([0, 5, 6]);
  });
  it('is no bound where none is given', async () => {
    const throttle = createThrottle(time, null);
    throttle.read(1_000_000);
    await throttle.ready();
    expect(time.monotonic()).to.equal(0);
  });
  it('is shared by those who work together', async () => {
    const throttle = createThrottle(time, 10);
    throttle.read(10, 2);
    const ready = throttle.ready().then(() => time.monotonic());
    while (time.pending() > 0) await time.advance(100);
    expect(await ready).to.equal(2_000);
  });
  it('makes batches of a second at most, so that a pause is heard soon', () => {
    expect([batchAt(null, 10_000), batchAt(200, 10_000), batchAt(50_000, 10_000)]).to.deep.equal([10_000, 200, 10_000]);
  });

  describe('of a plan', () => {
    let stores: TestStores;
    let ports: TestStores & { clock: ManualTime };
    beforeEach(async () => {
      stores = openStores();
      ports = { ...stores, clock: time };
      stores.events.add(history(Array.from({ length: 20 }, (_, n) => [sent(idOf(n)), delivered(idOf(n))]).flat()));
      await createProjector({ ...ports, clock: systemClock, views: toyViews, owner: 'projector' }).catchUp();
    });
    afterEach(() => stores.close());
    const planNow = async (id: string) => planned(await stores.reads.get<Rebuild>(REBUILDS, id));

    it('holds its worker: 40 events at 10 a second take three more seconds after the first ten', async () => {
      const { _id } = planned(await planRebuild(ports, mailbox, BY_ITSELF, { rate: 10 }));
      const running = runRebuild(
        { ...ports, views: toyViews, owner: 'worker', isDead: () => true },
        _id,
        new AbortController().signal,
      );
      const done: number[] = [];
      for (let second = 0; second < 4; second += 1) {
        await time.advance(999);
        done.push((await planNow(_id)).work.events);
        await time.advance(1);
      }
      expect(done).to.deep.equal([10, 20, 30, 40]);
      await time.advance(1_000);
      expect(await running).to.include({ state: 'DONE' });
    });

    it('holds two workers together: no second after the first brings more than ten events', async () => {
      const { _id } = planned(await planRebuild({ ...ports, rebuildWorkers: 2 }, letter, BY_ITSELF, { rate: 10 }));
      let read = 0;
      const readAll: EventStore['readAll'] = async (options) => {
        const page = await stores.events.readAll(options);
        read += page.length;
        return page;
      };
      const of = (owner: string) => ({
        ...ports,
        events: { ...stores.events, readAll },
        views: toyViews,
        owner,
        isDead: () => false,
      });
      const { signal } = new AbortController();
      const all = [runRebuild(of('first'), _id, signal), runRebuild(of('helper'), _id, signal, undefined, helping(1))];
      const done: number[] = [];
      for (let second = 0; second < 8; second += 1) {
        await time.advance(999);
        done.push(read - done.reduce((sum, events) => sum + events, 0));
        await time.advance(1);
      }
      const [start, ...then] = done;
      expect(start, 'they do not know of each other yet').to.be.at.most(15);
      expect(Math.max(...then)).to.be.at.most(10);
      while (time.pending() > 0) await time.advance(100);
      await Promise.all(all);
      expect(await planNow(_id)).to.include({ state: 'DONE' });
      expect((await planNow(_id)).work).to.include({ events: 80, mostWorkers: 2 });
    });

    it('is kept by a pause, and replaced or lifted where it goes on', async () => {
      const { _id } = planned(await planRebuild(ports, mailbox, BY_ITSELF, { rate: 10 }));
      for (const [given, expected] of [
        [undefined, 10],
        [20, 20],
        [null, null],
      ] as const) {
        await pauseRebuild(ports, mailbox.name, BY_ITSELF);
        await resumeRebuild(ports, mailbox, BY_ITSELF, given);
        expect((await planNow(_id)).rate).to.equal(expected);
      }
    });
  });
});
