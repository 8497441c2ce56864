import { expect } from 'chai';
import { catchingUp, lagOf } from '../../src/feed/lag.js';
import type { RecordedEvent } from '../../src/ports.js';
import { fromInstant, plus, type Instant } from '../../src/time.js';
import { metadata, newEvent } from '../../testing/events.js';
import { logOf } from '../../testing/log.js';

const noon = '2026-04-29T12:00:00.000Z';
const happened = (position: bigint, occurredAt: Instant): RecordedEvent => ({
  ...newEvent({ metadata: metadata({ occurredAt }) }),
  stream: 'thing-1',
  revision: position,
  position,
});
/** Three events, 10 s, 2.5 s and 1 s before noon. */
const log = logOf([
  happened(10n, plus(noon, -10_000)),
  happened(20n, plus(noon, -2_500)),
  happened(30n, plus(noon, -1_000)),
]);
const lagAt = (position: bigint, now: Instant = noon) => lagOf(log, { now: () => fromInstant(now) }, position);

describe('Catching up with the log', () => {
  it('is done once it came to where the log ended at first, however the log grows', () => {
    const look = catchingUp();
    expect(look(0n, 400n)).to.deep.equal({ done: false, progress: 0 });
    expect(look(300n, 900n)).to.deep.equal({ done: false, progress: 0.75 });
    expect(look(400n, 1_000n)).to.deep.equal({ done: true, progress: 1 });
    expect(look(390n, 1_000n)).to.deep.equal({ done: true, progress: 1 });
  });

  it('has nothing to do on an empty log', () => {
    expect(catchingUp()(0n, 0n)).to.deep.equal({ done: true, progress: 1 });
  });
});

describe('The lag of a feed', () => {
  it('is zero at the head of the log', async () => {
    expect(await lagAt(30n)).to.deep.equal({ position: 30n, lagEvents: 0, lagSeconds: 0 });
  });
  it('is the number of events not seen yet, and the seconds since the oldest of them happened', async () => {
    expect(await lagAt(10n)).to.deep.equal({ position: 10n, lagEvents: 2, lagSeconds: 2.5 });
    expect(await lagAt(0n)).to.deep.equal({ position: 0n, lagEvents: 3, lagSeconds: 10 });
  });
  it('grows with time while nothing else happens', async () => {
    expect((await lagAt(20n, plus(noon, 60_000))).lagSeconds).to.equal(61);
  });
  it("is never negative when another process's clock is ahead", async () => {
    expect(await lagAt(20n, plus(noon, -5_000))).to.deep.equal({ position: 20n, lagEvents: 1, lagSeconds: 0 });
  });
  it('is told by the oldest unseen event whose time can be read', async () => {
    const damaged = (event: RecordedEvent): RecordedEvent => ({
      ...event,
      get metadata(): never {
        throw new Error('its metadata is not JSON');
      },
    });
    const [first, second, third] = log.all.map((event, index) => (index < 2 ? damaged(event) : event));
    const clock = { now: () => fromInstant(noon) };
    const known = logOf([first, second, third].filter((event) => event !== undefined));
    expect(await lagOf(known, clock, 0n)).to.deep.equal({ position: 0n, lagEvents: 3, lagSeconds: 1 });
    const unknown = logOf(log.all.map(damaged));
    expect(await lagOf(unknown, clock, 0n)).to.deep.equal({ position: 0n, lagEvents: 3, lagSeconds: 0 });
  });
});
