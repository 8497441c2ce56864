import { expect } from 'chai';
import { join } from 'node:path';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import { FeedStopped } from '../../src/feed/consumer.js';
import {
  CHECKPOINTS,
  createLease,
  LEASE_MS,
  LeaseLost,
  type Checkpoint,
  type LeaseOptions,
} from '../../src/feed/lease.js';
import { BEAT_MS } from '../../src/feed/pulse.js';
import type { ReadStore, RecordedEvent } from '../../src/ports.js';
import { rejection } from '../../testing/contract.js';
import { newEvent } from '../../testing/events.js';
import { logOf } from '../../testing/log.js';
import { temporaryFolder } from '../adapters/temporary-file.js';

const event = (position: bigint): RecordedEvent => ({
  ...newEvent(),
  stream: 'thing-1',
  revision: position,
  position,
});
const [first, second] = [event(10n), event(20n)];

describe('The lease of a feed', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let reads: ReadStore;
  let elapsed: number;
  beforeEach(() => {
    folder = temporaryFolder();
    reads = openReadStore(join(folder.path, 'views.db'));
    elapsed = 0;
  });
  afterEach(async () => {
    await reads.close();
    folder.remove();
  });

  const stop = (reason: string): never => {
    throw new FeedStopped(reason);
  };
  const leaseOf = (owner: string, options: Partial<LeaseOptions> = {}) =>
    createLease({
      consumer: { name: 'sums.v1' },
      events: logOf([first, second]),
      reads,
      owner,
      clock: { monotonic: () => elapsed, after: () => () => undefined },
      prepare: async () => {},
      begin: async () => {},
      stop,
      ...options,
    });
  const stored = () => reads.get<Checkpoint>(CHECKPOINTS, 'sums.v1');
  const isDead = () => true;

  it('starts at the origin of the log, as a record with token and beat 1', async () => {
    const lease = leaseOf('one');
    expect([lease.held(), lease.checkpoint()]).to.deep.equal([false, null]);
    expect(await lease.acquire()).to.equal(true);
    const record = { _id: 'sums.v1', position: 0n, eventId: null, token: 1, beat: 1, owner: 'one' };
    expect(await stored()).to.deep.equal(record);
    expect([lease.held(), lease.checkpoint()]).to.deep.equal([true, record]);
  });

  it("has one holder at a time: any other is refused, and learns the holder's position", async () => {
    const [one, two] = [leaseOf('one'), leaseOf('two')];
    await one.acquire();
    await one.moveTo(first);
    expect(await two.acquire()).to.equal(false);
    expect([two.held(), two.checkpoint()]).to.deep.equal([false, null]);
    expect(await two.record()).to.deep.equal(await stored());
  });

  it('has no holder before anyone took it', async () => {
    expect(await leaseOf('one').record()).to.equal(null);
  });

  it('increases token and beat on takeover, and keeps the position in the log', async () => {
    const [one, two] = [leaseOf('one'), leaseOf('two', { isDead })];
    await one.acquire();
    await one.moveTo(first);
    const before = await stored();
    expect(await two.acquire()).to.equal(true);
    expect(await stored()).to.deep.equal({ ...before, token: 2, owner: 'two', beat: (before?.beat ?? 0) + 1 });
  });

  it('is taken over once the holder sent no heartbeat for the duration of a lease', async () => {
    const [one, two] = [leaseOf('one'), leaseOf('two')];
    await one.acquire();
    expect(await two.acquire()).to.equal(false);
    elapsed += LEASE_MS - 1;
    expect(await two.acquire()).to.equal(false);
    elapsed += 1;
    expect(await two.acquire()).to.equal(true);
  });

  it('is lost by a superseded holder: the next move says so, and nothing is held any more', async () => {
    const [one, two] = [leaseOf('one'), leaseOf('two', { isDead })];
    await one.acquire();
    await two.acquire();
    expect(await one.moveTo(first)).to.equal(false);
    expect([one.held(), one.checkpoint()]).to.deep.equal([false, null]);
    expect(await one.record()).to.deep.equal(await stored());
    expect(await stored()).to.include({ owner: 'two', position: 0n });
    expect(await one.moveTo(first)).to.equal(false);
    expect(await rejection(one.stayActive())).to.be.instanceOf(LeaseLost);
    one.advanceInMemory(first);
    expect(one.checkpoint()).to.equal(null);
  });

  it('is lost by a holder whose next heartbeat finds that it was superseded', async () => {
    const [one, two] = [leaseOf('one'), leaseOf('two', { isDead })];
    await one.acquire();
    await two.acquire();
    elapsed += BEAT_MS;
    expect(await rejection(one.stayActive()))
      .to.be.instanceOf(LeaseLost)
      .with.property('message', 'sums.v1: another feed has taken over');
    expect([one.held(), one.checkpoint()]).to.deep.equal([false, null]);
  });

  it('goes to one of two who take it at the same moment', async () => {
    const [one, two] = [leaseOf('one'), leaseOf('two')];
    const began: string[] = [];
    const late = leaseOf('late', {
      prepare: async () => void (await two.acquire()),
      begin: async () => void began.push('late'),
    });
    expect(await late.acquire()).to.equal(false);
    expect([late.held(), late.checkpoint(), began]).to.deep.equal([false, null, []]);
    expect(await stored()).to.include({ owner: 'two', token: 1 });
    expect(await one.acquire()).to.equal(false);
  });

  it('is prepared before it is taken, and held only once it has begun', async () => {
    const steps: string[] = [];
    const recording: ReadStore = {
      ...reads,
      async declare(collection, indexes) {
        steps.push(`declare ${collection}`);
        return reads.declare(collection, indexes);
      },
      async write(collection, writes) {
        steps.push(`write ${collection}`);
        return reads.write(collection, writes);
      },
    };
    const lease = leaseOf('one', {
      reads: recording,
      prepare: async () => void steps.push(`prepare, ${lease.held() ? 'held' : 'not held'}`),
      begin: async () => void steps.push(`begin, ${lease.held() ? 'held' : 'not held'}`),
    });
    await lease.acquire();
    expect(steps).to.deep.equal(['declare feeds', 'prepare, not held', 'write feeds', 'begin, not held']);
    expect(lease.held()).to.equal(true);
  });

  it('is taken again at once by a holder that failed to begin', async () => {
    let fails = true;
    const lease = leaseOf('one', {
      begin: async () => {
        if (fails) throw new Error('not now');
      },
    });
    expect(await rejection(lease.acquire())).to.have.property('message', 'not now');
    expect(lease.held()).to.equal(false);
    fails = false;
    expect(await lease.acquire()).to.equal(true);
  });

  it('does not look for an event at the origin of the log', async () => {
    const events = { ...logOf([first]), readAt: () => Promise.reject(new Error('looked')) };
    expect(await leaseOf('one', { events }).acquire()).to.equal(true);
  });

  it('sends one heartbeat in each beat of its process', async () => {
    const lease = leaseOf('one');
    await lease.acquire();
    elapsed += BEAT_MS - 1;
    await lease.stayActive();
    expect(await stored()).to.include({ beat: 1 });
    elapsed += 1;
    await lease.stayActive();
    expect(await stored()).to.include({ beat: 2, token: 1, owner: 'one' });
  });

  it('moves to an event with its id and a heartbeat; a move that was not stored is stored with the next one', async () => {
    const lease = leaseOf('one');
    await lease.acquire();
    expect(await lease.moveTo(first)).to.equal(true);
    expect(await stored()).to.include({ position: 10n, eventId: first.id, beat: 2 });
    lease.advanceInMemory(second);
    expect(lease.checkpoint()).to.include({ position: 20n, eventId: second.id });
    expect(await stored()).to.include({ position: 10n });
    elapsed += BEAT_MS;
    await lease.stayActive();
    expect(await stored()).to.include({ position: 20n, eventId: second.id });
  });

  it('keeps where it was moved to in memory while another move was written', async () => {
    const third = event(30n);
    const lease = leaseOf('one', { events: logOf([first, second, third]) });
    await lease.acquire();
    await lease.storeMoved();
    expect(await stored(), 'nothing was moved').to.include({ beat: 1 });
    const writing = lease.moveTo(first);
    lease.advanceInMemory(second);
    lease.advanceInMemory(third);
    expect(await writing).to.equal(true);
    expect(await stored()).to.include({ position: 10n });
    expect(lease.checkpoint()).to.include({ position: 30n, eventId: third.id });
    await lease.storeMoved();
    expect(await stored()).to.deep.equal({ ...lease.checkpoint(), position: 30n });
  });

  it('is free after a release, with nothing held or remembered', async () => {
    const lease = leaseOf('one');
    await lease.acquire();
    await lease.moveTo(first);
    const before = await stored();
    await lease.release();
    expect([lease.held(), lease.checkpoint()]).to.deep.equal([false, null]);
    expect(await stored()).to.deep.equal({ ...before, owner: '', beat: (before?.beat ?? 0) + 1 });
    lease.advanceInMemory(second);
    expect(lease.checkpoint()).to.equal(null);
    expect(await leaseOf('two').acquire()).to.equal(true);
    await lease.release();
    expect(await stored(), 'a second release is not of the new holder').to.include({ owner: 'two' });
  });

  it('starts where it is told to, with the id of the event there', async () => {
    await leaseOf('one', { startAt: 10n }).acquire();
    expect(await stored()).to.include({ position: 10n, eventId: first.id });
  });

  it('does not start without a checkpoint where that would be a mistake, unless the log is empty', async () => {
    const consumer = { name: 'sums.v1', mustHaveCheckpoint: true };
    const error = await rejection(leaseOf('one', { consumer }).acquire());
    expect(error)
      .to.be.instanceOf(FeedStopped)
      .with.property('message')
      .that.matches(/no checkpoint .* operator/);
    expect(await stored()).to.equal(null);
    expect(await leaseOf('one', { consumer, startAt: 10n }).acquire()).to.equal(true);
  });

  it('ends its consumer within ten seconds when the log becomes another one, even where nothing comes', async () => {
    let log: RecordedEvent[] = [first];
    const one = leaseOf('one', { events: { head: async () => 10n, readAt: async (at) => logOf(log).readAt(at) } });
    await one.acquire();
    await one.moveTo(first);
    log = [event(10n)];
    elapsed += 9_999;
    await one.stayActive();
    elapsed += 1;
    expect(await rejection(one.stayActive()))
      .to.be.instanceOf(FeedStopped)
      .with.property('message')
      .that.includes('another log');
  });

  it('is lost, and taken again from there, when its stored record has gone back', async () => {
    const one = leaseOf('one');
    await one.acquire();
    await one.moveTo(first);
    const older = await stored();
    await one.moveTo(second);
    if (!older) throw new Error('nothing was stored');
    await reads.write(CHECKPOINTS, [{ document: older, expected: { token: older.token } }]);
    elapsed += BEAT_MS;
    expect(await rejection(one.stayActive())).to.be.instanceOf(LeaseLost);
    expect(await one.acquire()).to.equal(true);
    expect(one.checkpoint()).to.include({ position: 10n });
  });

  it('is not taken on another log, and says how that differs', async () => {
    const one = leaseOf('one');
    await one.acquire();
    await one.moveTo(first);
    await one.release();
    const on = async (...events: RecordedEvent[]) =>
      ((await rejection(leaseOf('two', { events: logOf(events) }).acquire())) as Error).message;
    const cameFrom = 'event at position 10: these documents came from another log';
    expect(await on(event(10n)))
      .to.include(`the log has another ${cameFrom}`)
      .and.include('Restore the read store');
    expect(await on(second)).to.include(`the log has no ${cameFrom}`);
    expect(await stored()).to.include({ owner: '' });
  });
});
