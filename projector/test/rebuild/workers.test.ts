import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { derivedId } from '@creator-dashboards/shared/ids';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { randomHistory } from '@creator-dashboards/shared/testing/random-history';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import fc from 'fast-check';
import { dropGeneration } from '../../src/kept.js';
import { BY_ITSELF } from '../../src/rebuild/acts.js';
import { openHelp } from '../../src/rebuild/help.js';
import { pauseRebuild, resumeRebuild } from '../../src/rebuild/pause.js';
import { REBUILDS, type Rebuild } from '../../src/rebuild/plan.js';
import { cancelRebuild, planRebuild } from '../../src/rebuild/planner.js';
import { openRebuild, type RebuildPorts, type RebuildRun } from '../../src/rebuild/run.js';
import { shareName, SHARES } from '../../src/rebuild/share.js';
import { progressOf } from '../../src/rebuild/work.js';
import { messagesInTurn } from '../messages-in-turn.js';
import { allIn, openStores, planned, type TestStores } from '../stores.js';
import { mailbox, toyViews } from '../toy-views.js';

const CREATORS = 12;
const EACH = 5;
/** What its documents take in memory, as the rebuild estimates it. */
const BYTES_OF_A_MAILBOX = 900;
const { creators, story } = messagesInTurn(CREATORS, EACH);
const clock = { ...systemClock, now: () => 1_000_000 };

