import { delivered, idOf, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { HOUR, systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { createProjector } from '../../src/projector.js';
import type { Who } from '../../src/rebuild/acts.js';
import { historyOf } from '../../src/rebuild/history.js';
import { pauseRebuild, resumeRebuild } from '../../src/rebuild/pause.js';
import { REBUILDS, type Rebuild } from '../../src/rebuild/plan.js';
import { cancelRebuild, planRebuild, planRollback } from '../../src/rebuild/planner.js';
import { openRebuild } from '../../src/rebuild/run.js';
import { openStores, planned, type TestStores } from '../stores.js';
import { mailbox, toyViews } from '../toy-views.js';

const VIEW = mailbox.name;
const ANNA: Who = { actor: 'cli', by: 'anna', reason: 'a wrong count' };

describe('The history of rebuilds', () => {
  let stores: TestStores;
  let now: number;
  let ports: TestStores & { clock: typeof systemClock };
  beforeEach(async () => {
    stores = openStores();
    now = 0;
    /** Each page of the log takes half a second. */
    const events: typeof stores.events = {
      ...stores.events,
      readAll: (options) => {
        now += 500;
        return stores.events.readAll(options);
      },
    };
    ports = { ...stores, events, clock: { ...systemClock, now: () => now, monotonic: () => now } };
    stores.events.add(history(Array.from({ length: 20 }, (_, n) => [sent(idOf(n)), delivered(idOf(n))]).flat()));
    await createProjector({ ...ports, views: toyViews, owner: 'projector' }).catchUp();
    now = 0;
  });
  afterEach(() => stores.close());

  const open = async ({ _id }: Pick<Rebuild, '_id'>) =>
    planned(await openRebuild({ ...ports, views: toyViews, owner: 'worker', isDead: () => true, batch: 10 }, _id));
  async function finish(plan: Pick<Rebuild, '_id'>): Promise<void> {
    const run = await open(plan);
    while ((await run.step()).next === 'now');
    await run.release();
  }
  const ends = async () =>
    (await historyOf(stores.reads, VIEW)).map(({ generation, rollback, state }) => [generation, rollback, state]);

  it('has what one cost, without its pause and without the time in which no worker was at it', async () => {
    const plan = planned(await planRebuild(ports, mailbox, ANNA));
    now += HOUR;
    await (await open(plan)).step();
    await pauseRebuild(ports, VIEW, ANNA);
    now += HOUR;
    await resumeRebuild(ports, mailbox, ANNA);
    await (await open(plan)).step();
    await cancelRebuild(ports, mailbox, { actor: 'cli', by: 'ben', reason: 'not needed' });
    const [past, ...others] = await historyOf(stores.reads, VIEW);
    expect(others).to.deep.equal([]);
    expect(past).to.deep.include({
      ...ANNA,
      view: VIEW,
      generation: 'v1-2',
      rollback: false,
      state: 'CANCELLED',
      startedAt: '1970-01-01T00:00:00.000Z',
      finishedAt: '1970-01-01T02:00:01.000Z',
      seconds: 1,
      phases: { fold: 1, store: 0, compare: 0 },
      workers: 1,
      events: 20,
      upTo: '400',
      report: null,
      comparison: null,
      error: 'cancelled by ben',
    });
    expect(past?.acts.map(({ what }) => what)).to.deep.equal(['planned', 'paused', 'resumed', 'cancelled']);
  });

  it('has every one that ended, the newest first, also where a generation was rolled back to again and again', async () => {
    await finish(planned(await planRebuild(ports, mailbox)));
    for (let times = 0; times < 2; times += 1) {
      now += HOUR;
      await finish(planned(await planRollback(ports, mailbox)));
    }
    now += HOUR;
    await finish(planned(await planRollback(ports, mailbox, ANNA)));
    expect(await ends()).to.deep.equal([
      ['v1', true, 'DONE'],
      ['v1-2', true, 'DONE'],
      ['v1', true, 'DONE'],
      ['v1-2', false, 'DONE'],
    ]);
    const [newest, , , oldest] = await historyOf(stores.reads, VIEW);
    expect(newest).to.include({ by: 'anna', reason: 'a wrong count', report: null });
    expect(oldest).to.include({ actor: 'projector', by: null, events: 40, report: 'mailbox-1' });
    const { a, b, digests, ...found } = planned(oldest?.comparison ?? null);
    const both = { fingerprints: { fold: 'v1', shape: null }, position: '400', parked: 0 };
    expect([a, b].map(({ documents: _, ...side }) => side)).to.deep.equal([
      { generation: 'v1', ...both },
      { generation: 'v1-2', ...both },
    ]);
    expect(digests.a)
      .to.equal(digests.b)
      .and.to.match(/^[0-9a-f]{64}$/);
    expect(found).to.deep.include({ id: 'mailbox-1', events: { from: '400', to: '400' }, differing: 0, refusals: [] });
  });

  it('has those that were superseded, and none that is under way', async () => {
    await planRebuild(ports, mailbox);
    expect(await ends()).to.deep.equal([]);
    await planRebuild(ports, { ...mailbox, version: 2 });
    expect(await ends()).to.deep.equal([['v1-2', false, 'SUPERSEDED']]);
  });

  it('has one once whose planner died between keeping it and planning a rollback by its key', async () => {
    await finish(planned(await planRebuild(ports, mailbox)));
    await finish(planned(await planRollback(ports, mailbox)));
    const write: typeof stores.reads.write = (collection, writes) => {
      if (collection === REBUILDS) throw new Error('killed');
      return stores.reads.write(collection, writes);
    };
    const killed = planRollback({ ...ports, reads: { ...stores.reads, write } }, mailbox);
    expect(await killed.catch(String)).to.equal('Error: killed');
    expect(await ends()).to.have.length(2);
    await finish(planned(await planRollback(ports, mailbox)));
    expect(await ends()).to.have.length(3);
  });
});
