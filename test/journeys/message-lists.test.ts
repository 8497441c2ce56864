/** What a fan sent and a creator received, page by page (domain 2.1, docs/lists.md). */
import { sessionIdOf } from '@creator-dashboards/shared/ids';
import { SECOND } from '@creator-dashboards/shared/time';
import type { MessageBody } from '@creator-dashboards/shared/views/message/body';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { creatorWithDms, fanWith, register, reply, send, type Creator, type Person } from '../support/people.js';
import type { Caller, TestSystem } from '../support/system.js';

interface Page {
  readonly items: readonly MessageBody[];
  readonly [field: string]: unknown;
  readonly nextCursor: string | null;
}

journey('lists of messages', (openSystem) => {
  let system: TestSystem;
  let alice: Creator;
  let bob: Creator;
  let finn: Person;
  before(async () => {
    system = await openSystem();
    alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 10);
    bob = await creatorWithDms(system, 'bob', 'PER_MESSAGE', 10);
    finn = await fanWith(system, 'finn', '500.00');
    await system.admin.put('/admin/config/dm.max_pending_paid', { value: 100, reason: 'many at once' });
  });
  after(() => system.close());

  /** Sends these one second after the other; answers their ids. */
  async function sendAll(to: Creator, contents: readonly string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const content of contents) {
      ids.push(await send(finn, to, 'PER_MESSAGE', content));
      await system.pass(SECOND);
    }
    return ids;
  }

  async function page(who: Caller, query = ''): Promise<Page> {
    const headers = { 'Read-After': (await system.head()).toString() };
    return (await system.done(who.get(`/messages${query}`, headers), 200, [])) as unknown as Page;
  }
  const texts = ({ items }: Page) => items.map(({ content }) => content);

  it('show a creator what she received, newest first, by pages of the documented shape', async () => {
    await sendAll(alice, ['one', 'two', 'three', 'four', 'five']);
    await sendAll(bob, ['to bob']);
    const first = await page(alice, '?role=creator&limit=2');
    expect(texts(first)).to.deep.equal(['five', 'four']);
    expect(first).to.include({ total: 5, page: 1, limit: 2, totalPages: 3, truncated: false });
    expect(first.items[0]).to.include({ status: 'ESCROWED', senderId: finn.userId, receiverId: alice.userId });
    expect(texts(await page(alice, '?role=creator&limit=2&page=3'))).to.deep.equal(['one']);
    expect(texts(await page(alice, '?role=creator&limit=2&page=4'))).to.deep.equal([]);
  });

  it('show a fan what he sent to whomever, also where a role is none', async () => {
    const all = ['to bob', 'five', 'four', 'three', 'two', 'one'];
    expect(texts(await page(finn))).to.deep.equal(all);
    expect(texts(await page(finn, '?role=anything'))).to.deep.equal(all);
    expect(texts(await page(finn, '?role=creator'))).to.deep.equal([]);
    expect(texts(await page(alice))).to.deep.equal([]);
  });

  it('go on by a cursor, which nothing that comes meanwhile moves', async () => {
    const first = await page(alice, '?role=creator&limit=2');
    await sendAll(alice, ['six']);
    const second = await page(alice, `?role=creator&limit=2&cursor=${first.nextCursor}`);
    expect(texts(second)).to.deep.equal(['three', 'two']);
    expect(second).to.include({ page: null, total: 6 });
    const last = await page(alice, `?role=creator&limit=2&cursor=${second.nextCursor}`);
    expect(texts(last)).to.deep.equal(['one']);
    expect(last.nextCursor).to.equal(null);
  });

  it('reject a cursor that was tampered with, or is of another list', async () => {
    const { nextCursor } = await page(alice, '?role=creator&limit=2');
    const cursor = nextCursor ?? '';
    for (const [who, query] of [
      [alice, `role=creator&cursor=${cursor.slice(1)}`],
      [alice, 'role=creator&cursor=x'],
      [alice, `role=fan&cursor=${cursor}`],
      [bob, `role=creator&cursor=${cursor}`],
    ] as const)
      await system.refused(who.get(`/messages?${query}`), 400, 'common.invalid_cursor');
  });

  it('clamp page and limit', async () => {
    for (const [query, expected] of [
      ['limit=0', { limit: 1, page: 1 }],
      ['limit=-5', { limit: 1, page: 1 }],
      ['limit=101', { limit: 100, page: 1 }],
      ['limit=x', { limit: 20, page: 1 }],
      ['page=0', { limit: 20, page: 1 }],
      ['page=1e9', { limit: 20, page: 50 }],
    ] as const)
      expect(await page(alice, `?role=creator&${query}`), query).to.include(expected);
  });

  it("show one session to its fan and its creator, each on their side, and nobody another's", async () => {
    const sessionId = sessionIdOf(finn.userId, bob.userId);
    for (const who of [finn, bob]) expect(texts(await page(who, `?sessionId=${sessionId}`))).to.deep.equal(['to bob']);
    await system.refused(alice.get(`/messages?sessionId=${sessionId}`), 403, 'message.error.not_authorized');
    const none = sessionIdOf(finn.userId, finn.userId);
    await system.refused(finn.get(`/messages?sessionId=${none}`), 403, 'message.error.not_authorized');
    await system.refused(finn.get('/messages?sessionId=1'), 400, 'common.validation_failed');
  });

  it('show a creator nothing that is in quarantine, and what was released by the time of its release', async () => {
    const [held = ''] = await sendAll(alice, ['quarantine-me']);
    await sendAll(alice, ['after it']);
    expect(texts(await page(finn, '?limit=2'))).to.deep.equal(['after it', 'quarantine-me']);
    expect(texts(await page(alice, '?role=creator&limit=2'))).to.deep.equal(['after it', 'six']);
    await system.admin.post(`/admin/messages/${held}/release`, { reason: 'harmless' });
    expect(texts(await page(alice, '?role=creator&limit=2'))).to.deep.equal(['quarantine-me', 'after it']);
  });

  it('show a reply with its message, to both', async () => {
    const [id = ''] = await sendAll(bob, ['a question']);
    await reply(bob, id);
    for (const [who, query] of [
      [finn, '?limit=1'],
      [bob, '?role=creator&limit=1'],
    ] as const)
      expect((await page(who, query)).items[0]?.reply).to.deep.include({ content: 'Thank you!' });
    const one = await system.done(finn.get(`/messages/${id}`), 200, []);
    expect(one).to.have.property('reply').that.deep.includes({ content: 'Thank you!' });
    await system.refused(alice.get(`/messages/${id}`), 403, 'message.error.not_authorized');
  });

  it('are searched for a text, of whatever case, in what was sent, received and replied', async () => {
    const search = async (who: Caller, query: string) => texts(await page(who, `/search?${query}`));
    // Sent in this order: one, two, three, four, five, to bob, six, quarantine-me, after it, a question.
    const withT = ['a question', 'after it', 'quarantine-me', 'to bob', 'three', 'two'];
    expect(await search(finn, 'q=T')).to.deep.equal(withT);
    expect(await search(bob, 'q=QUESTion')).to.deep.equal(['a question']);
    expect(await search(bob, 'q=thank%20you')).to.deep.equal(['a question']);
    expect(await search(alice, 'q=question')).to.deep.equal([]);
    expect(await page(finn, '/search?q=t&limit=2&page=2')).to.include({
      total: 6,
      page: 2,
      totalPages: 3,
      truncated: false,
    });
    await system.refused(finn.get('/messages/search'), 400, 'common.validation_failed');
    await system.refused(finn.get('/messages/search?q=%20'), 400, 'common.validation_failed');
  });

  it('answer 304 until a row changes', async () => {
    const path = '/messages?role=creator&limit=3';
    const etag = (await bob.get(path)).headers['etag'] as string;
    expect((await bob.get(path, { 'If-None-Match': etag })).status).to.equal(304);
    await sendAll(bob, ['news']);
    expect((await bob.get(path, { 'If-None-Match': etag })).status).to.equal(200);
  });

  it('keep the row of an erased person, without what he wrote', async () => {
    const gone = await fanWith(system, 'gone', '50.00');
    const other = await register(system, 'other');
    await send(gone, bob, 'PER_MESSAGE', 'my secret');
    await system.catchUp();
    const path = '/messages?role=creator&limit=1';
    const etag = (await bob.get(path)).headers['etag'] as string;
    expect(texts(await page(bob, '?role=creator&limit=1'))).to.deep.equal(['my secret']);
    await system.admin.post(`/admin/users/${gone.userId}/erase`, { reason: 'asked for it' });
    await system.catchUp();
    const answer = await bob.get(path, { 'If-None-Match': etag });
    expect(answer.status).to.equal(200);
    expect(texts(answer.body.data as Page)).to.deep.equal([null]);
    expect(texts(await page(other))).to.deep.equal([]);
  });
});