describe('The workers of a rebuild', () => {
  let stores: TestStores;
  let dead: Set<string>;
  beforeEach(() => {
    stores = openStores();
    stores.events.add(story);
    dead = new Set();
  });
  afterEach(() => stores.close());

  const ports = (more: Partial<RebuildPorts> = {}): RebuildPorts => ({
    ...{ ...stores, clock, views: toyViews, owner: 'first', batch: 7 },
    isDead: (owner) => dead.has(owner),
    ...more,
  });
  const plan = (shares: number, rate: number | null = null) =>
    planRebuild({ ...stores, clock, rebuildWorkers: shares }, mailbox, BY_ITSELF, { rate }).then(planned);
  const first = async (id: string, more?: Partial<RebuildPorts>) => planned(await openRebuild(ports(more), id));
  const helper = async (id: string, share: number, more?: Partial<RebuildPorts>) =>
    planned(await openHelp(ports({ owner: `helper ${share}`, ...more }), id, share));
  const planNow = async (id: string) => planned(await stores.reads.get<Rebuild>(REBUILDS, id));
  const shareNow = (share: number, generation = 'v1') =>
    stores.reads.get<Checkpoint>(SHARES, shareName({ name: feedNameOf(mailbox.name, generation) }, share));
  const built = (generation = 'v1') => textsIn(stores.reads, collectionOf(mailbox.name, generation));
  /** Of a rebuild by one worker, of the same view on the same log. */
  async function builtByOne(): Promise<string[]> {
    const here = openStores();
    try {
      here.events.add(stores.events.all);
      const { _id } = planned(await planRebuild({ ...here, clock }, mailbox));
      await toTheEnd([planned(await openRebuild(ports(here), _id))]);
      return await textsIn(here.reads, collectionOf(mailbox.name, 'v1'));
    } finally {
      await here.close();
    }
  }

  it('give the same documents byte for byte, one, 4 or 16 of them, of every view', async function () {
    this.timeout(120_000);
    const views = withFingerprints(registry);
    await fc.assert(
      fc.asyncProperty(randomHistory, fc.integer({ min: 1, max: 30 }), async ({ log }, batch) => {
        const events = logOf(log);
        for (const view of Object.values(views)) {
          const results: string[][] = [];
          for (const workers of [1, 4, 16]) {
            const here = { ...openStores(), events };
            try {
              const { _id } = planned(await planRebuild({ ...here, clock, rebuildWorkers: workers }, view));
              const of = (owner: string) => ({ ...here, clock, views, owner, batch });
              const helpers = Array.from({ length: workers - 1 }, (_, n) => openHelp(of(`helper ${n}`), _id, n + 1));
              await toTheEnd([
                planned(await openRebuild(of('first'), _id)),
                ...(await Promise.all(helpers)).map(planned),
              ]);
              expect(await here.reads.get<Rebuild>(REBUILDS, _id)).to.include({ state: 'DONE' });
              results.push(await textsIn(here.reads, collectionOf(view.name, 'v1')));
            } finally {
              await here.close();
            }
          }
          expect(results[1], view.name).to.deep.equal(results[0]);
          expect(results[2], view.name).to.deep.equal(results[0]);
        }
      }),
      { numRuns: 4 },
    );
  });

  it('each fold documents of their own: the further one works before the first, and writes what the first does not', async () => {
    const { _id } = await plan(2);
    const written = new Map<string, string[]>();
    const notedAs = (owner: string): Partial<RebuildPorts> => ({
      owner,
      reads: {
        ...stores.reads,
        write(collection, writes) {
          if (collection === collectionOf(mailbox.name, 'v1'))
            written.set(owner, [...(written.get(owner) ?? []), ...writes.map(({ document }) => document._id)]);
          return stores.reads.write(collection, writes);
        },
      },
    });
    const helping = await helper(_id, 1, notedAs('helper'));
    await toTheEnd([helping], 9);
    expect((await shareNow(1))?.share?.slices).to.deep.equal([]);
    expect(await stores.reads.get(CHECKPOINTS, feedNameOf(mailbox.name, 'v1'))).to.equal(null);
    await toTheEnd([await first(_id, notedAs('first')), helping]);
    expect(written.get('helper')).to.not.be.empty;
    expect(written.get('first')).to.not.be.empty;
    expect([...written.values()].flat().sort()).to.deep.equal([...creators].sort());
    expect(await built()).to.deep.equal(await builtByOne());
  });

  it('wait for each other: the view is served when all shares are done, not before', async () => {
    const { _id } = await plan(2);
    const helping = await helper(_id, 1);
    await helping.step();
    const one = await first(_id);
    for (let step = 0; step < 20; step += 1) await one.step();
    expect(await planNow(_id)).to.include({ state: 'RUNNING' });
    expect(await one.step()).to.include({ next: 'later' });
    await toTheEnd([one, helping]);
    expect(await planNow(_id)).to.include({ state: 'DONE' });
    expect(await built()).to.deep.equal(await builtByOne());
  });

  it('take over the share of one that was killed at their next batch, and nothing is applied twice', async () => {
    const { _id } = await plan(3);
    const killed = await helper(_id, 1);
    await killed.step();
    await killed.step();
    const other = await helper(_id, 2);
    while ((await other.step()).next === 'now');
    expect(await shareNow(1)).to.include({ owner: 'helper 1' });
    dead.add('helper 1');
    await other.step();
    expect(await shareNow(1)).to.include({ owner: 'helper 2' });
    await toTheEnd([other, await first(_id)]);
    expect(await planNow(_id)).to.include({ state: 'DONE' });
    expect(await built()).to.deep.equal(await builtByOne());
  });

  it('go on from what one had stored that was killed later', async () => {
    let now = 0;
    const ticking = { clock: { ...clock, monotonic: () => now } };
    const { _id } = await plan(2);
    const killed = await helper(_id, 1, ticking);
    await killed.step();
    now += 60_000;
    await killed.step(); // 14 events are stored.
    await killed.step();
    dead.add('helper 1');
    const readFrom: Position[] = [];
    const readAll: EventStore['readAll'] = (options) => {
      readFrom.push(options.after);
      return stores.events.readAll(options);
    };
    await toTheEnd([await helper(_id, 1, { owner: 'next', events: { ...stores.events, readAll } })], 1);
    expect(readFrom).to.deep.equal([story[13]?.position]);
    dead.add('next');
    await toTheEnd([await first(_id)]);
    expect(await built()).to.deep.equal(await builtByOne());
  });

  it('write nothing any more after another has taken over their share', async () => {
    const { _id, generation } = await plan(1);
    const lost = await helper(_id, 0, { owner: 'lost' });
    await lost.step();
    dead.add('lost');
    const one = await first(_id);
    await one.step();
    await lost.release();
    await lost.step();
    expect(await built(generation)).to.deep.equal([]);
    expect(await shareNow(0)).to.include({ owner: 'first' });
    await toTheEnd([one]);
    expect(await built()).to.deep.equal(await builtByOne());
  });

  it('begin anew with a share that they lost and got back, whose window another has stored meanwhile', async () => {
    let now = 0;
    const hurried = { clock: { ...clock, monotonic: () => (now += 10_000) }, windowBytes: 4 * BYTES_OF_A_MAILBOX };
    const { _id } = await plan(1);
    const open = async () => (await shareNow(0))?.share?.slices ?? [];
    const early = await helper(_id, 0, { ...hurried, owner: 'early' });
    while ((await open()).length < 2) await early.step();
    dead.add('early');
    const lost = await helper(_id, 0, { ...hurried, owner: 'lost' });
    await lost.step();
    dead.add('lost');
    const other = await helper(_id, 0, { ...hurried, owner: 'other' });
    for (const [own] = await open(); (await open())[0]?.from === own?.from;) await other.step();
    dead.add('other');
    await toTheEnd([lost]);
    await toTheEnd([await first(_id)]);
    expect(await built()).to.deep.equal(await builtByOne());
  });

  it('write nothing any more into a generation that was dropped', async () => {
    const { _id, generation } = await plan(2);
    const late = await helper(_id, 1);
    await late.step();
    await cancelRebuild({ ...stores, clock }, mailbox);
    expect(await dropGeneration(stores.reads, mailbox.name, generation)).to.equal(true);
    await late.step();
    await late.release();
    expect(await stores.reads.collections()).to.not.include(collectionOf(mailbox.name, generation));
  });

  it('all stop at their next batch when the rebuild is paused, and go on from there', async () => {
    const { _id } = await plan(2);
    const [one, helping] = [await first(_id), await helper(_id, 1)];
    await one.step();
    await helping.step();
    await pauseRebuild({ ...stores, clock }, mailbox.name, BY_ITSELF);
    expect(await one.step()).to.include({ next: 'ended' });
    expect(await helping.step()).to.include({ next: 'ended' });
    for (const share of [0, 1])
      expect(await shareNow(share))
        .to.deep.include({ owner: '' })
        .and.to.have.nested.property('share.slices[0].position', String(story[6]?.position));
    expect(await openHelp(ports({ owner: 'too early' }), _id, 1)).to.equal(null);
    await resumeRebuild({ ...stores, clock }, mailbox, BY_ITSELF);
    await toTheEnd([await first(_id), await helper(_id, 1)]);
    expect(await built()).to.deep.equal(await builtByOne());
  });

  it('all stop when the rebuild is cancelled', async () => {
    const { _id } = await plan(2);
    const [one, helping] = [await first(_id), await helper(_id, 1)];
    await one.step();
    await helping.step();
    await cancelRebuild({ ...stores, clock }, mailbox);
    expect(await one.step()).to.include({ next: 'ended' });
    expect(await helping.step()).to.include({ next: 'ended' });
    expect(await helper(_id, 1).catch(() => 'nothing to do')).to.equal('nothing to do');
  });

  it('read only the streams of their shares where the engine can leave out the others, and say how much that is', async () => {
    const suffixOf = (stream: string) => parseInt(stream.slice(-2), 16);
    const read = new Map<string, string[]>();
    const readingOf = (owner: string): Partial<RebuildPorts> => ({
      owner,
      events: {
        ...stores.events,
        async readAll({ after, limit, suffixes = { from: 0, to: 256 } }) {
          const all = await stores.events.readAll({ after, limit: Infinity });
          const isAsked = ({ stream }: { readonly stream: string }) =>
            suffixOf(stream) >= suffixes.from && suffixOf(stream) < suffixes.to;
          const page = all.filter(isAsked).slice(0, limit);
          read.set(owner, [...(read.get(owner) ?? []), ...page.map(({ stream }) => stream)]);
          return page;
        },
      },
    });
    const { _id } = await plan(2);
    const [one, helping] = [await first(_id, readingOf('first')), await helper(_id, 1, readingOf('helper'))];
    await helping.step();
    await one.step();
    while ((await planNow(_id)).state === 'RUNNING') await toTheEnd([one, helping], 1);
    expect(read.get('first')?.filter((stream) => suffixOf(stream) >= 128)).to.deep.equal([]);
    expect(read.get('helper')?.filter((stream) => suffixOf(stream) < 128)).to.deep.equal([]);
    expect((await planNow(_id)).work).to.include({ events: story.length });
    await toTheEnd([one, helping]);
    expect(await built()).to.deep.equal(await builtByOne());
  });

  it('report together: events, what is left, how many they are', async () => {
    const { _id } = await plan(2);
    const [one, helping] = [await first(_id), await helper(_id, 1)];
    await one.step();
    const all = { eventsTotal: 2 * story.length };
    expect(progressOf(await planNow(_id))).to.include({ ...all, eventsDone: 7, workers: 1 });
    await helping.step();
    await one.step();
    expect(progressOf(await planNow(_id))).to.include({ ...all, eventsDone: 21, workers: 2 });
    await toTheEnd([one, helping]);
    expect((await planNow(_id)).work).to.include({ events: 2 * story.length, left: 0, mostWorkers: 2, workers: 1 });
  });

  it('fail together where one of them meets an event that stops them', async () => {
    const [broken, ...others] = stores.events.all;
    const stray = { ...planned(broken ?? null), position: 9_999n, stream: `message-${derivedId('x')}` };
    const events = logOf([...others, stray]);
    const { _id } = planned(await planRebuild({ ...stores, events, clock, rebuildWorkers: 2 }, mailbox));
    const workers = [await helper(_id, 0, { events }), await helper(_id, 1, { events })];
    await toTheEnd(workers);
    expect(await planNow(_id)).to.include({ state: 'FAILED' });
    expect((await planNow(_id)).error).to.match(/the event at position 9999 .* does not end in the same two digits/);
  });
});

/** Steps them in turn until all have ended, or so often. Then they are as they were left: nothing is given back. */
async function toTheEnd(workers: readonly RebuildRun[], rounds = Infinity): Promise<void> {
  const open = new Set(workers);
  for (let round = 0; round < rounds && open.size > 0; round += 1)
    for (const worker of open) {
      if ((await worker.step()).next !== 'ended') continue;
      open.delete(worker);
      await worker.release();
    }
}

/** Every document as text, with the order of its fields. */
async function textsIn(reads: ReadStore, collection: string): Promise<string[]> {
  return (await allIn(reads, collection)).map((document) =>
    JSON.stringify(document, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );
}
