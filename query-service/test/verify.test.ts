import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import type { AuditIndex, SignedHead } from '@creator-dashboards/shared/audit-index';
import { hashOf } from '@creator-dashboards/shared/events/index';
import { newId } from '@creator-dashboards/shared/ids';
import type { EventStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { leafOf } from '@creator-dashboards/shared/merkle';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryOf } from '../src/audit/entry.js';
import { createHeads, HEADS_STREAM } from '../src/audit/heads.js';
import { createIndexer } from '../src/audit/indexer.js';
import { headKeys } from '../src/audit/signing.js';
import type { Fault, Verified, VerifyOptions } from '../src/audit/verification.js';
import { verifyLog } from '../src/audit/verify.js';

const keys = headKeys(['one secret']);
const STREAMS = ['user-a', 'user-b', 'user-c'];

/** Reads of a log that is held in memory, as whoever changed the files would have it. */
function readsOf(log: readonly RecordedEvent[]): VerifyOptions['events'] {
  return {
    damage: async () => [],
    readAt: async (position) => log.find((one) => one.position === position) ?? null,
    readAll: async ({ after, limit }) => log.filter(({ position }) => position > after).slice(0, Math.min(limit, 7)),
    readStream: async (stream, { from = 0n, limit = 1, direction } = {}) => {
      const rises = log.filter((one) => one.stream === stream).sort((a, b) => Number(a.revision - b.revision));
      const isBackwards = direction === 'backwards';
      const wanted = isBackwards
        ? rises.reverse().filter(({ revision }) => revision <= from)
        : rises.filter(({ revision }) => revision >= from);
      return wanted.slice(0, limit);
    },
  };
}

