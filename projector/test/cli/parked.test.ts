import type { EventStore } from '@creator-dashboards/shared/ports';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { openKeyStore } from '@creator-dashboards/shared/adapters/sqlite/key-store';
import { devSecrets } from '@creator-dashboards/shared/process/secrets';
import { createSealer } from '@creator-dashboards/shared/seal';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { systemClock } from '@creator-dashboards/shared/time';
import { join } from 'node:path';
import { creatorUserId, strangerId } from '@creator-dashboards/shared/testing/fixtures/people';
import { expect } from 'chai';
import { openParkedStores, type ParkedStores } from '../parked-stores.js';

describe('projector parked', () => {
  let stores: ParkedStores;
  let events: EventStore;
  beforeEach(async () => {
    stores = await openParkedStores();
    ({ events } = stores);
  });
  afterEach(() => stores.close());

  const run = (...args: string[]) => stores.run('parked', ...args);
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
      held: 1,
    });
    expect(await json('show', creatorUserId)).to.deep.equal(shown);
    expect(await run('show', strangerId)).to.deep.include({
      code: 1,
      out: `no cause and no parked key is ${strangerId}\n`,
    });
  });

  it('explains each of its commands with an example', async () => {
    for (const command of ['list', 'show', 'retry', 'discard']) {
      const { code, out } = await run(command, '--help');
      expect({ code, hasExample: out.includes(`Example: projector parked ${command}`) }, command).to.deep.equal({
        code: 0,
        hasExample: true,
      });
    }
  });

  it('retry marks the keys of a cause, wherever they are, and only those', async () => {
    const [cause] = await json('list');
    expect(await run('retry', '--cause', '00000000')).to.deep.include({ code: 1, out: 'nothing of that is parked\n' });
    expect(await json('retry', '--cause', String(cause?.cause))).to.deep.equal([
      { consumer: 'mailbox', key: creatorUserId },
    ]);
    expect((await json('list'))[0]).to.include({ keys: 1, retry: 1 });
    expect(await run('retry', 'mailbox', creatorUserId, '--all')).to.include({ code: 2 });
  });

  it('retry and discard are recorded in the log before they are done, with who and why', async () => {
    const who = ['--by', 'anna', '--reason', 'sent by a broken importer'];
    const [cause] = await json('list');
    await run('discard', '--cause', String(cause?.cause), ...who);
    await run('retry', 'mailbox', creatorUserId, ...who);
    const [first, second, third, ...others] = await events.readAll({ after: 4n, limit: 9 });
    expect([first, second, third].map((event) => event?.type)).to.deep.equal([
      ...['ProjectionActionTaken', 'ParkedEventDiscarded', 'ProjectionActionTaken'],
    ]);
    expect(others).to.deep.equal([]);
    expect(first?.data).to.deep.include({
      ...{ action: 'DISCARD', target: null, generation: null, details: { cause: cause?.cause, keys: 1 } },
    });
    expect(third?.data).to.deep.include({
      ...{ action: 'RETRY', target: 'mailbox', generation: null, details: { key: creatorUserId, keys: 1 } },
    });
    const keys = openKeyStore(join(stores.folder, 'keys.db'), [devSecrets.MASTER_KEY]);
    const sealer = createSealer({ keys, events, clock: systemClock });
    for (const record of [first, third]) {
      expect(record?.stream).to.equal(`access-cli_${record?.metadata.occurredAt.slice(0, 10)}`);
      expect(record?.metadata.actor).to.deep.equal({ userId: 'cli', role: 'SYSTEM' });
      expect(await sealer.open(kinds.reason, record?.metadata.reason ?? null)).to.equal('sent by a broken importer');
      expect(await sealer.open(kinds.operator, record?.data.by as unknown as Sealed<string>)).to.equal('anna');
    }
    await keys.close();
  });
});
