import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { createFeed } from '@creator-dashboards/shared/feed';
import { repairsIn, type Repair } from '@creator-dashboards/shared/feed/repairs';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import { history } from '@creator-dashboards/shared/testing/given';
import { delivered, idOf, messageId, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { consumerOf, moveAlias } from '../../src/generations.js';
import { REBUILDS } from '../../src/rebuild/plan.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { runOn } from '../command-line.js';
import { completeStores, planned } from '../stores.js';
import { letter, toyViews, type LetterDocument } from '../toy-views.js';

describe('projector rebuild --id', () => {
  let folder: string;
  let events: EventStore;
  let reads: ReadStore;
  const consumer = consumerOf(letter, 'v1');
  const feedOf = (owner: string) =>
    createFeed({ consumer, events, reads, clock: systemClock, owner, isDead: () => true, repairs: repairsIn(reads) });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'projector-repair-'));
    await completeStores(folder);
    events = openEventStore(join(folder, 'events.db'));
    reads = openReadStore(join(folder, 'views.db'));
    for (const { stream, id, type, data, metadata, revision } of history([sent(), delivered(), sent(idOf(1))]))
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    const feed = feedOf('before');
    await feed.catchUp();
    await feed.release();
    await moveAlias(reads, letter.name, null, { generation: 'v1', position: 0n });
    await damage();
  });
  afterEach(async () => {
    await events.close();
    await reads.close();
    rmSync(folder, { recursive: true });
  });

  const stored = () => reads.get<LetterDocument>(collectionOf('letter', 'v1'), messageId);
  async function damage(): Promise<void> {
    const document = await stored();
    if (!document) throw new Error('there is no letter');
    const expected = { position: document.position };
    await reads.write(consumer.collection, [{ document: { ...document, arrived: false }, expected }]);
  }
  function run(...given: (string | ViewRegistry)[]) {
    const args = given.filter((one) => typeof one === 'string');
    const views = given.find((one) => typeof one !== 'string') ?? toyViews;
    return runOn({ folder, views }, ...args);
  }

  it('mends a damaged document itself where no projector runs, and gives the lease back', async () => {
    expect(await run('verify', 'letter')).to.include({ code: 1 });
    const { code, out, err } = await run('rebuild', 'letter', '--id', messageId, '--wait', '0');
    expect(code, err).to.equal(0);
    expect(err).to.match(
      /^by key: asked for: the documents of the key \S+; 1 document, 3 events to read, about [\d.]+ s\nno projector gets on with it: this process does it\n/,
    );
    expect(out).to.match(/^letter: 1 made anew, 0 right already; 4 events read in [\d.]+ s\n$/); // with the record of it
    expect(await stored()).to.include({ arrived: true, repairs: 1 });
    expect(await run('verify', 'letter')).to.include({ code: 0 });
    expect(await reads.get<Checkpoint>(CHECKPOINTS, 'letter.v1')).to.include({ owner: '' });
  });

  it('leaves it to the projector that feeds the view', async () => {
    const stopping = new AbortController();
    const running = feedOf('the projector').run(stopping.signal);
    const { code, out } = await run('rebuild', 'letter', '--id', messageId, '--wait', '600', '--json');
    stopping.abort();
    await running;
    expect(code).to.equal(0);
    const { result, ...done } = JSON.parse(out) as { result: object };
    expect(done).to.include({ view: 'letter', generation: 'v1', kind: 'document', documents: 1, events: 3 });
    expect(result).to.deep.include({ events: 4, repaired: 1, unchanged: 0, withoutEvents: [] });
    expect(await reads.find<Repair>('repairs', { limit: 9 }))
      .to.have.nested.property('[0].owner')
      .equal('the projector');
    expect(await stored()).to.include({ arrived: true });
  });

  it('stands in the history, with who wanted it and why, what it cost, and what became of the documents', async () => {
    await run('rebuild', 'letter', '--id', messageId, 'nobody', '--by', 'anna', '--reason', 'a gap', '--wait', '0');
    const [past, ...others] = JSON.parse((await run('history', 'letter', '--json')).out) as Record<string, unknown>[];
    expect(others).to.deep.equal([]);
    expect(past).to.deep.include({
      ...{ view: 'letter', generation: 'v1', state: 'DONE', rollback: false, events: 4 },
      ...{ actor: 'cli', by: 'anna', reason: 'a gap' },
      repair: { kind: 'document', documents: 2, repaired: 1, unchanged: 0, withoutEvents: 1 },
    });
    expect(past?.seconds).to.be.a('number');
    expect(past?.finishedAt).to.be.a('string');
    expect((await run('history', 'letter')).out).to.match(/ letter +repair of 2 in v1: 1 made anew +DONE +anna +/);
  });

  it('fails for a key that no event has', async () => {
    const { code, out } = await run('rebuild', 'letter', '--id', messageId, 'nobody', '--wait', '0');
    expect(code).to.equal(1);
    expect(out).to.include('1 made anew').and.to.include('\nno event of the log has the key nobody\n');
  });

  it('is refused while the view is rebuilt', async () => {
    await planRebuild({ reads, events, clock: systemClock }, letter);
    const { code, err } = await run('rebuild', 'letter', '--id', messageId);
    expect({ code, isNamed: err.includes('letter.v1-2 is RUNNING') }).to.deep.equal({ code: 1, isNamed: true });
    expect(await stored()).to.include({ arrived: false });
  });

  const creatorId = delivered().keys.creatorId ?? '';

  it('mends the documents of one creator, and those that an event touched', async () => {
    const first = await events.readAt(1n);
    for (const choice of [
      ...[
        ['--creator', creatorId],
        ['--event', 'MessageDelivered'],
        ['--event', '2'],
        ['--event', first?.id ?? ''],
      ],
    ]) {
      await damage();
      expect(await run('rebuild', 'letter', ...choice, '--wait', '0'), choice.join(' ')).to.include({ code: 0 });
      expect(await stored(), choice.join(' ')).to.include({ arrived: true });
    }
  });

  it('only shows its plan with --dry-run', async () => {
    const { code, out } = await run('rebuild', 'letter', '--creator', creatorId, '--dry-run', '--json');
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.deep.include({ kind: 'creator', documents: 2, events: 3, generation: 'v1' });
    expect(await stored()).to.include({ arrived: false });
    expect(await reads.count('repairs')).to.equal(0);
    const full = await run('rebuild', 'letter', '--dry-run');
    expect(full).to.deep.equal({
      code: 0,
      out: 'full: asked for, though nothing that it uses has changed since v1 was built; 2 documents, 3 events to read, for how long is not known\n',
      err: '',
    });
    expect(await reads.count('rebuilds')).to.equal(0);
  });

  it('says what there is none of', async () => {
    const refused = async (...choice: string[]) => (await run('rebuild', 'letter', ...choice)).err.split('\n').at(-2);
    expect(await refused('--creator', 'nobody')).to.equal(
      'projector: View letter has no document of the creator nobody.',
    );
    expect(await refused('--event', '9')).to.equal('projector: No event stands at position 9.');
    expect(await refused('--event', 'MessageReplied')).to.equal(
      'projector: View letter takes no events of type MessageReplied; it takes MessageSent, MessageDelivered.',
    );
    expect(await run('rebuild', 'letter', '--event', '2', '--id', messageId)).to.include({
      code: 2,
      err: 'projector: name documents by one of --id, --creator and --event\n',
    });
  });

  it('has no rate, which a repair does not keep', async () => {
    expect(await run('rebuild', 'letter', '--id', messageId, '--rate', '5')).to.include({
      code: 2,
      err: 'projector: --rate is for the rebuild of a whole view\n',
    });
  });

  it('begins with the smallest replay, which "plan" tells: none where nothing has changed, else a full one', async () => {
    expect(await run('plan', 'letter')).to.include({
      code: 0,
      out: 'nothing to do: nothing that it uses has changed since v1 was built\n',
    });
    expect(await run('plan', 'mailbox')).to.include({
      code: 0,
      out: 'nothing to do: it is not served yet: a projector builds it at its start\n',
    });
    const raised = await run('plan', 'letter', { ...toyViews, letter: { ...letter, version: 2 } });
    expect(raised).to.include({
      code: 0,
      out: 'full: v1 was built by version 1; 2 documents, 3 events to read, for how long is not known\n',
    });
    const plan = planned(await planRebuild({ reads, events, clock: systemClock }, letter));
    expect((await run('plan', 'letter')).out).to.match(/^full: letter\.v1-2 is RUNNING already; 2 documents, 3 events/);
    await reads.write(REBUILDS, [
      {
        // The log in two windows: what was read twice is not twice as fast.
        document: { ...plan, state: 'DONE', work: { ...plan.work, ms: 2_000, events: 6 } },
        expected: { state: 'RUNNING' },
      },
    ]);
    expect((await run('rebuild', 'letter', '--dry-run')).out).to.include('3 events to read, about 2 s');
  });
});
