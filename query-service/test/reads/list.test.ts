import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { MessageDocument } from '@creator-dashboards/shared/views/message/document';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { newEvents } from '@creator-dashboards/shared/testing/events';
import { idOf } from '@creator-dashboards/shared/testing/fixtures/people';
import { message, userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { toInstant } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { openHarness, type Harness } from '../harness.js';

describe('a list', () => {
  let query: Harness;
  beforeEach(async () => {
    query = await openHarness();
    await query.serve(100n);
  });
  afterEach(() => query.close());

  /** Messages that this user received, one a second. */
  async function receive(count: number): Promise<void> {
    const content = await query.sealer.seal(kinds.messageContent, userId, 'text');
    const rows = Array.from({ length: count }, (_, n) =>
      message({ _id: idOf(n), content, received: `${userId} ${toInstant(n * 1_000)}` }),
    );
    const collection = collectionOf('message', 'v2');
    await query.reads.declare(collection, ['received', 'parked']);
    await query.reads.write<MessageDocument>(
      collection,
      rows.map((document) => ({ document, expected: null })),
    );
  }
  const get = async (how: string, headers = {}) => query.get(`/messages?role=creator&${how}`, { as: userId, headers });
  const idsOf = (response: Awaited<ReturnType<typeof get>>) =>
    (response.body.data.items as { id: string }[]).map(({ id }) => id);

  it('counts and numbers its newest thousand rows, says that there are more, and leads to all of them', async () => {
    await receive(1_001);
    const last = await get('limit=100&page=10');
    expect(last.body.data).to.include({ total: 1_000, totalPages: 10, page: 10, truncated: true });
    expect(idsOf(last).at(-1)).to.equal(idOf(1));
    expect((await get('limit=100&page=11')).body.data).to.include({ page: 10 });
    const rest = await get(`limit=100&cursor=${last.body.data.nextCursor}`);
    expect(idsOf(rest)).to.deep.equal([idOf(0)]);
    expect(rest.body.data).to.include({ nextCursor: null, page: null });
  });

  it('is whole at a thousand rows', async () => {
    await receive(1_000);
    expect((await get('limit=100&page=10')).body.data).to.include({ total: 1_000, truncated: false, nextCursor: null });
  });

  it('is searched among its newest thousand texts, and says when there are more', async () => {
    await receive(1_000);
    const search = async () => {
      const { body } = await query.get('/messages/search?q=TEXT&limit=1', { as: userId });
      return body.data as { items: object[]; [field: string]: unknown };
    };
    expect(await search()).to.include({ total: 1_000, truncated: false });
    const reply = { id: idOf(1), content: await query.sealer.seal(kinds.replyContent, userId, 'a text') };
    const content = await query.sealer.seal(kinds.messageContent, userId, 'newest');
    const newest = message({ _id: idOf(2_000), content, reply, received: `${userId} ${toInstant(9_999_999)}` });
    await query.write('message', newest);
    const data = await search();
    expect(data).to.include({ total: 999, truncated: true });
    expect(data.items[0]).to.include({ id: idOf(2_000), content: 'newest' });
  });

  it('says how fresh it is, and that it may lack a row while a document of the view is parked', async () => {
    await receive(2);
    const whole = await get('limit=5', { 'Read-After': '100' });
    expect(whole.headers).to.include({ 'x-position': '100' }).and.not.to.have.property('x-degraded');
    await query.write('message', { ...message({ _id: idOf(7), received: null }), parked: true, position: 0n });
    const degraded = await get('limit=5', { 'If-None-Match': whole.headers['etag'] as string });
    expect(degraded.status).to.equal(200);
    expect(degraded.headers).to.include({ 'x-degraded': 'true' });
  });

  it('waits for Read-After, shows the rows that came meanwhile, and says where it is stale after a second', async () => {
    const head = await query.grow('thing-1', newEvents(3));
    await query.serve(0n, ['message']);
    const after = { 'Read-After': head.toString() };
    expect((await get('limit=5', after)).headers).to.include({ 'x-position': '0', 'x-stale': 'true' });
    query.pauses.length = 0;
    query.whilePausing(async () => {
      await receive(1);
      await query.serve(head, ['message']);
    });
    const fresh = await get('limit=5', after);
    expect(idsOf(fresh)).to.deep.equal([idOf(0)]);
    expect(fresh.headers).to.include({ 'x-position': head.toString() }).and.not.to.have.property('x-stale');
    expect(query.pauses).to.have.length(1);
  });

  it('is not shown from documents of a version that had no lists', async () => {
    await query.serve(100n, ['message'], 'v1');
    expect((await get('limit=5')).status).to.equal(503);
  });
});
