import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { createFeed } from '@creator-dashboards/shared/feed';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import { history } from '@creator-dashboards/shared/testing/given';
import { delivered, idOf, messageId, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { runCommandLine } from '../../src/cli/program.js';
import { consumerOf, moveAlias } from '../../src/generations.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { completeStores } from '../stores.js';
import { letter, toyViews, type LetterDocument } from '../toy-views.js';

describe('projector rebuild --id', () => {
  let folder: string;
  let events: EventStore;
  let reads: ReadStore;
  const consumer = consumerOf(letter, 'v1');
  const feedOf = (owner: string) =>
    createFeed({ consumer, events, reads, clock: systemClock, owner, isDead: () => true, repairs: true });
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
  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const written = { out: '', err: '' };
    const code = await runCommandLine(args, {
      views: toyViews,
      env: { DATA_DIR: folder },
      out: { write: (text) => (written.out += text) },
      err: { write: (text) => (written.err += text) },
    });
    return { code, ...written };
  }

  it('mends a damaged document itself where no projector runs, and gives the lease back', async () => {
    expect(await run('verify', 'letter')).to.include({ code: 1 });
    const { code, out, err } = await run('rebuild', 'letter', '--id', messageId, '--wait', '0');
    expect(code, err).to.equal(0);
    expect(err).to.match(/^no projector gets on with it: this process does it\n/);
    expect(out).to.match(/^letter: 1 made anew, 0 right already; 3 events read in [\d.]+ s\n$/);
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
    expect(done).to.include({ view: 'letter', generation: 'v1', state: 'DONE', owner: 'the projector' });
    expect(result).to.deep.include({ repaired: 1, unchanged: 0, withoutEvents: [] });
    expect(await stored()).to.include({ arrived: true });
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

  it('has no rate, which a repair does not keep', async () => {
    expect(await run('rebuild', 'letter', '--id', messageId, '--rate', '5')).to.include({
      code: 2,
      err: 'projector: --rate is for the rebuild of a whole view\n',
    });
  });
});
