/** When a subscription counts as one that has delivered everything. */
import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import type { Connection } from '../../src/adapters/eventstoredb/client.js';
import type { Pages } from '../../src/adapters/eventstoredb/pages.js';
import { createTail, type Tail } from '../../src/adapters/eventstoredb/tail.js';
import type { RecordedEvent } from '../../src/ports.js';
import { createRecent } from '../../src/reader/recent.js';
import { newEvent } from '../../testing/events.js';
import { createManualTime, settled, type ManualTime } from '../../testing/manual-time.js';

const at = (position: bigint): RecordedEvent => ({ ...newEvent(), stream: 'thing-1', revision: position, position });

describe('The end of the log in memory', () => {
  let time: ManualTime;
  let head: RecordedEvent;
  let subscriptions: EventEmitter[];
  /** How often all readers were told to look for themselves. */
  let wokenAll: number;
  let tail: Tail;

  beforeEach(async () => {
    time = createManualTime();
    [head, subscriptions, wokenAll] = [at(1n), [], 0];
    const first = head;
    const subscribeToAll = () => {
      const subscription = Object.assign(new EventEmitter(), { unsubscribe: async () => undefined });
      subscriptions.push(subscription);
      return subscription;
    };
    const connection = { client: { subscribeToAll }, options: {}, clock: time } as unknown as Connection;
    const pages = { last: async () => head, at: async () => first } as unknown as Pages;
    const dispatch = {
      ...{ follow: () => () => undefined, appended: () => undefined, isFollowed: () => true, close: () => undefined },
      wakeAll: () => void (wokenAll += 1),
    };
    tail = createTail(connection, pages, { recent: createRecent(), dispatch });
    tail.subscribe(() => undefined);
    await settled();
    expect(atEnd()).to.equal(true);
  });
  afterEach(() => tail.close());

  /** Whether readers are told that nothing follows what was delivered; else they ask the server. */
  const atEnd = () => tail.page({ after: tail.end(), limit: 1 })?.length === 0;

  function deliver(event: RecordedEvent): void {
    const { position, stream: streamId, ...rest } = event;
    const wire = { ...rest, streamId, position: { commit: position, prepare: position }, created: new Date(0) };
    subscriptions.at(-1)?.emit('data', { event: wire });
  }

  it('may be behind the head by what is on its way', async () => {
    head = at(2n);
    await time.advance(1_000);
    expect(atEnd(), 'when the watch has looked').to.equal(true);
    deliver(head);
    await time.advance(100);
    tail.acknowledged(2n);
    await settled();
    expect([wokenAll, atEnd()]).to.deep.equal([0, true]);
  });

  it('stays so under load, where the head is always further on, and of appends nobody is woken twice', async () => {
    for (let next = 2n; next < 50n; next += 1n) {
      head = at(next);
      await time.advance(60);
      deliver(head);
      head = at(next + 1n);
    }
    tail.acknowledged(50n);
    await settled();
    expect([wokenAll, subscriptions.length]).to.deep.equal([0, 1]);
  });

  it('is not known any more where the head does not come within a tenth of a second: all look for themselves', async () => {
    head = at(2n);
    await time.advance(1_100);
    expect([wokenAll, atEnd()]).to.deep.equal([1, false]);
  });

  it('is subscribed to again where nothing came for half a second', async () => {
    head = at(2n);
    await time.advance(1_510);
    expect(subscriptions).to.have.length(2);
  });

  it('is left when the process ends while something is on its way', async () => {
    head = at(2n);
    await time.advance(1_000);
    tail.close();
    await time.advance(5_000);
    expect([subscriptions.length, time.pending()]).to.deep.equal([1, 0]);
  });
});
