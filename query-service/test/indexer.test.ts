import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { openAuditIndex } from '@creator-dashboards/shared/adapters/sqlite/audit-index';
import type { AuditIndex } from '@creator-dashboards/shared/audit-index';
import { LEASE_MS } from '@creator-dashboards/shared/feed/lease';
import { leafOf, rootOf, withLeaf, EMPTY_TREE } from '@creator-dashboards/shared/merkle';
import type { NewEvent } from '@creator-dashboards/shared/ports';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { systemClock } from '@creator-dashboards/shared/time';
import { newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHeads } from '../src/audit/heads.js';
import { createIndexer } from '../src/audit/indexer.js';
import { headKeys } from '../src/audit/signing.js';
import { termOf } from '../src/audit/terms.js';

const userId = newId();
const event = (type: string): NewEvent => ({
  id: newId(),
  type,
  data: { of: type },
  metadata: metadata({ keys: { userId } }),
});

describe("The audit's indexer", () => {
  let folder: string;
  let events: ReturnType<typeof openEventStore>;
  let reads: ReturnType<typeof openReadStore>;
  let index: ReturnType<typeof openAuditIndex>;
  let now: number;
  const clock = { ...systemClock, monotonic: () => now };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'indexer-'));
    events = openEventStore(join(folder, 'events.db'));
    reads = openReadStore(join(folder, 'views.db'));
    index = openAuditIndex(join(folder, 'audit.db'));
    now = 0;
  });
  afterEach(async () => {
    for (const store of [index, reads, events]) await store.close();
    rmSync(folder, { recursive: true });
  });

  const headsOf = (of: AuditIndex) => createHeads({ events, index: of, keys: headKeys(['a secret']), clock });
  const indexer = (owner: string, options: Partial<Parameters<typeof createIndexer>[0]> = {}) =>
    createIndexer({ events, reads, index, clock, owner, heads: headsOf(options.index ?? index), ...options });
  const append = (stream: string, ...batch: NewEvent[]) => events.append(stream, 'no_stream', batch);
  const having = (type: string) => index.having(termOf(['type', type]), { from: 0, direction: 'forwards', limit: 9 });

  it('numbers the events in the order of the log, and finds them by what they name', async () => {
    await append('user-a', event('A'), event('B'));
    await append('user-b', event('A'));
    await indexer('one').catchUp();
    expect(await having('A')).to.deep.equal([0, 2]);
    expect(await index.having(termOf(['userId', userId]), { from: 2, direction: 'backwards', limit: 9 })).to.deep.equal(
      [2, 1, 0],
    );
    const { size, position } = await index.state();
    expect({ size, position }).to.deep.equal({ size: 3, position: await events.head() });
  });

  it('finds what an older release indexed: a name is the first 48 bits of its SHA-256', () => {
    expect(termOf(['type', 'CreatorUpgraded'])).to.equal(0xb19f_0991_c54d); // printf 'type\\0CreatorUpgraded' | sha256sum
  });

  it('has the whole log compared when somebody asks for it, also where the process that read it has died', async () => {
    const asked: string[] = [];
    const rounds = { turn: async () => undefined, ask: (at: string) => void asked.push(at) };
    const ask = event('IntegrityCheckAsked');
    await append('integrityChecks-all', ask, event('A'));
    const first = indexer('one', { rounds });
    await first.catchUp();
    expect(asked).to.deep.equal([ask.metadata.occurredAt]);
    await first.stop();
    await indexer('two', { rounds }).step();
    expect(asked).to.deep.equal([ask.metadata.occurredAt, ask.metadata.occurredAt]);
  });

  it('takes 30 events at a time while it runs, and lets others have their turn after each time', async () => {
    for (let stream = 0; stream < 5; stream += 1)
      await append(`user-${stream}`, ...Array.from({ length: 45 }, () => event('A')));
    let turn = 0;
    const count = () => {
      turn += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const taken: { events: number; turn: number }[] = [];
    let done = () => {};
    const all = new Promise<void>((resolve) => (done = resolve));
    const watched: AuditIndex = {
      ...index,
      async add(entries, next) {
        taken.push({ events: entries.length, turn });
        const isAdded = await index.add(entries, next);
        if (next.size === 225) done();
        return isAdded;
      },
    };
    const running = indexer('one', { index: watched });
    running.start((error) => expect.fail(String(error)));
    await all;
    await running.stop();
    clearImmediate(counting);
    expect(taken.map((one) => one.events)).to.deep.equal([30, 30, 30, 30, 30, 30, 30, 15]);
    expect(new Set(taken.map((one) => one.turn)).size, 'each in another turn of the loop').to.equal(8);
  });

  it('waits a moment for more after a batch that is not full', async () => {
    const time = createManualTime();
    const taken: number[] = [];
    const watched: AuditIndex = {
      ...index,
      add(entries, next) {
        taken.push(entries.length);
        return index.add(entries, next);
      },
    };
    const running = indexer('one', { index: watched, clock: time });
    running.start((error) => expect.fail(String(error)));
    await time.advance(0);
    await append('user-a', event('A'));
    await time.advance(0);
    expect(taken).to.deep.equal([1]);
    await append('user-b', event('A'));
    await append('user-c', event('A'));
    await time.advance(199);
    expect(taken).to.deep.equal([1]);
    await time.advance(1);
    expect(taken).to.deep.equal([1, 2]);
    await running.stop();
  });

  it('makes one tree over the whole log, however the log came', async () => {
    const one = indexer('one');
    await append('user-a', event('A'), event('B'));
    await one.catchUp();
    await append('user-b', event('C'));
    await one.catchUp();
    const piecemeal = (await index.state()).peaks;
    const again = openAuditIndex(join(folder, 'again.db'));
    now += LEASE_MS;
    await reads.drop('feeds');
    await indexer('two', { index: again }).catchUp();
    expect((await again.state()).peaks).to.deep.equal(piecemeal);
    const leaves = (await again.get([0, 1, 2])).map(({ leaf }) => Buffer.from(leaf));
    const tree = leaves.reduce((grown, leaf) => withLeaf(grown, leaf).tree, EMPTY_TREE);
    expect(tree.peaks.map((peak) => peak.toString('hex'))).to.deep.equal(piecemeal);
    expect(rootOf(tree)).to.not.deep.equal(leafOf(''));
    await again.close();
  });

  it('goes on where the index is, not where its lease says, when the file was lost', async () => {
    await append('user-a', event('A'));
    const one = indexer('one');
    await one.catchUp();
    await one.stop();
    await append('user-b', event('B'));
    const empty = openAuditIndex(join(folder, 'empty.db'));
    await indexer('two', { index: empty }).catchUp();
    expect((await empty.state()).size).to.equal(2);
    await empty.close();
  });

  it('writes each event once when it is stopped between index and checkpoint, and when another takes over', async () => {
    await append('user-a', event('A'), event('B'));
    const failing = { ...reads, write: reads.write };
    const one = createIndexer({ events, reads: failing, index, clock, owner: 'one', heads: headsOf(index) });
    await one.step();
    await append('user-b', event('A'));
    failing.write = () => Promise.reject(new Error('the process dies here'));
    await one.step().catch(() => undefined);
    const two = indexer('two');
    await two.step(); // sees another owner, and waits
    now += LEASE_MS;
    await two.catchUp();
    expect(await having('A')).to.deep.equal([0, 2]);
    expect((await index.state()).size).to.equal(3);
  });

  it('lets the one that runs compare the log between two batches, with what is indexed', async () => {
    await append('user-a', event('A'), event('B'));
    const turns: [string, number][] = [];
    let done = () => {};
    const all = new Promise<void>((resolve) => (done = resolve));
    const turnOf = (owner: string) => async (size: number) => {
      turns.push([owner, size]);
      done();
    };
    const standby = indexer('two', { rounds: { turn: turnOf('two'), ask: () => undefined } });
    const running = indexer('one', { rounds: { turn: turnOf('one'), ask: () => undefined } });
    await running.step();
    for (const one of [standby, running]) one.start((error) => expect.fail(String(error)));
    await all;
    for (const one of [standby, running]) await one.stop();
    expect(turns[0]).to.deep.equal(['one', 2]);
  });

  it('is run by one process at a time', async () => {
    await append('user-a', event('A'));
    const [one, two] = [indexer('one'), indexer('two')];
    expect([await one.step(), await two.step()]).to.deep.equal([1, 0]);
    await one.stop();
    await append('user-b', event('B'));
    expect(await two.step()).to.equal(1);
  });

  it('refuses an index of another log, and says what to do', async () => {
    await append('user-a', event('A'));
    const one = indexer('one');
    await one.catchUp();
    await one.stop();
    const other = openEventStore(join(folder, 'other.db'));
    await other.append('user-z', 'no_stream', [event('Z')]);
    await reads.drop('feeds');
    const refusal = await indexer('two', { events: other })
      .step()
      .catch((error: unknown) => String(error));
    expect(refusal).to.match(/the index is of another log .*: move audit\.db away; it is made anew/);
    await other.close();
  });

  it('holds events that cannot be read, by what stands beside their content', async () => {
    await append('user-a', event('A'), event('B'));
    const damaged = {
      ...events,
      readAll: async (options: Parameters<typeof events.readAll>[0]) =>
        (await events.readAll(options)).map((one) => ({ ...one, metadata: null as never, data: 'x' as never })),
    };
    await indexer('one', { events: damaged }).catchUp();
    expect(await having('B')).to.deep.equal([1]);
    expect(
      await index.having(termOf(['stream', 'user-a']), { from: 0, direction: 'forwards', limit: 9 }),
    ).to.deep.equal([0, 1]);
  });
});
