import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { createFeed } from '@creator-dashboards/shared/feed';
import { newId } from '@creator-dashboards/shared/ids';
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import { history } from '@creator-dashboards/shared/testing/given';
import {
  creatorUserId,
  delivered,
  replied,
  sent,
  strangerId,
} from '@creator-dashboards/shared/testing/fixtures/people';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { runCommandLine } from '../../src/cli/program.js';
import { consumerOf, moveAlias } from '../../src/generations.js';
import { completeStores } from '../stores.js';
import { answeredElsewhere, mailbox, toyViews, withBrokenArrivals } from '../toy-views.js';

describe('projector parked', () => {
  let folder: string;
  let events: EventStore;
  let reads: ReadStore;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'projector-parked-'));
    await completeStores(folder);
    events = openEventStore(join(folder, 'events.db'));
    reads = openReadStore(join(folder, 'views.db'));
    const log = withBrokenArrivals(history([sent(), delivered(), answeredElsewhere, replied()]));
    for (const { stream, id, type, data, metadata, revision } of log)
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    await feedOf().catchUp();
    await moveAlias(reads, mailbox.name, null, { generation: 'v1', position: 0n });
  });
  afterEach(async () => {
    await events.close();
    await reads.close();
    rmSync(folder, { recursive: true });
  });

  const feedOf = (consumer = consumerOf(mailbox, 'v1')) =>
    createFeed({ consumer, events, reads, clock: systemClock, owner: newId(), isDead: () => true });

  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const written = { out: '', err: '' };
    const code = await runCommandLine(['parked', ...args], {
      views: toyViews,
      env: { DATA_DIR: folder },
      out: { write: (text) => (written.out += text) },
      err: { write: (text) => (written.err += text) },
    });
    return { code, ...written };
  }
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out) as Record<string, unknown>[];

  it('list names each cause, with how many keys it holds and where', async () => {
    const [cause, ...others] = await json('list');
    expect(others).to.deep.equal([]);
    expect(cause).to.deep.include({
      type: 'MessageDelivered',
      error: 'paid: Invalid input: expected boolean, received string',
      keys: 1,
      consumers: { mailbox: 1 },
      retry: 0,
    });
    const { code, out } = await run('list', 'mailbox');
    expect(code).to.equal(0);
    expect(out.split('\n')[1]).to.match(/^[0-9a-f]{8} +MessageDelivered +1 +\d+ d +0 +mailbox 1 +paid: Invalid input/);
    expect(await run('list', 'letters'))
      .to.include({ code: 2 })
      .and.property('err')
      .includes('there are: mailbox');
  });

  it('show gives the keys of a cause, and where a key is parked', async () => {
    const [cause] = await json('list');
    const event = await events.readAt(2n);
    const shown = await json('show', String(cause?.cause));
    expect(shown).to.have.lengthOf(1);
    expect(shown[0]).to.deep.include({
      consumer: 'mailbox',
      key: creatorUserId,
      parkedFrom: '2',
      event: event?.id,
      since: event?.metadata.occurredAt,
      cause: cause?.cause,
    });
    expect(await json('show', creatorUserId)).to.deep.equal(shown);
    expect(await run('show', strangerId)).to.deep.include({
      code: 1,
      out: `no cause and no parked key is ${strangerId}\n`,
    });
  });

  it('explains each of its commands with an example', async () => {
    for (const command of ['list', 'show']) {
      const { code, out } = await run(command, '--help');
      expect({ code, hasExample: out.includes(`Example: projector parked ${command}`) }, command).to.deep.equal({
        code: 0,
        hasExample: true,
      });
    }
  });
});
