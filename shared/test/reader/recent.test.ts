import { expect } from 'chai';
import fc from 'fast-check';
import type { RecordedEvent } from '../../src/ports.js';
import { createRecent, RECENT_BYTES, RECENT_EVENTS } from '../../src/reader/recent.js';
import { newEvent } from '../../testing/events.js';

const thing = newEvent();
const at = (position: number): RecordedEvent => ({
  ...thing,
  stream: 'thing-1',
  revision: BigInt(position),
  position: BigInt(position),
});
const log = Array.from({ length: 60 }, (_, index) => at(2 * index + 2));
const after = (position: bigint, limit: number) => log.filter((one) => one.position > position).slice(0, limit);
const positionsOf = (events: readonly RecordedEvent[] | null) => events?.map(({ position }) => Number(position));

describe('What a process has read of the log lately', () => {
  /** Puts `count` events after a position, each of this size. */
  const put = (recent: ReturnType<typeof createRecent>, position: bigint, count: number, size = 1) => {
    const page = after(position, count);
    const sizes = page.map(() => size);
    recent.put(position, page, sizes);
  };

  it('gives the same objects again, from any position within, and nothing before or behind', () => {
    const recent = createRecent();
    put(recent, 4n, 3);
    expect(positionsOf(recent.page({ after: 4n, limit: 10 }))).to.deep.equal([6, 8, 10]);
    expect(recent.page({ after: 4n, limit: 1 })?.[0]).to.equal(log[2]);
    expect(positionsOf(recent.page({ after: 7n, limit: 10 }))).to.deep.equal([8, 10]);
    expect(positionsOf(recent.page({ after: 4n, limit: 2 }))).to.deep.equal([6, 8]);
    expect(recent.page({ after: 3n, limit: 10 })).to.equal(null);
    expect(recent.page({ after: 10n, limit: 10 })).to.equal(null);
  });

  it('gives as many as are no larger together than asked for, at least one', () => {
    const recent = createRecent();
    put(recent, 0n, 5, 10);
    const sized = (maxBytes: number) => positionsOf(recent.page({ after: 0n, limit: 10, maxBytes }));
    expect(sized(30)).to.deep.equal([2, 4, 6]);
    expect(sized(29)).to.deep.equal([2, 4]);
    expect(sized(1)).to.deep.equal([2]);
  });

  it('goes on where it ended, and takes each event once, however often it is read', () => {
    const recent = createRecent();
    put(recent, 0n, 2);
    put(recent, 4n, 2);
    put(recent, 2n, 4);
    put(recent, 0n, 1);
    expect(positionsOf(recent.page({ after: 0n, limit: 10 }))).to.deep.equal([2, 4, 6, 8, 10]);
  });

  it('drops the oldest of what was used longest ago, beyond its count and its size', () => {
    const counted = createRecent(4);
    put(counted, 0n, 3);
    put(counted, 20n, 3);
    expect(positionsOf(counted.page({ after: 4n, limit: 10 }))).to.deep.equal([6]);
    expect(counted.page({ after: 2n, limit: 10 })).to.equal(null);
    expect(positionsOf(counted.page({ after: 20n, limit: 10 }))).to.deep.equal([22, 24, 26]);
    const sized = createRecent(100, 50);
    put(sized, 0n, 5, 20);
    expect(positionsOf(sized.page({ after: 6n, limit: 10 }))).to.deep.equal([8, 10]);
    expect(sized.page({ after: 4n, limit: 10 })).to.equal(null);
  });

  it('holds nothing of an event that alone is too large, and goes on behind it', () => {
    const recent = createRecent(100, 50);
    put(recent, 0n, 1, 51);
    expect(recent.page({ after: 0n, limit: 1 })).to.equal(null);
    put(recent, 2n, 1, 1);
    expect(positionsOf(recent.page({ after: 2n, limit: 1 }))).to.deep.equal([4]);
  });

  it('holds 4,096 events or 8 MiB', () => {
    expect([RECENT_EVENTS, RECENT_BYTES]).to.deep.equal([4_096, 8_388_608]);
  });

  it('never leaves an event out, and stays within its bounds, whatever is read in whatever order', () => {
    const reads = fc.array(fc.tuple(fc.integer({ min: 0, max: 122 }), fc.integer({ min: 1, max: 9 })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(reads, (all) => {
        const recent = createRecent(12, 40);
        for (const [position, limit] of all) {
          const asked = { after: BigInt(position), limit };
          const known = recent.page(asked);
          const expected = after(asked.after, limit);
          if (known) expect(positionsOf(known)).to.deep.equal(positionsOf(expected.slice(0, known.length)));
          else
            recent.put(
              asked.after,
              expected,
              expected.map(({ position: of }) => Number(of % 7n)),
            );
        }
        const held = log.filter(({ position }) => recent.page({ after: position - 1n, limit: 1 }));
        expect(held.length).to.be.at.most(12);
      }),
    );
  });
});
