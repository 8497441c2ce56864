import { expect } from 'chai';
import fc from 'fast-check';
import { categoryOf } from '../../src/events/index.js';
import { concerns } from '../../src/fold.js';
import { views } from '../../src/views/registry.js';
import type { View } from '../../src/views/view.js';
import { delivered, messageId, sent } from '../../testing/fixtures/people.js';
import { history, onStream } from '../../testing/given.js';
import { outOfPartition } from '../../testing/partitions.js';
import { randomHistory } from '../../testing/random-history.js';

describe('The partition of a view', () => {
  const split: View[] = Object.values(views as Record<string, View>).filter(
    (view) => view.partition === 'streamSuffix',
  );

  for (const view of split)
    it(`is shared by every stream that ${view.name} reads and its document's key: both end in the same two hex digits (9.1)`, () => {
      const met = new Set<string>();
      fc.assert(
        fc.property(randomHistory, ({ log }) => {
          expect(outOfPartition(view, log)).to.deep.equal([]);
          for (const event of log) if (concerns(view, event)) met.add(categoryOf(event.stream));
        }),
        { numRuns: 50 },
      );
      expect([...met], 'the histories have streams of each category').to.have.members([...view.categories]);
    });

  it('detects an event of a stream that ends in other digits', () => {
    const keys = history([sent()])[0]?.metadata.keys ?? {};
    const elsewhere = onStream('message-66666666-6666-4666-8666-6666666666d2', keys);
    const log = history([sent(), delivered(), elsewhere('MessageDelivered', delivered().event.data as never)]);
    expect(outOfPartition(views.message, log)).to.deep.equal([
      `message ${messageId}: MessageDelivered of message-66666666-6666-4666-8666-6666666666d2`,
    ]);
  });
});
