/** A changed fold, from the start of a projector that has it to the switch, or to the gate: REBUILD_ON_CHANGE=auto. */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { creatorUserId, delivered, idOf, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { aliasOf } from '../src/generations.js';
import { createProjector, type ProjectorOptions } from '../src/projector.js';
import { newestRebuilds, REBUILDS, type Rebuild } from '../src/rebuild/plan.js';
import { openRebuild } from '../src/rebuild/run.js';
import { openStores, planned, type TestStores } from './stores.js';
import { mailbox } from './toy-views.js';

/** What a creator has earned, and how far she is on each level. */
interface Earnings extends FoldedDocument {
  readonly totalEarnings: number;
  readonly messages: number;
  readonly levels: readonly { readonly name: string; readonly reached: number }[];
}

const BRONZE = { name: 'bronze', reached: 0 };
const SILVER = { name: 'silver', reached: 0 };

/** Each message earns 10 and takes her a step further on both levels. */
const before: View<Earnings> = {
  ...mailbox,
  fingerprints: { fold: 'before', shape: 'the same' },
  initial: { totalEarnings: 0, messages: 0, levels: [BRONZE, SILVER] },
  handlers: { MessageDelivered: earning(10, 1, 1) },
};

function earning(amount: number, step: number, counted: number) {
  return ({ totalEarnings, messages, levels, ...rest }: Earnings): Earnings => ({
    ...rest,
    totalEarnings: totalEarnings + amount,
    messages: messages + counted,
    levels: levels.map(({ name, reached }) => ({ name, reached: reached + step })),
  });
}

/** It means to change what a message earns and how far it takes her. */
const announced: View<Earnings> = {
  ...before,
  fingerprints: { fold: 'announced', shape: 'the same' },
  changes: ['totalEarnings', 'levels.*'],
  handlers: { MessageDelivered: earning(8, 2, 1) },
};
/** The same, and by mistake it counts each message twice. */
const mistaken: View<Earnings> = {
  ...announced,
  fingerprints: { fold: 'mistaken', shape: 'the same' },
  handlers: { MessageDelivered: earning(8, 2, 2) },
};

describe('A fold that says what it means to change', () => {
  let stores: TestStores;
  const clock = { ...systemClock, now: () => 1_000_000 };
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history([sent(), delivered(), sent(idOf(2)), delivered(idOf(2))]));
    await startedWith(before);
  });
  afterEach(() => stores.close());

  /** A projector of this code starts, comes to the head of the log, and ends. */
  async function startedWith(view: View<Earnings>, options: Partial<ProjectorOptions> = {}): Promise<void> {
    const ports = { ...stores, stores: undefined, clock, views: { mailbox: view }, owner: 'projector' };
    const projector = createProjector({ ...ports, isDead: () => true, ...options });
    await projector.catchUp();
    await projector.stop();
  }

  /** What becomes of what it has planned by itself, with a worker. */
  async function worked(view: View<Earnings>): Promise<Rebuild> {
    const plan = planned((await newestRebuilds(stores.reads, ['mailbox'])).get('mailbox') ?? null);
    const run = planned(await openRebuild({ ...stores, clock, views: { mailbox: view }, owner: 'worker' }, plan._id));
    while ((await run.step()).next === 'now');
    await run.release();
    return planned(await stores.reads.get<Rebuild>(REBUILDS, plan._id));
  }

  const served = async () => {
    const { generation } = planned(await aliasOf(stores.reads, 'mailbox'));
    return stores.reads.get<Earnings>(collectionOf('mailbox', generation), creatorUserId);
  };

  it('is served without anybody who decides, where nothing else differs, in lists too', async () => {
    await startedWith(announced);
    expect(await worked(announced)).to.include({ state: 'DONE', generation: 'v1-2', error: null });
    // Two messages: 2 x 8, and 2 x 2 on each level.
    expect(await served()).to.deep.include({
      totalEarnings: 16,
      messages: 2,
      levels: [
        { name: 'bronze', reached: 4 },
        { name: 'silver', reached: 4 },
      ],
    });
  });

  it('is held where another field differs, which alone is named', async () => {
    await startedWith(mistaken);
    expect(await worked(mistaken)).to.include({
      state: 'HELD',
      error: 'fields differ that were not announced: messages (1 documents)',
    });
    expect(await served()).to.deep.include({ totalEarnings: 20, messages: 2 });
  });

  it('is held whatever it says, where the switch is left to an operator', async () => {
    await startedWith(announced, { rebuildOnChange: 'hold' });
    expect(await worked(announced)).to.include({ state: 'HELD' });
    expect(await served()).to.deep.include({ totalEarnings: 20 });
  });
});
