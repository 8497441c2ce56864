import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import type { SignedHead } from '@creator-dashboards/shared/audit-index';
import { newId } from '@creator-dashboards/shared/ids';
import type { EventStore, NewEvent, RecordedEvent } from '@creator-dashboards/shared/ports';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { HOUR, MINUTE, systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHeads, HEADS_STREAM, headIn, LogChanged } from '../src/audit/heads.js';
import { createIndexer } from '../src/audit/indexer.js';
import { headKeys, signedText } from '../src/audit/signing.js';

const event = (type: string): NewEvent => ({ id: newId(), type, data: { of: type }, metadata: metadata({}) });
const keys = headKeys(['one secret']);

describe('The keys that sign heads', () => {
  const head = { size: 7, root: 'ab'.repeat(32) };
  const signed = keys.sign(head, '2026-05-01T10:00:00.000Z');

  it('sign what the log was, and when', () => {
    expect(signed).to.deep.include({ ...head, signedAt: '2026-05-01T10:00:00.000Z' });
    expect(keys.isGenuine(signed)).to.equal(true);
    expect(signedText(signed)).to.equal(
      `creator-dashboards head of the log\nsize 7\nroot ${head.root}\nsigned at 2026-05-01T10:00:00.000Z\n`,
    );
  });

  it('tell a head that is not as it was signed', () => {
    for (const change of [{ size: 8 }, { root: 'ac'.repeat(32) }, { signedAt: '2026-05-01T10:00:01.000Z' }])
      expect(keys.isGenuine({ ...signed, ...change })).to.equal(false);
    expect(keys.isGenuine({ ...signed, signature: 'AAAA' })).to.equal(false);
  });

  it('know an older key that stands after the new one, and one that is given by its public half; no other', () => {
    expect(headKeys(['another secret']).isGenuine(signed)).to.equal(null);
    expect(headKeys(['another secret', 'one secret']).isGenuine(signed)).to.equal(true);
    const publicKey = keys.published[0]?.publicKey as string;
    expect(headKeys(['another secret'], [publicKey]).isGenuine(signed)).to.equal(true);
    expect(headKeys(['another secret', 'one secret']).sign(head, 'now').keyId).to.not.equal(signed.keyId);
  });
});

