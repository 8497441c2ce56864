import { history } from '@creator-dashboards/shared/testing/given';
import { creatorUserId, delivered, idOf, replied, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { previewView } from '../../src/compare/preview.js';
import { consumerOf, moveAlias } from '../../src/generations.js';
import { feedOf, openStores, planned, type TestStores } from '../stores.js';
import { answeredElsewhere, letter, mailbox, withBrokenArrivals, type MailboxDocument } from '../toy-views.js';

const changed: View<MailboxDocument> = {
  ...mailbox,
  version: 2,
  handlers: { ...mailbox.handlers, MessageReplied: (box) => ({ ...box, answered: box.answered + 2 }) },
};

describe('A preview of a changed view', () => {
  let stores: TestStores;
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history([sent(), answeredElsewhere, delivered(), replied()]));
    await serve(mailbox);
  });
  afterEach(() => stores.close());

  async function serve(view: View): Promise<void> {
    await feedOf(stores, consumerOf(view, 'v1')).catchUp();
    await moveAlias(stores.reads, view.name, null, { generation: 'v1', position: 0n });
  }
  const preview = async (view: View, wanted: Parameters<typeof previewView>[2] = { sample: 500 }) =>
    planned(await previewView(stores, view, wanted));

  it('finds nothing where the code makes what is served, and writes nothing', async () => {
    const before = await stores.reads.collections();
    const fingerprints = { fold: 'v1', shape: null };
    expect(await preview(mailbox)).to.deep.include({
      a: { generation: 'v1', fingerprints, position: '40', documents: 2, parked: 0 },
      b: { generation: 'v1', fingerprints, position: '40', documents: 2, parked: 0 },
      sampled: false,
      compared: 2,
      differing: 0,
    });
    expect(await stores.reads.collections()).to.deep.equal(before);
  });
  it('names what would differ, with counts, also while the log is further than what is served', async () => {
    stores.events.add(history([sent(idOf(3)), delivered(idOf(3)), replied(idOf(3))], { after: 40n }));
    const found = await preview(changed);
    expect(found.paths.map(({ path, documents }) => [path, documents])).to.deep.equal([['answered', 2]]);
    expect(found.paths[0]?.examples).to.deep.include({ key: creatorUserId, path: 'answered', a: '1', b: '2' });
    expect(found.events).to.deep.equal({ from: '40', to: '40' });
  });
  it('compares the documents that were asked for, and leaves out a key that neither side has', async () => {
    const found = await preview(changed, { ids: [creatorUserId, idOf(77)] });
    expect(found).to.include({ sampled: true, compared: 1, differing: 1 });
  });
  it('takes a sample of the size asked for, the same each time', async () => {
    stores.events.add(history(Array.from({ length: 700 }, (_, n) => sent(idOf(100 + n))), { after: 40n })); // prettier-ignore
    await serve(letter);
    const found = await preview(letter, { sample: 50 });
    expect(found).to.include({ sampled: true, compared: 50, differing: 0 });
    expect(await preview(letter, { sample: 50 })).to.deep.equal(found);
  });
  it('names documents that only the changed code would make, or would no longer make', async () => {
    const rekeyed = { ...mailbox, keyOf: () => idOf(5) };
    const found = await preview(rekeyed);
    expect(found.paths.map(({ path, documents }) => [path, documents])).to.deep.equal([
      ['-document', 2],
      ['+document', 1],
    ]);
  });
  it('names the keys that the changed code would park', async () => {
    const readAll: TestStores['events']['readAll'] = async (options) =>
      withBrokenArrivals(await stores.events.readAll(options));
    const found = planned(
      await previewView({ ...stores, events: { ...stores.events, readAll } }, mailbox, { sample: 500 }),
    );
    expect(found).to.include({ newlyParked: 1, compared: 1 });
    expect(found.newlyParkedKeys[0]?.key).to.equal(creatorUserId);
  });
  it('is none for a view that is not served', async () => {
    expect(await previewView(stores, letter, { sample: 500 })).to.equal(null);
  });
});
