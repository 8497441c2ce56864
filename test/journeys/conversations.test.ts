/** Whom a person writes with, the newest first (domain 2.1, docs/lists.md). */
import { sessionIdOf } from '@creator-dashboards/shared/ids';
import { SECOND } from '@creator-dashboards/shared/time';
import type { ConversationBody } from '@creator-dashboards/shared/views/conversation/body';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { creatorWithDms, fanWith, reply, send, type Creator, type Person } from '../support/people.js';
import type { Caller, TestSystem } from '../support/system.js';

interface Page {
  readonly items: readonly ConversationBody[];
  readonly [field: string]: unknown;
  readonly nextCursor: string | null;
}

journey('conversations', (openSystem) => {
  let system: TestSystem;
  let alice: Creator;
  let bob: Creator;
  let finn: Person;
  let greta: Person;
  let asked: string;
  let toBob: string;
  const at: Record<string, string> = {};
  before(async () => {
    system = await openSystem();
    alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 10);
    bob = await creatorWithDms(system, 'bob', 'PER_MESSAGE', 10);
    finn = await fanWith(system, 'finn', '100.00');
    greta = await fanWith(system, 'greta', '100.00');
    await system.admin.put('/admin/config/dm.max_pending_paid', { value: 100, reason: 'many at once' });
    await system.catchUp();
    asked = await say('finn to alice', finn, alice);
    toBob = await say('finn to bob', finn, bob);
    await say('greta to alice', greta, alice);
  });
  after(() => system.close());

  /** A second after what was before. */
  async function say(name: string, from: Person, to: Creator, content = name): Promise<string> {
    await system.pass(SECOND);
    at[name] = system.now();
    return send(from, to, 'PER_MESSAGE', content);
  }
  async function page(who: Caller, query = ''): Promise<Page> {
    const headers = { 'Read-After': (await system.head()).toString() };
    return (await system.done(who.get(`/messages/conversations${query}`, headers), 200, [])) as unknown as Page;
  }
  const names = ({ items }: Page) => items.map(({ otherParty }) => otherParty.username);
  const withUnread = ({ items }: Page) => items.map((one) => [one.otherParty.username, one.unreadCount]);

  it('are a row for each partner, on the side that is asked for, without a word of what was said', async () => {
    expect((await page(finn)).items).to.deep.equal([
      rowOf({ userId: bob.userId, creatorId: bob.creatorId, username: 'bob' }, finn, bob, 'finn to bob'),
      rowOf({ userId: alice.userId, creatorId: alice.creatorId, username: 'alice' }, finn, alice, 'finn to alice'),
    ]);
    expect((await page(alice, '?role=creator')).items).to.deep.equal([
      rowOf({ userId: greta.userId, creatorId: null, username: 'greta' }, greta, alice, 'greta to alice', 1),
      rowOf({ userId: finn.userId, creatorId: null, username: 'finn' }, finn, alice, 'finn to alice', 1),
    ]);
    expect((await page(alice)).items).to.deep.equal([]);
  });

  function rowOf(otherParty: object, fan: Person, to: Creator, said: string, unreadCount = 0) {
    const sessionId = sessionIdOf(fan.userId, to.userId);
    const last = { lastMessage: '[encrypted]', lastMessageAt: at[said] };
    return { sessionId, otherParty, ...last, unreadCount, isBlocked: false, isBlockedBy: false };
  }

  it('move to the beginning with each message and reply, for both, and count what is unanswered', async () => {
    await say('again', finn, alice);
    expect(names(await page(finn))).to.deep.equal(['alice', 'bob']);
    expect(withUnread(await page(alice, '?role=creator'))).to.deep.equal([
      ['finn', 2],
      ['greta', 1],
    ]);
    await system.pass(SECOND);
    await reply(bob, toBob);
    expect(names(await page(finn))).to.deep.equal(['bob', 'alice']);
    await alice.post(`/messages/${asked}/reject`, {});
    expect(withUnread(await page(alice, '?role=creator'))).to.deep.equal([
      ['finn', 1],
      ['greta', 1],
    ]);
  });

  it('do not show a creator what is in quarantine', async () => {
    const held = await say('held', greta, bob, 'quarantine-me');
    expect(names(await page(greta))).to.deep.equal(['bob', 'alice']);
    expect(names(await page(bob, '?role=creator'))).to.deep.equal(['finn']);
    await system.pass(SECOND);
    await system.admin.post(`/admin/messages/${held}/release`, { reason: 'harmless' });
    expect(withUnread(await page(bob, '?role=creator'))).to.deep.equal([
      ['greta', 1],
      ['finn', 0],
    ]);
  });

  it('say who blocks whom', async () => {
    await bob.post(`/users/block/${greta.userId}`);
    await system.catchUp();
    expect((await page(bob, '?role=creator')).items[0]).to.include({ isBlocked: true, isBlockedBy: false });
    expect((await page(greta)).items[0]).to.include({ isBlocked: false, isBlockedBy: true });
    await bob.delete(`/users/block/${greta.userId}`);
    await system.catchUp();
    expect((await page(greta)).items[0]).to.include({ isBlockedBy: false });
  });

  it('are paged, fifty at most, by cursors of their own', async () => {
    expect(await page(finn, '?limit=100')).to.include({ limit: 50, total: 2 });
    const first = await page(finn, '?limit=1');
    const rest = await page(finn, `?limit=1&cursor=${first.nextCursor}`);
    expect([names(first), names(rest), rest.nextCursor]).to.deep.equal([['bob'], ['alice'], null]);
    const cursor = `cursor=${first.nextCursor}`;
    for (const [who, query] of [
      [greta, cursor],
      [finn, `role=creator&${cursor}`],
    ] as const)
      await system.refused(who.get(`/messages/conversations?${query}`), 400, 'common.invalid_cursor');
  });

  it('stay when the other one is erased, without the name', async () => {
    await system.admin.post(`/admin/users/${greta.userId}/erase`, { reason: 'asked for it' });
    await system.pass(SECOND);
    expect(names(await page(alice, '?role=creator'))).to.deep.equal(['finn', null]);
  });
});
