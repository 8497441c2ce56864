import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { Refused } from '@creator-dashboards/shared/errors';
import { newId } from '@creator-dashboards/shared/ids';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { rootByInclusion } from '@creator-dashboards/shared/testing/inclusion';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHeads, HEADS_STREAM } from '../src/audit/heads.js';
import { createIndexer } from '../src/audit/indexer.js';
import { integrityOf, receiptOf, type Integrity } from '../src/audit/integrity.js';
import { receiptFault } from '../src/audit/receipt-check.js';
import { headKeys } from '../src/audit/signing.js';

const keys = headKeys(['one secret']);

describe('The integrity of a log', () => {
  let folder: string;
  let events: ReturnType<typeof openEventStore>;
  let reads: ReturnType<typeof openReadStore>;
  let ids: string[];
  let integrity: Integrity;
  let catchUp: () => Promise<void>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'integrity-'));
    events = openEventStore(join(folder, 'events.db'));
    reads = openReadStore(join(folder, 'views.db'));
    ids = [newId(), newId(), newId()];
    await events.append(
      'user-a',
      'no_stream',
      ids.map((id) => ({ id, type: 'A', data: { of: id }, metadata: metadata({}) })),
    );
    const index = memoryAuditIndex();
    const heads = createHeads({ events, index, keys, clock: systemClock });
    const indexer = createIndexer({ ...{ events, reads, index, heads }, clock: systemClock, owner: 'test' });
    ({ catchUp } = indexer);
    integrity = { events, reads, index, heads };
  });
  afterEach(async () => {
    for (const store of [reads, events]) await store.close();
    rmSync(folder, { recursive: true });
  });
  /** The log with its second event changed, or without it. */
  const tampered = (second: Pick<RecordedEvent, 'data'> | null): Integrity => ({
    ...integrity,
    events: {
      readAt: async (position) => {
        const event = await events.readAt(position);
        if (event === null || event.id !== ids[1]) return event;
        return second && { ...event, ...second };
      },
    },
  });
  const receipt = (id: string | undefined) => receiptOf(integrity, id ?? '', { publish: true });

  it('has no head before anything is signed', async () => {
    expect(await integrityOf(integrity)).to.deep.include({
      size: 0,
      root: null,
      signedAt: null,
      ...{ checked: 0, unchecked: 0 },
      broken: [],
    });
  });

  it('is whole when the newest events are what was signed, and names those that are not', async () => {
    await catchUp();
    const head = await integrity.heads.sign();
    expect(await integrityOf(integrity)).to.deep.include({ ...head, checked: 3, unchecked: 0, broken: [] });
    const brokenIn = async (of: Integrity) =>
      (await integrityOf(of)).broken.map(({ ordinal, message }) => [ordinal, message]);
    expect(await brokenIn(tampered({ data: {} }))).to.deep.equal([[1, 'is not what was signed']]);
    expect(await brokenIn(tampered(null))).to.deep.equal([[1, 'is not there any more']]);
  });

  it('says how many events were compared, the newest 200, and how many were not', async () => {
    const more = Array.from({ length: 250 }, () => ({ id: newId(), type: 'A', data: {}, metadata: metadata({}) }));
    await events.append('user-b', 'no_stream', more);
    await catchUp();
    await integrity.heads.sign();
    expect(await integrityOf(integrity)).to.include({ size: 253, checked: 200, unchecked: 53 });
    expect((await integrityOf(tampered(null))).broken, 'of the oldest 53').to.deep.equal([]);
  });

  it('is proved by a receipt, which leads from each event to a signed head that stands in the log', async () => {
    await catchUp();
    for (const [ordinal, id] of ids.entries()) {
      const { leaf, proof, head, ...of } = await receipt(id);
      expect(of).to.deep.include({ eventId: id, stream: 'user-a', revision: String(ordinal), ordinal });
      const hashes = proof.map((part) => Buffer.from(part, 'hex'));
      expect(rootByInclusion(Buffer.from(leaf, 'hex'), ordinal, head.size, hashes)).to.equal(head.root);
      expect(keys.isGenuine(head)).to.equal(true);
    }
    expect(await events.readStream(HEADS_STREAM, { from: 0n, limit: 9 })).to.have.length(1);
  });

  it('is proved of no event that is not in the log', async () => {
    await catchUp();
    const refusal = await receipt(newId()).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(Refused).with.property('key', 'admin.events.not_found');
  });

  it('is proved by no receipt where the log is not what was signed', async () => {
    await catchUp();
    await integrity.index.keepHead({ size: 3, root: 'ab'.repeat(32) });
    const refusal = await receipt(ids[1]).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(Refused).with.property('key', 'admin.integrity.log_changed');
  });

  it('is checked by a receipt: its head must be signed, and the log still lead to it and hold its event', async () => {
    await catchUp();
    const kept = await receipt(ids[1]);
    const { index } = integrity;
    expect(await receiptFault(index, keys, kept)).to.equal(null);
    expect(await receiptFault(index, headKeys(['another secret']), kept)).to.contain(
      'not signed with a key that is known',
    );
    const forged = { ...kept, head: { ...kept.head, signedAt: '2026-01-01T00:00:00.000Z' } };
    expect(await receiptFault(index, keys, forged)).to.contain('not signed with a key that is known');
    const elsewhere = { ...kept, head: keys.sign({ size: kept.head.size, root: 'ab'.repeat(32) }, 'now') };
    expect(await receiptFault(index, keys, elsewhere)).to.contain('are not those that were signed');
    expect(await receiptFault(index, keys, { ...kept, ordinal: 0 })).to.contain('is not number 0 any more');
    expect(await receiptFault(memoryAuditIndex(), keys, kept)).to.contain('the end was cut off');
  });
});
