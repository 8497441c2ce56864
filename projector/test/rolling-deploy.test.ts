import { foldAll } from '@creator-dashboards/shared/fold';
import { history } from '@creator-dashboards/shared/testing/given';
import { creatorUserId, delivered, idOf, replied, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { View, ViewRegistry } from '@creator-dashboards/shared/views/view';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { aliasOf } from '../src/generations.js';
import { createProjector, type Projector } from '../src/projector.js';
import { openRebuild } from '../src/rebuild/run.js';
import { allIn, openStores, type TestStores } from './stores.js';
import { letter, mailbox, toyViews, type MailboxDocument } from './toy-views.js';

/** The next version of the mailbox: an answer takes a message out of it. */
const nextMailbox: View<MailboxDocument> = {
  ...mailbox,
  version: 2,
  changes: ['delivered'],
  handlers: {
    ...mailbox.handlers,
    MessageReplied: (box) => ({ delivered: box.delivered - 1, answered: box.answered + 1 }),
  },
};
const nextViews: ViewRegistry = { letter, mailbox: nextMailbox };

describe('Two versions of a view during a rolling deploy', () => {
  let stores: TestStores;
  let before: Projector;
  let after: Projector;
  const clock = { ...systemClock, now: () => 1_000_000 };
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history([sent(), delivered(), replied()]));
    before = createProjector({ ...stores, clock, views: toyViews, owner: 'before' });
    await before.catchUp();
    after = createProjector({ ...stores, clock, views: nextViews, owner: 'after' });
    await after.catchUp();
  });
  afterEach(async () => {
    await Promise.all([before.stop(), after.stop()]);
    await stores.close();
  });

  const feedsOf = (projector: Projector) => projector.feeds.map(({ name }) => name).sort();
  const box = (generation: string) => stores.reads.get(collectionOf('mailbox', generation), creatorUserId);
  async function rebuild(): Promise<void> {
    const run = await openRebuild({ ...stores, clock, views: nextViews, owner: 'worker' }, 'mailbox.v2');
    while ((await run?.step())?.next === 'now');
    await run?.release();
  }

  it('leave the served generation to the old code while the new version is not built yet', async () => {
    stores.events.add(history([sent(idOf(2)), delivered(idOf(2))], { after: 30n }));
    await before.catchUp();
    await after.catchUp();
    expect(feedsOf(before)).to.deep.equal(['letter.v1', 'mailbox.v1']);
    expect(feedsOf(after)).to.deep.equal(['letter.v1']);
    expect(await box('v1')).to.include({ delivered: 2, answered: 1, position: 50n });
  });

  it('hide the plan of the new version from the old code', async () => {
    expect(await openRebuild({ ...stores, clock, views: toyViews, owner: 'x' }, 'mailbox.v2')).to.equal(null);
    expect((await aliasOf(stores.reads, 'mailbox'))?.generation).to.equal('v1');
  });

  it('are each fed by the projector of that version once the new one is served', async () => {
    await rebuild();
    expect(await aliasOf(stores.reads, 'mailbox')).to.include({ generation: 'v2', previous: 'v1' });
    stores.events.add(history([sent(idOf(2)), delivered(idOf(2)), sent(idOf(3)), delivered(idOf(3))], { after: 30n }));
    await before.catchUp();
    await after.catchUp();
    expect(feedsOf(before)).to.deep.equal(['letter.v1', 'mailbox.v1']);
    expect(feedsOf(after)).to.deep.equal(['letter.v1', 'mailbox.v2']);
    expect(await box('v1')).to.include({ delivered: 3, answered: 1, position: 70n });
    expect(await box('v2')).to.include({ delivered: 2, answered: 1, position: 70n });
    for (const [generation, view] of [
      ['v1', mailbox],
      ['v2', nextMailbox],
    ] as const)
      expect(await allIn(stores.reads, collectionOf('mailbox', generation)), generation).to.deep.equal([
        ...foldAll(view, stores.events.all).values(),
      ]);
  });

  it('are both at work in one process that keeps the code of the served version: nothing stands still', async () => {
    await Promise.all([before.stop(), after.stop()]);
    const keeping: ViewRegistry = { letter, mailbox: { ...nextMailbox, kept: mailbox } };
    const alone = createProjector({ ...stores, clock, views: keeping, owner: 'alone', isDead: () => true });
    try {
      stores.events.add(history([sent(idOf(2)), delivered(idOf(2))], { after: 30n }));
      await alone.catchUp();
      expect(feedsOf(alone)).to.deep.equal(['letter.v1', 'mailbox.v1']);
      expect(await box('v1'), 'fed by the kept handlers').to.include({ delivered: 2, answered: 1, position: 50n });
      await rebuild();
      await alone.catchUp();
      expect(feedsOf(alone), 'also what a rollback goes back to').to.deep.equal([
        'letter.v1',
        'mailbox.v1',
        'mailbox.v2',
      ]);
      expect(await box('v2')).to.include({ delivered: 1, answered: 1, position: 50n });
      expect(await box('v1')).to.include({ delivered: 2, answered: 1, position: 50n });
    } finally {
      await alone.stop();
    }
  });

  it('let each projector report its own version of a view and the generation that is served', async () => {
    await rebuild();
    const versions = async (projector: Projector) => (await projector.status()).find(({ view }) => view === 'mailbox');
    expect(await versions(before)).to.include({ version: 1, generation: 'v2' });
    expect(await versions(after)).to.include({ version: 2, generation: 'v2' });
  });
});
