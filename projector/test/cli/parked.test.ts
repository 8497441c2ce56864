import type { EventStore } from '@creator-dashboards/shared/ports';
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
});
