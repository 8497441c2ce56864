/** Two operators at once: whatever the second one does, at any call of the worker of the first, the view is served whole, by one decision. */
import { foldAll } from '@creator-dashboards/shared/fold';
import { dyingAt } from '@creator-dashboards/shared/testing/dying';
import { delivered, idOf, replied, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { aliasOf } from '../../src/generations.js';
import { createProjector } from '../../src/projector.js';
import { isOpen, REBUILDS, rebuildsOf, type Rebuild } from '../../src/rebuild/plan.js';
import { cancelRebuild, planRebuild, planRollback } from '../../src/rebuild/planner.js';
import { openRebuild } from '../../src/rebuild/run.js';
import { allIn, openStores, planned, type TestStores } from '../stores.js';
import { mailbox, toyViews } from '../toy-views.js';

const NEVER = { write: Infinity, side: 'before' } as const;
const clock = { ...systemClock, now: () => 1_000_000 };
const story = Array.from({ length: 4 }, (_, n) => [sent(idOf(n)), delivered(idOf(n)), replied(idOf(n))]).flat();

describe('Two operators of one view', () => {
  let stores: TestStores;
  beforeEach(() => (stores = openStores()));
  afterEach(() => stores.close());

  const plan = async () => planned(await planRebuild({ ...stores, clock }, mailbox));
  const planNow = async (id: string) => planned(await stores.reads.get<Rebuild>(REBUILDS, id));
  const served = async () => (await aliasOf(stores.reads, mailbox.name))?.generation;
  async function serve(events = story): Promise<void> {
    stores.events.add(history(events));
    const projector = createProjector({ ...stores, stores: undefined, clock, views: toyViews, owner: 'projector' });
    await projector.catchUp();
    await projector.stop();
  }
  /** Works to the end of a plan, with what happens before its nth call. Returns whether there was such a call. */
  async function work(
    id: string,
    nth = Infinity,
    happens: () => Promise<unknown> = async () => null,
  ): Promise<boolean> {
    let calls = 0;
    const { port } = dyingAt(NEVER, async () => void ((calls += 1) === nth && (await happens())));
    const ports = { ...stores, reads: port(stores.reads), events: port(stores.events), clock, views: toyViews };
    const run = await openRebuild({ ...ports, owner: `worker of ${id}`, isDead: () => true, batch: 5 }, id);
    for (let next = 'now'; run && next !== 'ended';) ({ next } = await run.step());
    await run?.release();
    return calls >= nth;
  }
  async function expectServed(generation: string): Promise<void> {
    expect(await served()).to.equal(generation);
    expect(await allIn(stores.reads, collectionOf(mailbox.name, generation))).to.deep.equal([
      ...foldAll(mailbox, stores.events.all).values(),
    ]);
    expect((await rebuildsOf(stores.reads, mailbox.name)).filter(isOpen)).to.deep.equal([]);
  }
  /** Runs the story with the second operator at the first call, the second … until there is none any more. */
  async function atEveryCall(tryAt: (nth: number) => Promise<boolean>): Promise<void> {
    let nth = 1;
    while (await tryAt(nth)) {
      nth += 1;
      await stores.close();
      stores = openStores();
    }
    expect(nth).to.be.greaterThan(20);
  }

  it('who rebuild it at once have one rebuild, of which two workers make one generation', async () => {
    await serve();
    const [first, second] = await Promise.all([plan(), plan()]);
    expect(first._id).to.equal(second._id);
    await work(first._id, 10, () => work(second._id));
    await expectServed('v1-2');
  });

  it('of whom one cancels what the other rebuilds end with what the one was told, at whatever moment', () =>
    atEveryCall(async (nth) => {
      await serve();
      const { _id, generation } = await plan();
      let told: Rebuild | null = null;
      const came = await work(_id, nth, async () => (told = await cancelRebuild({ ...stores, clock }, mailbox)));
      const { state } = told ?? (await planNow(_id));
      expect((await planNow(_id)).state, `at call ${nth}`).to.equal(state);
      expect(state).to.be.oneOf(['CANCELLED', 'DONE']);
      await expectServed(state === 'DONE' ? generation : 'v1');
      return came;
    }));

  it('of whom one rolls back while the other rebuilds end with what was served before, at whatever moment', () =>
    atEveryCall(async (nth) => {
      await serve();
      await work((await plan())._id);
      const { _id } = await plan();
      let back: Rebuild | null = null;
      const came = await work(_id, nth, async () => (back = await planRollback({ ...stores, clock }, mailbox)));
      const last = back as Rebuild | null;
      if (last) await work(last._id);
      await expectServed(last?.generation ?? 'v1-3');
      expect(last?.generation ?? 'v1').to.be.oneOf(['v1', 'v1-2']);
      return came;
    }));

  it('rebuild it of no events at all, and it is fed from the first one on', async () => {
    await serve([]);
    await work((await plan())._id);
    expect(await served()).to.equal('v1-2');
    await serve();
    await expectServed('v1-2');
  });

  it('rebuild it of few events in a long log, and count all that were read', async () => {
    const others = Array.from({ length: 1_000 }, (_, n) => sent(idOf(100 + n)));
    await serve([...story, ...others, delivered(idOf(100))]);
    const { _id } = await plan();
    await work(_id);
    expect((await planNow(_id)).work).to.include({ events: 1_013, left: 0, documents: 1 });
    await expectServed('v1-2');
  });
});
