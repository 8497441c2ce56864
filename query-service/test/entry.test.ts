import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { entryOf } from '../src/audit/entry.js';

const event = {
  ...{ stream: 'user-a', revision: 3n, position: 17n, id: 'an id', type: 'A' },
  ...{ data: { b: 1, a: 2 }, metadata: { keys: {} } },
} as unknown as RecordedEvent;

describe('The line of an event in the tree over the log', () => {
  it('is for ever as it is documented: number, stream, revision, id, type, data and metadata as they are stored', () => {
    expect(entryOf(12, event)).to.equal('[12,"user-a","3","an id","A",{"b":1,"a":2},{"keys":{}}]');
  });

  it('has no position, so that a log may move between engines, and another number elsewhere in it', () => {
    expect(entryOf(12, { ...event, position: 99n })).to.equal(entryOf(12, event));
    expect(entryOf(13, event)).to.not.equal(entryOf(12, event));
  });
});
