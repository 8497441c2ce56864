import { expect } from 'chai';
import { foldConsumer, type Consumer } from '../../src/feed/consumer.js';
import type { Fold, FoldedDocument } from '../../src/fold.js';
import type { RecordedEvent } from '../../src/ports.js';
import { history, onStream } from '../../testing/given.js';

interface Clicks extends FoldedDocument {
  readonly clicks: number;
}
const clicks: Fold<Clicks> = {
  name: 'clicks',
  version: 1,
  categories: ['referralClicks'],
  keyOf: ({ metadata: { keys } }) => keys.userId,
  initial: { clicks: 0 },
  handlers: { ReferralClickTracked: (before) => ({ clicks: before.clicks + 1 }) },
};
const click = (stream: string) =>
  onStream(stream, { userId: 'a' })('ReferralClickTracked', { codeDigest: 'c'.repeat(40) });

describe('A consumer made of a fold', () => {
  const [own, foreign] = history([click('referralClicks-a'), click('other-a')]) as [RecordedEvent, RecordedEvent];
  let consumer: Consumer;
  beforeEach(() => {
    consumer = foldConsumer(clicks, 'view.clicks.v1', 'clicks.v1');
  });

  it('has the name of its checkpoint and the collection that it is given', () => {
    expect(consumer).to.include({ name: 'clicks.v1', collection: 'view.clicks.v1' });
  });

  it('declares the indexes of the fold, none where it has none', () => {
    expect(consumer.indexes).to.deep.equal([]);
    expect(foldConsumer({ ...clicks, indexes: ['clicks'] }, 'c', 'n').indexes).to.deep.equal(['clicks']);
  });

  it('takes what concerns the fold, under its key, and applies it', () => {
    expect([consumer.takes(own), consumer.takes(foreign)]).to.deep.equal([true, false]);
    expect(consumer.keyOf(own)).to.equal('a');
    const place = { position: own.position, lastEvent: own.id.slice(0, 8) };
    expect(consumer.apply('a', null, own)).to.deep.equal({ _id: 'a', ...place, clicks: 1 });
    const before = { _id: 'a', position: 1n, clicks: 7 } as FoldedDocument;
    expect(consumer.apply('a', before, own)).to.deep.equal({ _id: 'a', ...place, clicks: 8 });
  });
});