describe('The heads of a log', () => {
  let folder: string;
  let events: ReturnType<typeof openEventStore>;
  let reads: ReturnType<typeof openReadStore>;
  let now: number;
  const clock = { ...systemClock, now: () => Date.parse('2026-05-01T10:00:00Z') + now, monotonic: () => now };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'heads-'));
    events = openEventStore(join(folder, 'events.db'));
    reads = openReadStore(join(folder, 'views.db'));
    now = 0;
  });
  afterEach(async () => {
    for (const store of [reads, events]) await store.close();
    rmSync(folder, { recursive: true });
  });

  function auditOf(log: EventStore = events) {
    const index = memoryAuditIndex();
    const heads = createHeads({ events: log, index, keys, clock });
    const indexer = createIndexer({ events: log, reads, index, clock, owner: newId(), heads });
    const signedHeads = () => index.signedHeads({ from: 0, direction: 'forwards', limit: 99 });
    return { index, heads, indexer, signedHeads, tend: async () => heads.tend(await index.state()) };
  }
  const inLog = async () =>
    (await events.readStream(HEADS_STREAM, { from: 0n, limit: 99 })).map((one) => headIn(one)?.size);
  const append = (stream: string, ...types: string[]) => events.append(stream, 'no_stream', types.map(event));
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => error,
    );

  it('are signed once for each size', async () => {
    await append('user-a', 'A', 'B');
    const audit = auditOf();
    expect(await audit.heads.sign(), 'an empty index').to.equal(null);
    await audit.indexer.catchUp();
    const first = await audit.heads.sign();
    now += MINUTE;
    expect(await audit.heads.sign()).to.deep.equal(first);
    expect(keys.isGenuine(first as SignedHead)).to.equal(true);
    expect(first?.size).to.equal(2);
  });

  it('are signed once a minute while the log grows, and not while it does not', async () => {
    const audit = auditOf();
    const sizes = async () => (await audit.signedHeads()).map(({ size }) => size);
    await audit.tend();
    expect(await sizes(), 'an empty log').to.deep.equal([]);
    await append('user-a', 'A');
    await audit.indexer.catchUp();
    await audit.tend();
    await append('user-b', 'B');
    await audit.indexer.catchUp();
    await audit.tend();
    expect(await sizes()).to.deep.equal([1]);
    now += MINUTE;
    await audit.tend();
    expect(await sizes()).to.deep.equal([1, 2]);
  });

  it('stand in the log once an hour, unless nothing but a head was appended', async () => {
    const audit = auditOf();
    const pass = async (ms: number) => {
      now += ms;
      await audit.indexer.catchUp();
      await audit.tend();
    };
    await append('user-a', 'A');
    await pass(0);
    expect(await inLog(), 'at first').to.deep.equal([]);
    await pass(MINUTE);
    expect(await inLog(), 'after a minute').to.deep.equal([1]);
    await append('user-b', 'B');
    await pass(MINUTE);
    expect(await inLog(), 'within the hour').to.deep.equal([1]);
    await pass(HOUR);
    expect(await inLog(), 'after an hour').to.deep.equal([1, 3]);
    await pass(HOUR);
    await pass(HOUR);
    expect(await inLog(), 'when nothing happens').to.deep.equal([1, 3]);
  });

  it('are found in the log by an index that is made anew, which signs none of these sizes again', async () => {
    const audit = auditOf();
    await append('user-a', 'A');
    await audit.indexer.catchUp();
    const signed = (await audit.heads.sign()) as SignedHead;
    await audit.heads.publish(signed);
    await audit.heads.publish(signed);
    expect(await inLog()).to.deep.equal([1]);
    await audit.indexer.stop();
    now += HOUR;
    const again = auditOf();
    await again.indexer.catchUp();
    expect(await again.signedHeads()).to.deep.equal([signed]);
  });

  it('are learned from the log when the process before died between a batch and its heads', async () => {
    await append('user-a', 'A');
    const audit = auditOf();
    await audit.indexer.catchUp();
    const signed = (await audit.heads.sign()) as SignedHead;
    await audit.heads.publish(signed);
    await audit.indexer.stop();
    const again = auditOf();
    const dies = async (batch: readonly RecordedEvent[]) => {
      if (batch.some(({ stream }) => stream === HEADS_STREAM)) throw new Error('the process dies here');
    };
    const dying = createIndexer({
      ...{ events, reads, index: again.index, clock, owner: newId() },
      heads: { tend: async () => undefined, learn: dies },
    });
    await failure(dying.catchUp());
    await dying.stop();
    expect((await again.index.state()).size, 'the batch is indexed').to.equal(2);
    expect(await again.signedHeads()).to.deep.equal([]);
    await again.indexer.step();
    expect(await again.signedHeads()).to.deep.equal([signed]);
  });

  it('stop an index whose log is not what was signed', async () => {
    await append('user-a', 'A');
    const audit = auditOf();
    await audit.indexer.catchUp();
    await audit.heads.publish((await audit.heads.sign()) as SignedHead);
    await audit.indexer.stop();
    const forged: EventStore = {
      ...events,
      readAll: async (options) =>
        (await events.readAll(options)).map((one) => (one.stream === 'user-a' ? { ...one, data: { of: 'B' } } : one)),
    };
    const error = await failure(auditOf(forged).indexer.catchUp());
    expect(error).to.be.instanceOf(LogChanged);
    expect(String(error)).to.contain('the first 1 events of the log have root');
  });

  it('stop an index that finds one in the log which is not as it was signed', async () => {
    await append('user-a', 'A');
    const audit = auditOf();
    await audit.indexer.catchUp();
    const signed = (await audit.heads.sign()) as SignedHead;
    await audit.heads.publish({ ...signed, signedAt: '2026-05-01T09:00:00.000Z' });
    const error = await failure(audit.indexer.catchUp());
    expect(error).to.be.instanceOf(LogChanged);
    expect(String(error)).to.contain('is not as it was signed');
  });

  it('stop an index that finds one in the log which cannot be read, in whatever process; another can be published', async () => {
    await append('user-a', 'A');
    const audit = auditOf();
    await audit.indexer.catchUp();
    const unreadable = { id: newId(), type: 'IntegrityHeadSigned', data: { size: 'many' }, metadata: metadata({}) };
    await events.append(HEADS_STREAM, 'no_stream', [unreadable]);
    expect(await failure(audit.indexer.catchUp())).to.be.instanceOf(LogChanged);
    await audit.indexer.stop();
    now += HOUR;
    expect(await failure(auditOf().indexer.catchUp())).to.be.instanceOf(LogChanged);
    await audit.heads.publish((await audit.heads.sign()) as SignedHead);
    expect(await inLog()).to.deep.equal([undefined, 2]);
  });

  it('stop an index that holds another root of a size than it has now', async () => {
    await append('user-a', 'A');
    const audit = auditOf();
    await audit.indexer.catchUp();
    await audit.index.keepHead({ size: 1, root: 'ab'.repeat(32) });
    expect(await failure(audit.heads.sign())).to.be.instanceOf(LogChanged);
  });
});
