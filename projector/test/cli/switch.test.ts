import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { delivered, messageId, sent, upgraded } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { generationOf } from '../../src/generations.js';
import { runOn } from '../command-line.js';
import { completeStores } from '../stores.js';

const views = withFingerprints(registry);

const [FIRST, SECOND] = [generationOf(views.message.version), generationOf(views.message.version, 2)];

describe('A rebuild that is held, on the command line', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'projector-switch-'));
    const events = openEventStore(join(folder, 'events.db'));
    for (const { stream, id, type, data, metadata, revision } of history([upgraded, sent(), delivered()]))
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    await events.close();
    await completeStores(folder);
    await run('rebuild', 'message', '--wait', '0');
    await withReads(async (reads) => {
      const collection = collectionOf('message', FIRST);
      const before = await reads.get<FoldedDocument>(collection, messageId);
      if (!before) throw new Error('no document');
      const document = { ...before, status: 'REJECTED' };
      await reads.write(collection, [{ document, expected: { position: before.position } }]);
    });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function withReads(work: (reads: ReadStore) => Promise<void>): Promise<void> {
    const reads = openReadStore(join(folder, 'views.db'));
    await work(reads);
    await reads.close();
  }
  const run = (...args: string[]) => runOn({ folder, views }, ...args);
  const difference = `${messageId}: status is "REJECTED" in a, "ESCROWED" in b`;

  it('is told with its report by rebuild and status, and is let through by switch with that report', async () => {
    const held = await run('rebuild', 'message', '--wait', '0');
    expect(held.code).to.equal(1);
    for (const text of ['HELD: fields differ that were not announced: status (1 documents)', difference])
      expect(held.out).to.include(text);
    expect(held.out).to.include('projector switch message --accept message-1');
    expect((await run('status')).out).to.include(`message: rebuild of ${SECOND} HELD: fields differ`);

    expect((await run('compare', 'message')).out)
      .to.include('report message-1')
      .and.to.include(difference);
    expect((await run('compare', 'message', '--report', 'message-1', '--json')).out).to.include('"serial": 1');

    const refused = await run('switch', 'message', '--accept', 'message-9', '--wait', '0');
    expect(refused).to.include({ code: 2 });
    expect(refused.err).to.include(`There is no report message-9 of ${SECOND}; the newest is message-1.`);
    const other = await run('switch', 'message', '--expect', 'paidAt', '--wait', '0');
    expect(other).to.include({ code: 1 });
    expect(other.out).to.include('HELD').and.to.include('message-2');
    const done = await run('switch', 'message', '--accept', 'message-1', '--wait', '0');
    expect(done).to.deep.include({ code: 0, out: `message is served from ${SECOND} now\n` });
    expect(await run('switch', 'message')).to.deep.include({
      code: 1,
      err: 'projector: No rebuild of message is held.\n',
    });
  });

  it('is foreseen by preview, which leaves everything as it is', async () => {
    const found = await run('preview', 'message');
    expect(found.code).to.equal(1);
    expect(found.out).to.include(difference).and.to.include('The gate would hold it: fields differ');
    const one = await run('preview', 'message', '--id', messageId, '--json');
    expect(one.code).to.equal(1);
    expect(JSON.parse(one.out)).to.include({ compared: 1, differing: 1 });
    expect(await run('preview', 'message', '--id', 'nobody')).to.include({ code: 1 });
    expect(await run('preview', 'message', '--sample', 'some')).to.include({ code: 2 });
    expect((await run('preview', 'dmConfig')).err).to.include('dmConfig is not served yet');
    expect((await run('generations', 'message', '--json')).out).not.to.include(SECOND);
  });

  it('is let through by switch with the path that is expected', async () => {
    expect(await run('rebuild', 'message', '--wait', '0')).to.include({ code: 1 });
    expect(await run('switch', 'message', '--expect', 'status', '--wait', '0')).to.include({ code: 0 });
  });
});