describe('The verification of a log', () => {
  let folder: string;
  let events: ReturnType<typeof openEventStore>;
  let reads: ReturnType<typeof openReadStore>;
  let index: AuditIndex;
  /** 40 events, signed at 10, 20 and 30; the head of 20 is the event after it. */
  let log: readonly RecordedEvent[];

  async function append(stream: string): Promise<void> {
    const [last] = await events.readStream(stream, { direction: 'backwards', limit: 1 });
    const prevHash = last ? hashOf(last) : null;
    const one = { id: newId(), type: 'A', data: { amount: '5.00' }, metadata: { ...metadata({}), prevHash } };
    await events.append(stream, last ? last.revision : 'no_stream', [one]);
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'verify-'));
    events = openEventStore(join(folder, 'events.db'));
    reads = openReadStore(join(folder, 'views.db'));
    index = memoryAuditIndex();
    const heads = createHeads({ events, index, keys, clock: systemClock });
    const indexer = createIndexer({ events, reads, index, clock: systemClock, owner: 'test', heads });
    for (let count = 1; count <= 39; count += 1) {
      await append(STREAMS[count % 3] as string);
      if (count % 10 !== 0) continue;
      await indexer.catchUp();
      const head = (await heads.sign()) as SignedHead;
      if (count === 20) await heads.publish(head);
    }
    await indexer.catchUp();
    log = await events.readAll({ after: 0n, limit: 100 });
    expect(log).to.have.length(40);
  });
  after(async () => {
    for (const store of [reads, events]) await store.close();
    rmSync(folder, { recursive: true });
  });

  async function verified(of: readonly RecordedEvent[], options: Partial<VerifyOptions> = {}) {
    const faults: Fault[] = [];
    const onFault = (fault: Fault) => void faults.push(fault);
    const result = await verifyLog({ events: readsOf(of), index, keys, onFault, ...options });
    return { result, faults, found: faults.map(({ kind, position }) => ({ kind, position })) };
  }
  const changed = (at: number, change: Partial<RecordedEvent>) =>
    log.map((one, ordinal) => (ordinal === at ? { ...one, ...change } : one));
  const at = (ordinal: number) => (log[ordinal] as RecordedEvent).position;

  it('finds nothing in a log that is what was signed, and says up to which head', async () => {
    const { result, faults } = await verified(log);
    expect(faults).to.deep.equal([]);
    expect(result).to.deep.include({ checked: 40, unknownKeys: 0 });
    expect(result.head?.size).to.equal(31);
  });

  it('names an event with changed data, metadata, type, id, stream or revision', async () => {
    const other = { ...(log[12] as RecordedEvent).metadata, reason: 'x' as never };
    const changes = [
      ...[{ data: { amount: '500.00' } }, { metadata: other }, { type: 'B' }, { id: newId() }],
      ...[{ stream: 'user-z' }, { revision: 99n }],
    ];
    for (const change of changes)
      expect((await verified(changed(12, change))).found).to.deep.equal([{ kind: 'changed', position: at(12) }]);
  });

  it('names an event that is not there any more, the only one of its stream too', async () => {
    const { faults, found } = await verified(log.filter((_, ordinal) => ordinal !== 12));
    expect(found).to.deep.equal([{ kind: 'removed', position: at(12) }]);
    expect(faults[0]?.message).to.equal('event 12 of the log is not there any more');
  });

  it('names an event that was put in', async () => {
    const spread = log.map((one) => ({ ...one, position: one.position * 2n }));
    const wide: AuditIndex = {
      ...index,
      get: async (ordinals) => (await index.get(ordinals)).map((one) => ({ ...one, position: one.position * 2n })),
    };
    const inserted = { ...(log[12] as RecordedEvent), id: newId(), stream: 'user-new', position: at(12) * 2n + 1n };
    const { found } = await verified([...spread.slice(0, 13), inserted, ...spread.slice(13)], { index: wide });
    expect(found).to.deep.equal([{ kind: 'inserted', position: inserted.position }]);
  });

  it('names two events that changed places', async () => {
    const [one, other] = [log[12] as RecordedEvent, log[17] as RecordedEvent];
    const swapped = log.map((event, ordinal) => {
      if (ordinal === 12) return { ...other, position: one.position };
      return ordinal === 17 ? { ...one, position: other.position } : event;
    });
    expect((await verified(swapped)).found).to.deep.equal([
      { kind: 'changed', position: at(12) },
      { kind: 'changed', position: at(17) },
    ]);
  });

  it('names every event of a log that was cut, as far as it was indexed', async () => {
    const { found, result } = await verified(log.slice(0, 38));
    expect(found).to.deep.equal([
      { kind: 'removed', position: at(38) },
      { kind: 'removed', position: at(39) },
    ]);
    expect(result.head?.size).to.equal(31);
  });

  it('tells an index that is wrong from a log that is, by the head that was signed', async () => {
    const wrong: AuditIndex = {
      ...index,
      get: async (ordinals) =>
        (await index.get(ordinals)).map((one) => (one.ordinal === 12 ? { ...one, leaf: Buffer.alloc(32) } : one)),
    };
    expect((await verified(log, { index: wrong })).found).to.deep.equal([{ kind: 'index', position: at(12) }]);
  });

  it('says between which heads a log was changed whose index was made anew', async () => {
    const forged = changed(12, { data: { amount: '500.00' } });
    const fresh = memoryAuditIndex();
    const heads = { learn: async () => undefined, tend: async () => undefined };
    const store: EventStore = { ...events, ...readsOf(forged) };
    const indexer = createIndexer({ ...{ events: store, reads, index: fresh, heads }, clock: systemClock, owner: 'b' });
    await reads.drop('feeds');
    await indexer.catchUp();
    for (const head of await index.signedHeads({ from: 0, direction: 'forwards', limit: 9 })) {
      await fresh.keepHead({ size: head.size, root: head.root });
      await fresh.signHead(head);
    }
    const { faults, result } = await verified(forged, { index: fresh });
    expect(faults.map(({ kind }) => kind)).to.deep.equal(['head']);
    expect(faults[0]?.message).to.contain('the 20 events, after the first 10, are not those that were signed at');
    expect(result.head?.size).to.equal(10);
  });

  it('names a head in the log that was not signed so', async () => {
    const place = log.findIndex(({ stream }) => stream === HEADS_STREAM);
    const forged = { ...(log[place] as RecordedEvent).data, size: 19 };
    expect((await verified(changed(place, { data: forged }))).found).to.deep.include({
      kind: 'head',
      position: at(place),
    });
  });

  it('names a head in the log that was not signed so, though the log up to there is not indexed', async () => {
    const place = log.findIndex(({ stream }) => stream === HEADS_STREAM);
    const forged = changed(place, { data: { ...(log[place] as RecordedEvent).data, size: 19 } });
    expect((await verified(forged, { index: memoryAuditIndex() })).found).to.deep.equal([
      { kind: 'head', position: at(place) },
    ]);
  });

  it('names a head in the log that was signed so, but is not what the log leads to', async () => {
    const place = log.findIndex(({ stream }) => stream === HEADS_STREAM);
    const other = { ...keys.sign({ size: 20, root: 'ab'.repeat(32) }, '2026-05-01T10:00:00.000Z') };
    expect((await verified(changed(place, { data: other }))).found).to.deep.include({
      kind: 'head',
      position: at(place),
    });
  });

  it('names a head in the index that was not signed so', async () => {
    const forged: AuditIndex = {
      ...index,
      signedHeads: async (options) =>
        (await index.signedHeads(options)).map((head) => (head.size === 10 ? { ...head, signedAt: 'later' } : head)),
    };
    const { faults } = await verified(log, { index: forged });
    expect(faults.map(({ message }) => message)).to.deep.equal(['the head of 10 events is not as it was signed']);
  });

  it('counts heads of keys that it does not know, and judges them by their root', async () => {
    const { result, faults } = await verified(log, { keys: headKeys(['another secret']) });
    expect(faults).to.deep.equal([]);
    expect(result).to.deep.include({ unknownKeys: 3 });
  });

  it('holds what is indexed, but not signed yet, by the chain of its stream', async () => {
    const forged = changed(38, { metadata: { ...(log[38] as RecordedEvent).metadata, prevHash: 'a'.repeat(64) } });
    const took: AuditIndex = {
      ...index,
      get: async (ordinals) =>
        (await index.get(ordinals)).map((one) =>
          one.ordinal === 38 ? { ...one, leaf: leafOf(entryOf(38, forged[38] as RecordedEvent)) } : one,
        ),
    };
    expect((await verified(forged, { index: took })).found).to.deep.equal([{ kind: 'chain', position: at(38) }]);
  });

  it('names what is damaged in the file, though the log reads as it was signed', async () => {
    const damage = [
      { message: 'an index lacks it', position: at(12) },
      { message: 'a page is never used', position: null },
    ];
    const { faults } = await verified(log, { events: { ...readsOf(log), damage: async () => damage } });
    expect(faults).to.deep.equal([
      {
        ...{ kind: 'file', position: at(12), eventId: log[12]?.id, stream: log[12]?.stream },
        message: 'an index lacks it',
      },
      { kind: 'file', position: 0n, eventId: null, stream: null, message: 'a page is never used' },
    ]);
  });

  /** Reads of the log in a damaged file, in which these events cannot be read. */
  function damagedReads(of: readonly RecordedEvent[], isLost: (position: bigint) => boolean): VerifyOptions['events'] {
    const reads = readsOf(of);
    const fails = () => Promise.reject(new StoreFailed('the page is malformed'));
    return {
      ...reads,
      damage: async () => [{ message: 'a page is malformed', position: null }],
      readAll: async (page) => {
        const found = await reads.readAll(page);
        return found.some(({ position }) => isLost(position)) ? fails() : found;
      },
      readAt: (position) => (isLost(position) ? fails() : reads.readAt(position)),
    };
  }

  it('names each event that cannot be read from a damaged file, and goes on behind it', async () => {
    const forged = changed(17, { data: { amount: '500.00' } });
    const lost = [at(4), at(12), at(13)];
    const { found, faults, result } = await verified(forged, {
      events: damagedReads(forged, (position) => lost.includes(position)),
    });
    expect(found).to.deep.equal([
      { kind: 'file', position: 0n },
      ...lost.map((position) => ({ kind: 'unreadable', position })),
      { kind: 'changed', position: at(17) },
    ]);
    expect(faults[1]?.message).to.equal('event 4 of the log: the page is malformed');
    expect(result).to.deep.include({ checked: 37 });
    expect(result.head?.size).to.equal(31);
  });

  it('names what cannot be read behind the index, and ends where nothing can be read any more', async () => {
    const { found, result } = await verified(log, {
      index: memoryAuditIndex(),
      events: damagedReads(log, (position) => position === at(12) || position >= at(38)),
    });
    expect(found).to.deep.equal([
      { kind: 'file', position: 0n },
      { kind: 'unreadable', position: at(12) },
      { kind: 'unreadable', position: at(38) },
    ]);
    expect(result.checked).to.equal(37);
  });

  it('names an event of a damaged file that is not found by its position or by its stream', async () => {
    const damaged = damagedReads(log, () => false);
    const [byPosition, byStream] = [at(12), log[17] as RecordedEvent];
    const { found } = await verified(log, {
      events: {
        ...damaged,
        readAt: async (position) => (position === byPosition ? null : damaged.readAt(position)),
        readStream: async (stream, options) =>
          stream === byStream.stream && options?.from === byStream.revision ? [] : damaged.readStream(stream, options),
      },
    });
    expect(found).to.deep.equal([
      { kind: 'file', position: 0n },
      { kind: 'file', position: byPosition },
      { kind: 'file', position: byStream.position },
    ]);
  });

  it('names every event in a part of a damaged file that is out of order, whatever reads of it return', async () => {
    const message = 'is out of order';
    const { found } = await verified(log, {
      events: { ...readsOf(log), damage: async () => [{ message, position: at(11), upTo: at(13) }] },
    });
    expect(found).to.deep.equal([11, 11, 12, 13].map((ordinal) => ({ kind: 'file', position: at(ordinal) })));
  });

  it('fails with a store that fails though its file is not damaged', async () => {
    const fails = async () => Promise.reject(new StoreFailed('the disk failed'));
    const failed = await verified(log, { events: { ...readsOf(log), readAll: fails } }).catch(
      (error: unknown) => error,
    );
    expect(failed).to.be.instanceOf(StoreFailed);
  });

  it('holds what is not indexed yet by the chain of its stream', async () => {
    const behind = memoryAuditIndex();
    const { found } = await verified(changed(36, { data: { amount: '1.00' } }), { index: behind });
    const next = log.findIndex((one, ordinal) => ordinal > 36 && one.stream === log[36]?.stream);
    expect(found).to.deep.equal([{ kind: 'chain', position: at(next) }]);
  });

  it('names an event whose snapshot is not what its stream gives', async () => {
    const withSnapshot = changed(38, {
      metadata: { ...(log[38] as RecordedEvent).metadata, snapshot: { version: 1 } },
    });
    const { faults } = await verified(withSnapshot, {
      index: memoryAuditIndex(),
      snapshotFault: async ({ position }) => `the snapshot at ${position} is another one`,
    });
    expect(faults).to.deep.include({
      ...{ kind: 'snapshot', position: at(38), eventId: log[38]?.id, stream: log[38]?.stream },
      message: `the snapshot at ${at(38)} is another one`,
    });
  });

  it('goes on from the last head that the log leads to', async () => {
    let reached: Verified | null = null;
    await verified(log, { onProgress: ({ verified: now }) => void (reached = now ?? reached) });
    const { result, faults } = await verified(changed(12, { data: {} }), { from: reached as unknown as Verified });
    expect(faults, 'what was verified before is not read again').to.deep.equal([]);
    expect(result.checked).to.equal(40 - 31);
    expect(
      (await verified(changed(35, { data: {} }), { from: reached as unknown as Verified })).found,
    ).to.have.deep.members([
      { kind: 'changed', position: at(35) },
      { kind: 'chain', position: at(38) },
    ]);
  });

  it('finds any change of what a read returns, up to the last head, and names its place', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 30 }),
        fc.constantFrom('data', 'metadata', 'type', 'id', 'stream', 'remove', 'swap', 'copy'),
        fc.integer({ min: 1, max: 9 }),
        async (ordinal, how, distance) => {
          const one = log[ordinal] as RecordedEvent;
          const other = log[(ordinal + distance) % 31] as RecordedEvent;
          const tampered = log.flatMap((event) => {
            if (how === 'swap' && event === other) return [{ ...one, position: other.position }];
            if (event !== one) return [event];
            if (how === 'remove') return [];
            if (how === 'swap' || how === 'copy') return [{ ...other, position: one.position }];
            if (how === 'data') return [{ ...one, data: { ...one.data, extra: 1 } }];
            if (how === 'metadata') return [{ ...one, metadata: { ...one.metadata, commandId: newId() } }];
            return [{ ...one, [how]: 'x' }];
          });
          const { found } = await verified(tampered);
          const kind = how === 'remove' ? 'removed' : 'changed';
          expect(found).to.deep.include({ kind, position: one.position });
          if (how === 'swap') expect(found).to.deep.include({ kind, position: other.position });
        },
      ),
    ));
});
