import { Refused } from '@creator-dashboards/shared/errors';
import { fromInstant, type Instant } from '@creator-dashboards/shared/time';
import { creatorIdOf, derivedId } from '@creator-dashboards/shared/ids';
import type { JsonObject, RecordedEvent, RoutingKeys } from '@creator-dashboards/shared/ports';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import type { DmConfigDocument } from '@creator-dashboards/shared/views/dm-config/document';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { documentAt, type Past } from '../src/audit/as-of.js';
import { historyOf, positionAt } from '../src/audit/history.js';
import { entriesOf } from '../src/audit/indexer.js';
import { readEtag } from '../src/reads/etag.js';

const creatorId = creatorIdOf(userId);
const idAt = (place: number) => derivedId('as of', String(place));

/** Events ten positions apart, the first at 10, a minute apart each. */
function recorded(
  list: readonly { stream: string; type: string; data: JsonObject; keys?: RoutingKeys; occurredAt?: Instant }[],
) {
  const revisions = new Map<string, bigint>();
  return list.map(({ stream, type, data, keys = {}, occurredAt }, n): RecordedEvent => {
    const revision = revisions.get(stream) ?? 0n;
    revisions.set(stream, revision + 1n);
    const at = occurredAt ?? `2026-05-01T10:0${n}:00.000Z`;
    const place = { stream, revision, position: BigInt(n + 1) * 10n };
    return { id: idAt(n + 1), type, data, metadata: metadata({ keys, occurredAt: at }), ...place };
  });
}

const before = { dmType: null, dmPrice: null, dmActive: false };
/** The creator sets a price. */
const priced = (dmPrice: string, data: JsonObject = {}) => ({
  ...{ stream: `creator-${creatorId}`, type: 'DmConfigUpdated', keys: { userId, creatorId } },
  data: { dmType: 'SINGLE_PAY', dmPrice, dmActive: true, previous: before, packageId: idAt(99), ...data },
});
/** Nobody can read it: its type of message is none. */
const broken = priced('3.00', { dmType: 'TELEPATHY' });
const discarded = (place: number) => ({
  ...{ stream: 'parkedDiscards-dmConfig', type: 'ParkedEventDiscarded' },
  data: {
    ...{ consumer: 'dmConfig.v1', eventId: idAt(place), eventType: 'DmConfigUpdated', key: creatorId },
    ...{ position: String(place * 10), by: null },
  },
});

/** A log of which the first events are in the index. */
async function pastOf(events: readonly RecordedEvent[], indexed = events.length): Promise<Past> {
  const index = memoryAuditIndex();
  const { entries, next } = entriesOf(await index.state(), events.slice(0, indexed));
  if (indexed > 0) await index.add(entries, next);
  return { events: logOf(events), index, views };
}

const at = async (past: Past, position: bigint) => {
  const found = await documentAt(past, { view: 'dmConfig', key: creatorId, at: position });
  const { dmPrice, parked = false, parkedFrom } = (found.document ?? {}) as Partial<DmConfigDocument>;
  return { price: dmPrice ?? null, parked, ...(parkedFrom !== undefined && { parkedFrom }) };
};

describe('A document of the past', () => {
  const someLog = recorded([priced('1.00'), priced('2.00'), broken, priced('4.00'), discarded(3), priced('6.00')]);

  for (const indexed of [someLog.length, 2, 0])
    it(`is folded from the events up to its position, of which ${indexed} are in the index`, async () => {
      const past = await pastOf(someLog, indexed);
      expect(await at(past, 9n)).to.deep.equal({ price: null, parked: false });
      expect(await at(past, 10n)).to.deep.equal({ price: 100, parked: false });
      expect(await at(past, 19n)).to.deep.equal({ price: 100, parked: false });
      expect(await at(past, 20n)).to.deep.equal({ price: 200, parked: false });
    });

  it('is parked by an event that cannot be applied, as long as an operator had not discarded that', async () => {
    const past = await pastOf(someLog);
    expect(await at(past, 30n), 'parked').to.deep.equal({ price: 200, parked: true, parkedFrom: '30' });
    expect(await at(past, 40n), 'what came later was held').to.deep.equal({
      price: 200,
      parked: true,
      parkedFrom: '30',
    });
    expect(await at(past, 50n), 'discarded').to.deep.equal({ price: 400, parked: false });
    expect(await at(past, 60n)).to.deep.equal({ price: 600, parked: false });
  });

  it('is found by an ETag, and only by one that belongs to this log', async () => {
    const past = await pastOf(someLog);
    const byEtag = (etag: string) => {
      const stamp = readEtag(etag);
      if (!stamp) throw new Error(`${etag} cannot be read`);
      return documentAt(past, { view: 'dmConfig', key: creatorId, at: stamp });
    };
    const found = await byEtag(`W/"v1-2.40-${idAt(4).slice(0, 8)}.0-0"`);
    expect((found.document as DmConfigDocument).dmPrice, 'the discard came later, and this answer after it').to.equal(
      400,
    );
    expect(found.fold).to.deep.equal({ version: 1, kept: false, generation: 'v1-2', sameCode: true });
    const older = await byEtag(`W/"v7.40-${idAt(4).slice(0, 8)}.0-0"`);
    expect(older.fold, 'the code of that generation is gone').to.include({ version: 1, sameCode: false });
    for (const wrong of [`W/"v1.40-${idAt(5).slice(0, 8)}.0-0"`, `W/"v1.41-${idAt(4).slice(0, 8)}.0-0"`])
      expect(await byEtag(wrong).catch((error: unknown) => error), wrong)
        .to.be.instanceOf(Refused)
        .and.to.have.property('key', 'admin.past.etag_unknown');
  });

  it('reads no ETag that is not one of ours', () => {
    for (const text of ['', '*', '"abc"', 'W/"v1"', 'W/"v1.1-0.0-0" or so', `W/"v1.${'9'.repeat(20)}-0.0-0"`])
      expect(readEtag(text), text).to.equal(null);
  });

  it('holds for where its last event is, if there are more than may be folded', async () => {
    const past = await pastOf(someLog);
    const names = [['creatorId', creatorId]] as const;
    const { batches, upTo, isTruncated } = await historyOf(past, names, 60n, 3);
    const read: bigint[] = [];
    for await (const batch of batches) read.push(...batch.map(({ position }) => position));
    expect({ read, upTo, isTruncated }).to.deep.equal({ read: [10n, 20n, 30n], upTo: 30n, isTruncated: true });
    const whole = await historyOf(past, names, 60n, 5);
    expect({ upTo: whole.upTo, isTruncated: whole.isTruncated }).to.deep.equal({ upTo: 60n, isTruncated: false });
  });

  for (const indexed of [someLog.length, 3, 0])
    it(`is asked for by a time: what came before the first event after it, of which ${indexed} are in the index`, async () => {
      const past = await pastOf(someLog, indexed);
      const positionOf = (time: Instant) => positionAt(past, fromInstant(time));
      expect(await positionOf('2026-05-01T09:59:59.999Z')).to.equal(0n);
      expect(await positionOf('2026-05-01T10:00:00.000Z')).to.equal(10n);
      expect(await positionOf('2026-05-01T10:02:59.999Z')).to.equal(30n);
      expect(await positionOf('2026-05-01T10:03:00.000Z')).to.equal(40n);
      expect(await positionOf('2027-01-01T00:00:00.000Z')).to.equal(60n);
    });
});
