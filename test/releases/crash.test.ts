/**
 * A process that works on a rebuild dies at each of its writes in turn: while it folds, at the gate, at the switch, while it drops what
 * is left over. Events come all the while, and query services of both releases answer.
 */
import { aliasOf } from '@creator-dashboards/projector/generations';
import { keepGenerations } from '@creator-dashboards/projector/kept';
import { createProjector, type Projector } from '@creator-dashboards/projector/projector';
import { REBUILDS, type Rebuild } from '@creator-dashboards/projector/rebuild/plan';
import { planRebuild } from '@creator-dashboards/projector/rebuild/planner';
import { openRebuild } from '@creator-dashboards/projector/rebuild/run';
import { shareName, SHARES } from '@creator-dashboards/projector/rebuild/share';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { Died, dyingAt, type Death } from '@creator-dashboards/shared/testing/dying';
import { creatorUserId, delivered, idOf, sent, upgraded } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { plainFold } from '@creator-dashboards/shared/testing/plain-fold';
import { systemClock } from '@creator-dashboards/shared/time';
import { oneAtATime } from '@creator-dashboards/shared/waiting';
import { ALIASES, collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import type { View, ViewRegistry } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReader } from '../support/checked-reader.js';
import { documentsIn } from '../support/documents.js';
import { release, VIEW } from '../support/releases.js';

const [older, newer] = [release(0), release(1)];
const only = ({ [VIEW]: view }: typeof older): ViewRegistry => ({ [VIEW]: view });
const clock = { ...systemClock, now: () => 1_000_000 };
const BATCH = 5;
/** Messages that come while the view is rebuilt, one at each call of the process that does it. One more comes right before the switch. */
const COMING = 12;

/** The older release serves its second build of the view, and what newer code will leave over is its first. */
async function openWorld(folder: string) {
  const reads = openReadStore(join(folder, 'views.db'));
  const events = logOf(history([upgraded, ...[1, 2, 3, 4, 5, 6].flatMap((n) => [sent(idOf(n)), delivered(idOf(n))])]));
  const dead = new Set<string>();
  const stores = { reads, events, clock, isDead: (owner: string) => dead.has(owner) };
  const projectorOf = (views: ViewRegistry, owner: string): Projector =>
    createProjector({ ...stores, stores: undefined, queue: noQueue, views, owner, rebuildOnChange: 'manual' });
  const projectors = [projectorOf(only(older), 'older'), projectorOf(only(newer), 'newer')];
  const now = { looksAlways: true };
  const readers = [openReader(stores, older, 'older', now), openReader(stores, newer, 'newer', now)];
  const step = async () => {
    for (const projector of projectors) await projector.catchUp();
  };
  const read = async () => {
    for (const reader of readers) await reader.read(creatorUserId);
  };
  await step();
  let come = 0;
  const inTurn = oneAtATime();
  return {
    ...{ reads, events, stores, dead, step, read },
    /** A message comes, is projected, and the dashboard is read before and after. */
    turn: (isSwitch = false) =>
      inTurn(async () => {
        await read();
        if ((come += 1) > COMING && !isSwitch) return;
        const id = idOf(100 + come);
        events.add(history([sent(id), delivered(id)], { after: await events.head() }));
        await step();
        await read();
      }),
    async close() {
      for (const projector of projectors) await projector.stop();
      await reads.close();
    },
  };
}

const noQueue = {
  add: async () => true,
  get: async () => null,
  list: async () => [],
  work: () => async () => undefined,
  close: async () => undefined,
};

type World = Awaited<ReturnType<typeof openWorld>>;

/** What a worker process does with a plan, to the end. */
async function work(
  { stores }: Pick<World, 'stores'>,
  views: ViewRegistry,
  id: string,
  process: { readonly owner: string; readonly reads: ReadStore; readonly events: EventStore },
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  const run = await openRebuild({ ...stores, ...process, views, batch: BATCH }, id);
  for (let next = 'now'; run && next !== 'ended'; await meanwhile()) ({ next } = await run.step());
  await run?.release();
  await keepGenerations(process.reads, views[VIEW] as View, 2);
}

describe('A process that dies while it rebuilds a view', () => {
  let folder: string;
  let world: World;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'dying-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function plan(views: typeof older): Promise<Rebuild> {
    const planned = await planRebuild(world.stores, views[VIEW]);
    if (!planned) throw new Error('nothing was planned');
    return planned;
  }

  /** Lets the newer release's worker die there. Returns false where it came to its end. */
  async function dies(death: Death): Promise<boolean> {
    world = await openWorld(folder);
    try {
      const { reads, events, stores } = world;
      await work(world, only(older), (await plan(older))._id, { owner: 'first build', reads, events });
      await world.step();
      const planned = await plan(newer);
      const { _id, generation } = planned;
      const dying = dyingAt(death, (method, first) => world.turn(method === 'write' && first === ALIASES));
      const ports = { owner: 'dying', reads: dying.port(reads), events: dying.port(events) };
      await work(world, only(newer), _id, ports, () => world.turn()).catch((error: unknown) => {
        if (!(error instanceof Died)) throw error;
      });
      const alias = await aliasOf(reads, VIEW);
      await world.read();
      world.dead.add('dying');
      await world.turn();

      const from = await storedUpTo(reads, planned);
      const readFrom: Position[] = [];
      const noted: EventStore = {
        ...events,
        readAll(options) {
          readFrom.push(options.after);
          return events.readAll(options);
        },
      };
      await work(world, only(newer), _id, { owner: 'next', reads, events: noted }, () => world.turn());
      if (readFrom[0] !== undefined) expect(readFrom[0], 'resumes where it had stored').to.equal(from);
      await world.step();
      await world.read();

      expect(alias?.generation).to.be.oneOf(['v1-2', generation]);
      expect(await stores.reads.get<Rebuild>(REBUILDS, _id)).to.include({ state: 'DONE', error: null });
      expect(await aliasOf(reads, VIEW)).to.include({ generation, previous: 'v1-2' });
      for (const [name, view] of [
        ['v1-2', older[VIEW]],
        [generation, newer[VIEW]],
      ] as const)
        expect(await documentsIn(reads, collectionOf(VIEW, name)), name).to.have.deep.members(
          plainFold(view, events.all),
        );
      expect(await reads.collections(), 'what is left over').not.to.include(collectionOf(VIEW, 'v1'));
      return dying.isDead();
    } finally {
      await world.close();
    }
  }

  for (const side of ['before', 'after'] as const)
    it(`loses nothing ${side} any of its writes: another one goes on, and no reader notices`, async () => {
      let deaths = 0;
      while (await dies({ write: deaths + 1, side }).catch(tell({ write: deaths + 1, side }))) {
        deaths += 1;
        rmSync(folder, { recursive: true });
        folder = mkdtempSync(join(tmpdir(), 'dying-'));
      }
      expect(deaths).to.be.greaterThan(20);
    });
});

/** How far a candidate's documents are in the store. */
async function storedUpTo(reads: ReadStore, { view, generation, upTo }: Rebuild): Promise<Position> {
  const feed = feedNameOf(view, generation);
  const fed = await reads.get<Checkpoint>(CHECKPOINTS, feed);
  const share = (await reads.get<Checkpoint>(SHARES, shareName({ name: feed }, 0)))?.share;
  return fed?.position || BigInt(share ? (share.slices[0]?.position ?? upTo) : 0);
}

/** Where a failing check was made. */
function tell({ write, side }: Death): (error: Error) => never {
  return (error) => {
    error.message = `dead ${side} write ${write}: ${error.message}`;
    throw error;
  };
}
