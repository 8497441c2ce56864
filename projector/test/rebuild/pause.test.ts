import { digestOf } from '@creator-dashboards/shared/fold';
import { delivered, idOf, replied, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { systemClock } from '@creator-dashboards/shared/time';
import { ALIASES, collectionOf } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { aliasOf } from '../../src/generations.js';
import { createProjector } from '../../src/projector.js';
import type { Who } from '../../src/rebuild/acts.js';
import { pauseRebuild, resumeRebuild } from '../../src/rebuild/pause.js';
import { heldRebuilds, REBUILDS, rebuildsUnderWay, updateRebuild, type Rebuild } from '../../src/rebuild/plan.js';
import { cancelRebuild, planByItself, planRebuild } from '../../src/rebuild/planner.js';
import { openRebuild, type RebuildPorts } from '../../src/rebuild/run.js';
import { statusOfViews } from '../../src/status.js';
import { allIn, openStores, planned, type TestStores } from '../stores.js';
import { mailbox, toyViews } from '../toy-views.js';

const VIEW = mailbox.name;
const story = Array.from({ length: 20 }, (_, n) => [sent(idOf(n)), delivered(idOf(n)), replied(idOf(n))]).flat();
const ANNA: Who = { actor: 'cli', by: 'anna', reason: 'the evening is busy' };
const BEN: Who = { actor: 'cli', by: 'ben', reason: null };
const AT = '1970-01-01T00:16:40.000Z';

describe('A paused rebuild', () => {
  let stores: TestStores;
  let ports: TestStores & { clock: typeof systemClock };
  let id: string;
  beforeEach(async () => {
    stores = openStores();
    ports = { ...stores, clock: { ...systemClock, now: () => 1_000_000 } };
    stores.events.add(history(story));
    await createProjector({ ...ports, views: toyViews, owner: 'projector' }).catchUp();
    id = planned(await planRebuild(ports, mailbox))._id;
  });
  afterEach(() => stores.close());

  const planNow = () => stores.reads.get<Rebuild>(REBUILDS, id);
  const digest = async (generation: string) => digestOf(await allIn(stores.reads, collectionOf(VIEW, generation)));
  const open = async (overrides: Partial<RebuildPorts> = {}) =>
    openRebuild({ ...ports, views: toyViews, owner: 'worker', isDead: () => true, batch: 10, ...overrides }, id);
  const pause = (who = ANNA) => pauseRebuild(ports, VIEW, who);
  const resume = (view = mailbox) => resumeRebuild(ports, view, BEN);

  it('stops at the next batch, is begun by no worker, and goes on in another where it stopped', async () => {
    const first = planned(await open());
    for (let batches = 0; batches < 2; batches += 1) await first.step();
    await pause();
    expect(await first.step()).to.include({ next: 'ended' });
    expect(await planNow()).to.deep.include({
      state: 'PAUSED',
      position: 200n,
      error: 'paused by anna',
    });
    expect(await open({ owner: 'another' })).to.equal(null);

    expect(await resume()).to.include({ state: 'RUNNING', error: null });
    const readFrom: bigint[] = [];
    const events = {
      ...stores.events,
      readAll: (options: Parameters<typeof stores.events.readAll>[0]) => {
        readFrom.push(options.after);
        return stores.events.readAll(options);
      },
    };
    const second = planned(await open({ owner: 'another', events }));
    while ((await second.step()).next === 'now');
    expect(readFrom[0]).to.equal(200n);
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1-2' });
    expect(await digest('v1-2')).to.equal(await digest('v1'));
    expect((await planNow())?.acts).to.deep.equal([
      { what: 'planned', actor: 'projector', by: null, reason: null, at: AT },
      { what: 'paused', ...ANNA, at: AT },
      { what: 'resumed', ...BEN, at: AT },
    ]);
  });

  it('begins its window again where the worker was killed before it reported its last batch', async () => {
    await planned(await open()).step();
    const write: typeof stores.reads.write = (collection, writes) => {
      if (collection === REBUILDS && writes[0]?.document.position === 200n) throw new Error('killed');
      return stores.reads.write(collection, writes);
    };
    const killed = planned(await open({ batch: 20, reads: { ...stores.reads, write } }));
    expect(await killed.step().catch(String)).to.equal('Error: killed');
    expect(await pause()).to.include({ position: 100n });
    await resume();
    const next = planned(await open());
    expect((await next.step()).plan.position).to.equal(100n);
    while ((await next.step()).next === 'now');
    expect(await digest('v1-2')).to.equal(await digest('v1'));
  });

  it('moves no alias where the worker was about to switch', async () => {
    const run = planned(await open({ batch: 1_000 }));
    await run.step();
    await pause();
    expect(await run.step()).to.include({ next: 'ended' });
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1' });
  });

  for (const [what, stop, state] of [
    ['paused', () => pause(), 'PAUSED'],
    ['cancelled', () => cancelRebuild(ports, mailbox, BEN), 'CANCELLED'],
  ] as const) {
    /** Runs to the end; the operator acts just before the alias is written, or just after. */
    async function stopAtSwitch(when: 'before' | 'after'): Promise<Rebuild | null> {
      let stopped: Rebuild | null = null;
      const write: typeof stores.reads.write = async (collection, writes) => {
        if (collection === ALIASES && when === 'before') stopped = await stop();
        const written = await stores.reads.write(collection, writes);
        if (collection === ALIASES && when === 'after') stopped = await stop();
        return written;
      };
      const run = planned(await open({ batch: 1_000, reads: { ...stores.reads, write } }));
      while ((await run.step()).next === 'now');
      return stopped;
    }

    it(`switches nothing where it is ${what} while a worker is about to switch`, async () => {
      expect(await stopAtSwitch('before')).to.include({ state });
      expect(await planNow()).to.include({ state });
      expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1' });
    });

    it(`is done where it is ${what} just after the switch`, async () => {
      expect(await stopAtSwitch('after')).to.include({ state: 'DONE', error: null });
      expect(await planNow()).to.include({ state: 'DONE' });
      expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1-2' });
    });
  }

  it('is told by the status, and is neither work nor held', async () => {
    await pause();
    expect(await rebuildsUnderWay(stores.reads)).to.deep.equal([]);
    expect(await heldRebuilds(stores.reads)).to.deep.equal([]);
    const [status] = await statusOfViews({ ...ports, views: { mailbox } });
    expect(status?.rebuild).to.include({ generation: 'v1-2', state: 'PAUSED' });
  });

  it('stays through the start of a projector of the same code, and of newer code, which begins none beside it', async () => {
    const paused = await pause();
    const projector = createProjector({ ...ports, views: toyViews, owner: 'next' });
    await projector.start();
    await projector.stop();
    const newer = { ...mailbox, version: 2 };
    expect(await planByItself(ports, newer, planned(await aliasOf(stores.reads, VIEW)))).to.equal(null);
    expect(await planNow()).to.deep.equal(paused);
    expect(await stores.queue.list('rebuild')).to.deep.equal([]);
  });

  it('is replaced by one of the newer code that lets it go on', async () => {
    await pause();
    expect(await resume({ ...mailbox, version: 2 })).to.include({ generation: 'v2', state: 'RUNNING' });
    expect(await planNow()).to.include({ state: 'SUPERSEDED', error: 'mailbox.v2 is newer' });
  });

  it('is what another rebuild of its view meets', async () => {
    const paused = await pause();
    expect(await planRebuild(ports, mailbox)).to.deep.equal(paused);
  });

  it('was paused once, by the first of two operators', async () => {
    await Promise.all([pause(ANNA), pause(BEN)]);
    expect((await planNow())?.acts.map(({ what }) => what)).to.deep.equal(['planned', 'paused']);
  });

  it('is cancelled where one operator cancels while another pauses, and does not come back', async () => {
    await Promise.all([pause(), cancelRebuild(ports, mailbox, BEN)]);
    expect(await planNow()).to.include({ state: 'CANCELLED', error: 'cancelled by ben', finishedAt: AT });
    expect(await pause()).to.equal(null);
    expect(await resume()).to.equal(null);
  });

  it('is resumed once, and not where it is held instead', async () => {
    await pause();
    await Promise.all([resume(), resume()]);
    expect((await planNow())?.acts.map(({ what }) => what)).to.deep.equal(['planned', 'paused', 'resumed']);
    const held = await updateRebuild(stores.reads, planned(await planNow()), { state: 'HELD' });
    expect(await pause()).to.deep.equal(held);
    expect(await resume()).to.equal(null);
  });
});
