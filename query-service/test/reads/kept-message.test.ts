/** Messages as version 1 of their view has them, while version 2 is built (docs/changing-a-projection.md). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { fanId, message, messageId, userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { message as messageV1 } from '@creator-dashboards/shared/views/message/v1/fold';
import { strangerId } from '@creator-dashboards/shared/testing/fixtures/people';
import { expect } from 'chai';
import { openHarness, type Harness } from '../harness.js';

describe('a message of version 1', () => {
  let query: Harness;
  beforeEach(async () => {
    query = await openHarness();
    await query.serve(100n);
    await query.serve(100n, ['message'], 'v1');
  });
  afterEach(() => query.close());

  /** A document with the fields that version 1 had, and no others. */
  async function write(changes: Parameters<typeof message>[0] = {}): Promise<void> {
    const content = await query.sealer.seal(kinds.messageContent, fanId, 'Hello!');
    const whole: Readonly<Record<string, unknown>> = { ...message({ content, ...changes }) };
    const fields = ['_id', 'position', ...Object.keys(messageV1.initial)];
    expect(fields).to.not.include.members(['reply', 'sent', 'received']);
    const old = Object.fromEntries(fields.map((field) => [field, whole[field]]));
    await query.write('message', old as never, 'v1');
  }
  const get = (as: string, path = `/messages/${messageId}`) => query.get(path, { as });

  it('is shown to both as it was before: with what was asked, and without a word of a reply', async () => {
    await write({ status: 'COMPLETED', repliedAt: '2026-04-30T20:00:00.000Z' });
    for (const who of [fanId, userId]) {
      const { status, body } = await get(who);
      expect(status).to.equal(200);
      expect(body.data).to.include({ id: messageId, content: 'Hello!', status: 'COMPLETED', priceSnapshot: '5.00' });
      expect(body.data).to.not.have.property('reply');
    }
  });

  it('is refused to others, and hidden from its creator in quarantine', async () => {
    await write({ status: 'QUARANTINED', deliveredAt: null });
    expect((await get(strangerId)).status).to.equal(403);
    expect((await get(userId)).status).to.equal(404);
    expect((await get(fanId)).body.data).to.include({ status: 'PENDING' });
  });

  it('stands in no list, so lists wait for version 2', async () => {
    await write();
    expect((await get(userId, '/messages?role=creator')).status).to.equal(503);
    expect((await get(userId, '/messages/search?q=a')).status).to.equal(503);
  });
});
