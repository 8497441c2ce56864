/** What a request led to, as a tree: from the message that a fan sent to the documents that show it. */
import { features } from '@creator-dashboards/command-service/features/features';
import { type linesOf } from '@creator-dashboards/query-service/audit/cli/search';
import { commandsOf, metadataOf } from '@creator-dashboards/query-service/audit/causes';
import { knownPolicies, policyFeed, tellPolicies } from '@creator-dashboards/shared/feed/policies';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { DAY, SECOND } from '@creator-dashboards/shared/time';
import { ALIASES, collectionOf, type Alias } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { readLog } from './support/invariants.js';
import {
  answered,
  creatorWithDms,
  fanWith,
  mayBePaid,
  register,
  reply,
  send,
  setDms,
  webhookId,
} from './support/people.js';
import { openSystem, type TestSystem } from './support/system.js';

type Tree = Parameters<typeof linesOf>[0];
type Node = Tree[number];

const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e';

describe('The tree of a request', () => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem();
    const policies = features.flatMap((feature) => feature.policies);
    await tellPolicies(system.stores.reads, policies); // As the command service does at its start.
  });
  afterEach(() => system.close());

  const auditor = () => system.as(system.adminId, 'AUDITOR');
  async function treeOf(correlationId: string): Promise<Tree> {
    const { status, body } = await auditor().get(`/admin/correlations/${correlationId}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    expect(body.data).to.deep.include({ correlationId, truncated: false });
    return (body.data as { nodes: Tree }).nodes;
  }

  const follows = (nodes: readonly Node[], parent: Node | undefined) =>
    nodes.filter(({ parentId }) => parentId === parent?.id);
  const typesOf = (nodes: readonly Node[]) => nodes.flatMap(({ type }) => type ?? []);

  it('leads from its command to events and the documents that show them', async () => {
    const creator = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 10);
    const fan = await fanWith(system, 'fan', '100.00');
    const body = { creatorId: creator.creatorId, content: 'hello', dmType: 'PER_MESSAGE' };
    const sent = await fan.post('/messages', body, { 'X-Correlation-Id': CORRELATION });
    const { messageId } = sent.body.data as { messageId: string };
    const nodes = await treeOf(CORRELATION);
    const [command, ...others] = nodes;
    expect(command).to.deep.include({ kind: 'command', parentId: null, actor: fan.userId });
    expect(others.some(({ parentId }) => parentId === null)).to.equal(false);
    expect(typesOf(follows(nodes, command))).to.deep.equal([
      ...['MessageAdmitted', 'EscrowHeld', 'MessageSent', 'MessageDelivered'],
    ]);
    const shown = follows(
      nodes,
      nodes.find(({ type }) => type === 'MessageDelivered'),
    ).filter(({ kind }) => kind === 'document');
    expect(shown.map(({ view, key }) => `${view}/${key}`)).to.have.members([
      ...[`creatorDashboard/${creator.userId}`, `creatorProfile/${creator.userId}`, `message/${messageId}`],
      `conversation/${fan.userId}_${creator.userId}`,
    ]);
  });

  it('goes on over the commands of policies, each after the event that it was given about', async () => {
    const creator = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 10);
    const fan = await fanWith(system, 'fan', '100.00');
    const messageId = await send(fan, creator, 'PER_MESSAGE', 'hello');
    await system.catchUp();
    const key = { 'X-Correlation-Id': CORRELATION };
    await creator.post(`/messages/${messageId}/reply`, { content: 'Thank you!' }, key);
    await system.catchUp();
    const nodes = await treeOf(CORRELATION);
    const commands = follows(
      nodes,
      nodes.find(({ type }) => type === 'MessageReplied'),
    ).filter(({ kind }) => kind === 'command');
    expect(commands.map((command) => typesOf(follows(nodes, command)))).to.deep.equal([
      ['EscrowReleased'],
      ['WalletOpened', 'EarningsCredited'],
      ['MessageCompleted'],
    ]);
    for (const [place, { parentId }] of nodes.entries())
      if (parentId !== null)
        expect(
          nodes.slice(0, place).map(({ id }) => id),
          `parent of node ${place}`,
        ).to.include(parentId);
  });

  const policyOf = (nodes: Tree, policy: string) =>
    nodes.find((node) => node.kind === 'policy' && node.policy === policy);
  const under = { 'X-Correlation-Id': CORRELATION };
  const hello = { content: 'hello', dmType: 'PER_MESSAGE' };

  it('says which policy issued a command, how long after the request, and which policies had nothing to do', async () => {
    const creator = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 10);
    const fan = await fanWith(system, 'fan', '100.00');
    const messageId = await send(fan, creator, 'PER_MESSAGE', 'hello');
    await creator.post(`/messages/${messageId}/reply`, { content: 'Thank you!' }, under);
    await system.catchUp();
    const nodes = await treeOf(CORRELATION);
    const issued = nodes.flatMap(({ kind, policy, afterMs }) => (kind === 'command' ? [[policy, afterMs]] : []));
    expect(issued).to.deep.equal([
      ...[[null, 0], ...Array.from({ length: 3 }, () => ['complete-replied', 0]), ['settle-admission', 0]],
    ]);
    for (const policy of ['levels', 'referral-rewards'])
      expect(policyOf(nodes, policy), policy).to.deep.include({ state: 'nothing', kind: 'policy' });
    expect(policyOf(nodes, 'complete-replied')).to.equal(undefined);
  });

  it('shows a policy and a view that have not come to the event yet as behind, and later what they did', async () => {
    const creator = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 10);
    const fan = await fanWith(system, 'fan', '100.00');
    await system.catchUp();
    await system.commands.catchUp();
    const reached = await system.head();
    await fan.post('/messages', { creatorId: creator.creatorId, ...hello }, under);
    const before = await treeOf(CORRELATION);
    expect(policyOf(before, 'levels')).to.include({ state: 'behind' });
    const documents = before.filter(({ kind }) => kind === 'document');
    expect(documents).to.have.length.greaterThan(3);
    const behind = { state: 'behind', detail: `its checkpoint is at position ${reached}` };
    for (const node of documents) expect(node, node.id).to.include(behind);
    await system.commands.catchUp();
    await system.catchUp();
    const after = await treeOf(CORRELATION);
    expect(policyOf(after, 'levels')).to.include({ state: 'nothing' });
    expect(after.some(({ state }) => state === 'behind')).to.equal(false);
  });

  it('shows where a key is parked, in a view and with a policy', async () => {
    const { reads } = system.stores;
    const creator = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 10);
    const fan = await fanWith(system, 'fan', '100.00');
    await fan.post('/messages', { creatorId: creator.creatorId, ...hello }, under);
    await system.commands.catchUp();
    await system.catchUp();
    const mark = { parked: true, parkedFrom: '0', parkedError: 'no such level', parkedEvent: 'earlier' };
    const stub = { _id: creator.creatorId, position: 0n, ...mark };
    await reads.write(`parked.${policyFeed('levels')}`, [{ document: stub, expected: null }]);
    const alias = await reads.get<Alias>(ALIASES, 'creatorProfile');
    const collection = collectionOf('creatorProfile', alias?.generation ?? '');
    const document = await reads.get(collection, creator.userId);
    const expected = { position: document?.position ?? 0n };
    await reads.write(collection, [{ document: { ...expected, _id: creator.userId, ...mark }, expected }]);
    const nodes = await treeOf(CORRELATION);
    const detail = 'held behind event earlier, which parked the key: no such level';
    expect(policyOf(nodes, 'levels')).to.deep.include({ state: 'parked', detail });
    const parked = nodes.filter(({ kind, state }) => kind === 'document' && state === 'parked');
    expect([...new Set(parked.map(({ view }) => view))]).to.deep.equal(['creatorProfile']);
    for (const node of parked) expect(node).to.include({ detail });
  });

  it('shows a request that was refused half-way, with why, and the later run of its Idempotency-Key', async () => {
    const creator = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 10);
    const fan = await fanWith(system, 'fan', '20.00');
    const asked = (headers: Record<string, string>) =>
      fan.post('/messages', { creatorId: creator.creatorId, ...hello }, { 'Idempotency-Key': 'one', ...headers });
    const { moderation } = system.commands.service.providers;
    const { review } = moderation;
    moderation.review = async (body) => {
      await creator.post(`/users/block/${fan.userId}`); // after the message was admitted and paid, before it is sent
      return review(body);
    };
    expect((await asked(under)).body.error).to.include({ i18nKey: 'message.send.error.blocked' });
    moderation.review = review;
    await creator.delete(`/users/block/${fan.userId}`);
    const [command, ...others] = await treeOf(CORRELATION);
    expect(command).to.include({ kind: 'command', state: 'refused', detail: 'message.send.error.blocked' });
    expect(command).to.include({ parentId: null, actor: fan.userId });
    const repeat = others.find(({ detail }) => /^run 2 /.test(detail ?? ''));
    expect(repeat).to.include({ kind: 'command', parentId: command?.id, state: 'unanswered' });
    expect((await asked({})).status).to.equal(201);
    const again = (await treeOf(CORRELATION)).find(({ id }) => id === repeat?.id);
    expect(again).to.include({ state: 'answered' });
    const { items } = (await auditor().get(`/admin/events?causationId=${repeat?.id}`)).body.data as { items: Node[] };
    expect(items.map(({ type }) => type)).to.include('MessageSent');
  });

  it('names the policy of every command that one has issued', async () => {
    const referrer = await creatorWithDms(system, 'referrer', 'PER_MESSAGE', 10);
    await referrer.get('/referral/link');
    const creator = await creatorWithDms(system, 'caller', 'SINGLE_PAY', 100);
    await mayBePaid(system, creator);
    const fan = await fanWith(system, 'fan', '500.00', 'referrer');
    const messageId = await answered(fan, creator, 'SINGLE_PAY', 'hello');
    await reply(creator, await send(fan, creator, 'SINGLE_PAY', 'and again'));
    await setDms(creator, { dmType: 'PER_MESSAGE', dmPrice: 10, dmActive: false });
    const link = { title: 'Mine', url: 'https://x.example', isSocial: true };
    expect((await creator.post(`/creators/${creator.creatorId}/links`, link)).status).to.equal(201);
    await setDms(creator, { dmType: 'PER_MESSAGE', dmPrice: 10, dmActive: true });
    const rejected = await send(fan, creator, 'PER_MESSAGE', 'no?');
    await creator.post(`/messages/${rejected}/reject`, {});
    await send(fan, creator, 'PER_MESSAGE', 'expires');
    await system.pass(8 * DAY);
    await creator.post('/payouts/request', { amount: '50.00', method: 'BANK_TRANSFER' });
    const chargeback = { id: webhookId(), type: 'chargeback', messageId, amount: '100.00' };
    expect((await system.provider.post('/webhooks/payments', chargeback)).status).to.equal(200);
    await referrer.patch('/users/username', { username: 'renamed' });
    await system.admin.post(`/admin/users/${referrer.userId}/suspend`, { reason: 'asked' });
    await system.admin.post(`/admin/users/${referrer.userId}/reinstate`, { reason: 'asked' });
    await system.admin.post(`/admin/users/${fan.userId}/erase`, { reason: 'asked' });
    await system.pass(DAY);
    await system.pass(10 * SECOND);

    const policies = await knownPolicies(system.stores.reads);
    const byCorrelation = new Map<string, RecordedEvent[]>();
    for (const event of await readLog(system.stores.events, 0n)) {
      const { $correlationId = '' } = metadataOf(event);
      byCorrelation.set($correlationId, [...(byCorrelation.get($correlationId) ?? []), event]);
    }
    const named = new Set<string | null>();
    for (const events of byCorrelation.values())
      for (const { id, parentId, policy } of commandsOf(events, policies).values()) {
        const cause = events.find((event) => event.id === parentId);
        if (cause) expect(policy, `${id} about ${cause.type}`).to.be.a('string');
        if (cause) named.add(policy);
      }
    expect([...named]).to.include.members([
      ...['chargeback-money', 'complete-replied', 'dm-links', 'erase-user', 'funds', 'refund-unanswered'],
      ...['settle-admission', 'repoint-referral-code', 'record-signup', 'referral-rewards', 'forfeits'],
    ]);
  });

  it('shows one of its events as it is in the log, and says so where there is none', async () => {
    await register(system, 'somebody');
    const [first] = await system.stores.events.readAll({ after: 0n, limit: 1 });
    await system.catchUp();
    const { body } = await auditor().get(`/admin/events/${first?.id.toUpperCase()}`);
    expect(body.data).to.deep.include({ id: first?.id, type: first?.type, stream: first?.stream, readable: true });
    for (const path of [`/admin/events/${CORRELATION}`, `/admin/correlations/${CORRELATION}`])
      expect((await auditor().get(path)).body.error).to.deep.include({ i18nKey: 'admin.events.not_found' });
  });
});
