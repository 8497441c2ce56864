/** What a request led to, as a tree: from the message that a fan sent to the documents that show it. */
import { expect } from 'chai';
import { creatorWithDms, fanWith, register, send } from './support/people.js';
import { openSystem, type TestSystem } from './support/system.js';

interface Node {
  readonly kind: 'command' | 'event' | 'document';
  readonly id: string;
  readonly parentId: string | null;
  readonly type: string | null;
  readonly view: string | null;
  readonly key: string | null;
  readonly actor: string | null;
}

const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e';

describe('The tree of a request', () => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem();
  });
  afterEach(() => system.close());

  const auditor = () => system.as(system.adminId, 'AUDITOR');
  async function treeOf(correlationId: string): Promise<Node[]> {
    const { status, body } = await auditor().get(`/admin/correlations/${correlationId}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    expect(body.data).to.deep.include({ correlationId, truncated: false });
    return (body.data as { nodes: Node[] }).nodes;
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
    );
    expect(shown.map(({ view, key }) => `${view}/${key}`)).to.have.members([
      ...[`creatorDashboard/${creator.userId}`, `creatorProfile/${creator.userId}`, `message/${messageId}`],
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
