import { expect } from 'chai';
import type { RecordedEvent } from '../../src/ports.js';
import type { Follower } from '../../src/reader/follower.js';
import { createDispatch } from '../../src/reader/dispatch.js';
import { newEvent } from '../../testing/events.js';
import { createManualTime, type ManualTime } from '../../testing/manual-time.js';

const at = (position: number): RecordedEvent => ({
  ...newEvent(),
  stream: 'thing-1',
  revision: 0n,
  position: BigInt(position),
});

describe('What is appended', () => {
  let time: ManualTime;
  let log: RecordedEvent[];
  /** What happened, in order. */
  let told: string[];
  let fault: Error | null;
  let dispatch: ReturnType<typeof createDispatch>;

  beforeEach(() => {
    time = createManualTime();
    log = [at(1), at(2)];
    told = [];
    fault = null;
    dispatch = createDispatch({
      next(after) {
        if (fault) throw fault;
        return log.filter(({ position }) => position > after).slice(0, 2);
      },
      end: () => log.at(-1)?.position ?? 0n,
      clock: time,
    });
  });

  function follow(name: string, passes: boolean, storeMs = 10) {
    const follower: Follower<RecordedEvent> = {
      passes(after, events) {
        told.push(`${name} ${after}:${events.map(({ position }) => position).join()}`);
        return passes;
      },
      store: () => void told.push(`${name} stores`),
      storeMs,
    };
    return dispatch.follow(() => void told.push(`${name} wakes`), follower);
  }
  const append = (...positions: number[]) => {
    log.push(...positions.map(at));
    dispatch.appended();
    return told.splice(0);
  };

  it('wakes everybody the first time, since it is not known who has read what', () => {
    follow('one', true);
    expect(append(3)).to.deep.equal(['one wakes']);
    expect(append(4)).to.deep.equal(['one 3:4', 'one stores']);
  });

  it('is handed round once, part by part, and wakes whoever does not pass over it, or cannot', () => {
    follow('one', true);
    follow('two', false);
    dispatch.follow(() => void told.push('three wakes'));
    append(3);
    expect(append(4, 5, 6)).to.deep.equal([
      ...['one 3:4,5', 'two 3:4,5', 'two wakes', 'three wakes'],
      ...['one 5:6', 'two 5:6', 'two wakes', 'three wakes', 'one stores'],
    ]);
    expect(append()).to.deep.equal([]);
  });

  it('wakes everybody where it is long, or cannot be read, and goes on from its end', () => {
    follow('one', true);
    append(3);
    expect(append(...[4, 5, 6, 7, 8, 9, 10, 11, 12, 13])).to.include('one wakes');
    expect(append(14)).to.include('one 13:14');
    fault = new Error('away');
    expect(append(15)).to.deep.equal(['one wakes']);
    fault = null;
    expect(append(16)).to.deep.equal(['one wakes']);
    expect(append(17)).to.include('one 16:17');
  });

  it('is stored as passed at once after a pause, else for all together after 10 ms', async () => {
    follow('one', true);
    follow('two', true);
    append(3);
    expect(append(4)).to.deep.equal(['one 3:4', 'two 3:4', 'one stores', 'two stores']);
    append(5);
    expect(append(6)).to.deep.equal(['one 5:6', 'two 5:6']);
    await time.advance(9);
    expect(told).to.deep.equal([]);
    await time.advance(1);
    expect(told.splice(0)).to.deep.equal(['one stores', 'two stores']);
    await time.advance(1_000);
    expect(told).to.deep.equal([]);
  });

  it('is stored at the pace of whoever has passed over it', async () => {
    follow('one', true);
    follow('slow', true, 50);
    append(3);
    expect(append(4)).to.deep.equal(['one 3:4', 'slow 3:4', 'one stores', 'slow stores']);
    append(5);
    await time.advance(10);
    expect(told.splice(0)).to.deep.equal(['one stores']);
    append(6);
    await time.advance(39);
    expect(told.splice(0)).to.deep.equal(['one stores']);
    await time.advance(1);
    expect(told.splice(0)).to.deep.equal(['slow stores']);
  });

  it('reaches nobody who has left, nor anybody after the end', async () => {
    const leave = follow('one', true);
    follow('two', true);
    append(3);
    append(4);
    append(5);
    leave();
    await time.advance(10);
    expect(told.splice(0)).to.deep.equal(['two stores']);
    expect(append(6)).to.deep.equal(['two 5:6']);
    dispatch.close();
    await time.advance(10);
    expect(append(7)).to.deep.equal([]);
    expect(dispatch.isFollowed()).to.equal(false);
  });
});
