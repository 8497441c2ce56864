/** The same request twice (domain 9.7, G30). */
import { expect } from 'chai';
import type { Response } from 'supertest';
import { DAY } from '@creator-dashboards/shared/time';
import { journey } from '../support/journey.js';
import { creatorWithDms, fanWith, read, register, registration, send, webhookId } from '../support/people.js';
import type { Answer, TestSystem } from '../support/system.js';

const key = (value: string) => ({ 'Idempotency-Key': value });

journey('a request that comes twice', (openSystem) => {
  let system: TestSystem;
  before(async () => {
    system = await openSystem();
  });
  after(() => system.close());

  const dataOf = (response: Response) => response.body.data as Answer;
  const types = async () => (await system.newEvents()).map(({ type }) => type);

  it('at the same moment with one Idempotency-Key is executed once and gets the same answer', async () => {
    const alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 5);
    const finn = await fanWith(system, 'finn', '50.00');
    const message = { creatorId: alice.creatorId, dmType: 'PER_MESSAGE', content: 'hello' };
    await system.newEvents();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => finn.post('/messages', message, key('first-message'))),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(8).fill(201));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).to.equal(1);
    expect(await types()).to.deep.equal(['MessageAdmitted', 'EscrowHeld', 'MessageSent', 'MessageDelivered']);

    const { messageId } = dataOf(answers[0] as Response);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => alice.post(`/messages/${messageId}/reply`, { content: 'hi' }, key('reply'))),
    );
    expect(replies.map(({ status }) => status)).to.deep.equal(Array(8).fill(200));
    expect(await types()).to.deep.equal([
      ...['MessageReplied', 'EscrowReleased', 'WalletOpened', 'EarningsCredited', 'MessageCompleted'],
      'AdmissionSettled',
    ]);
    const { position } = dataOf(replies[0] as Response);
    expect(await read(alice, '/creators/dashboard', position)).to.include({ walletBalance: '4.00', totalMessages: 1 });
    // And again, much later.
    await system.done(finn.post('/messages', message, key('first-message')), 201, []);
  });

  it('at the same moment without a key takes effect once where the domain rules demand it', async () => {
    const bea = await creatorWithDms(system, 'bea', 'PER_MESSAGE', 5);
    const gina = await fanWith(system, 'gina', '50.00');
    const id = await send(gina, bea, 'PER_MESSAGE', 'hello');
    const replies = await Promise.all(
      ['a', 'b', 'c', 'd'].map((content) => bea.post(`/messages/${id}/reply`, { content })),
    );
    expect(replies.map(({ status }) => status).sort()).to.deep.equal([200, 400, 400, 400]);
    const joins = await Promise.all(
      Array.from({ length: 4 }, () => system.anybody.post('/auth/register', registration('same'))),
    );
    expect(joins.map(({ status }) => status).sort()).to.deep.equal([201, 409, 409, 409]);
  });

  it('with one key and another body is a 422, but the key of another user or route is another key', async () => {
    const { refused, done } = system;
    const [hugo, ines] = [await register(system, 'hugo'), await register(system, 'ines')];
    const avatar = (name: string) => ({ avatarUrl: `https://cdn.example.org/${name}.webp` });
    await done(hugo.patch('/users/avatar', avatar('a'), key('k')), 200, ['UserAvatarChanged']);
    await done(hugo.patch('/users/avatar', avatar('a'), key('k')), 200, []);
    await refused(hugo.patch('/users/avatar', avatar('b'), key('k')), 422, 'common.idempotency_mismatch');
    await done(ines.patch('/users/avatar', avatar('b'), key('k')), 200, ['UserAvatarChanged']);
    await done(hugo.post(`/users/block/${ines.userId}`, undefined, key('k')), 200, ['UserBlocked']);
  });

  it('with one key and another path is a 422 too', async () => {
    const [hugo, ines] = [await register(system, 'hugo2'), await register(system, 'ines2')];
    const jan = await register(system, 'jan');
    await system.done(hugo.post(`/users/block/${ines.userId}`, undefined, key('k')), 200, ['UserBlocked']);
    const other = hugo.post(`/users/block/${jan.userId}`, undefined, key('k'));
    await system.refused(other, 422, 'common.idempotency_mismatch');
  });

  it('as a registration answers the same user, and is a 422 with another password', async () => {
    const join = (extra: object = {}) =>
      system.anybody.post('/auth/register', registration('kim', extra), key('kim-joins'));
    const { userId } = await system.done(join(), 201, ['Reserved', 'Reserved', 'UserRegistered']);
    expect(await system.done(join(), 201, [])).to.include({ userId });
    await system.refused(join({ password: 'Another-horse-9' }), 422, 'common.idempotency_mismatch');
    await system.refused(join({ displayName: 'Kimberly' }), 422, 'common.idempotency_mismatch');
  });

  it('is decided again when it was refused the first time', async () => {
    const lea = await register(system, 'lea');
    const creator = await creatorWithDms(system, 'mona', 'PER_MESSAGE', 5);
    const message = { creatorId: creator.creatorId, dmType: 'PER_MESSAGE', content: 'hello' };
    const ask = () => lea.post('/messages', message, key('k'));
    await system.refused(ask(), 402, 'message.send.error.insufficient_balance');
    const credit = { type: 'FAN', amount: '5.00', direction: 'CREDIT', reason: 'a gift' };
    await system.done(system.admin.post(`/admin/wallets/${lea.userId}/adjust`, credit), 200, [
      ...['WalletOpened', 'WalletAdjusted'],
    ]);
    await system.done(ask(), 201, ['MessageAdmitted', 'EscrowHeld', 'MessageSent', 'MessageDelivered']);
  });

  it('as a webhook with a known id gets 200 and changes nothing, whatever it says', async () => {
    const nora = await register(system, 'nora');
    const { sessionId } = dataOf(await nora.post('/wallet/load', { amount: '10.00' }));
    const paid = { id: webhookId(), type: 'checkout.completed', sessionId, amount: '10.00' };
    await system.newEvents();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => system.provider.post('/webhooks/payments', paid)),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(5).fill(200));
    expect(await types()).to.deep.equal(['CheckoutCompleted', 'WalletOpened', 'FundsLoaded']);
    await system.done(system.provider.post('/webhooks/payments', { ...paid, amount: '99.00' }), 200, []);
    await system.done(system.provider.post('/webhooks/payments', { ...paid, id: webhookId() }), 200, []);
    expect(await read(nora, '/wallet/balance', String(await system.head()))).to.include({ balance: '10.00' });
  });

  it('as a webhook with one id for two checkouts completes both', async () => {
    const otto = await register(system, 'otto');
    const id = webhookId();
    for (const balance of ['10.00', '20.00']) {
      const { sessionId } = dataOf(await otto.post('/wallet/load', { amount: '10.00' }));
      const paid = { id, type: 'checkout.completed', sessionId, amount: '10.00' };
      expect((await system.provider.post('/webhooks/payments', paid)).status).to.equal(200);
      expect(await read(otto, '/wallet/balance', String(await system.head()))).to.include({ balance });
    }
  });

  it('as a checkout starts again once its key is older than a day', async () => {
    const olaf = await register(system, 'olaf');
    const load = () => olaf.post('/wallet/load', { amount: '10.00' }, key('load'));
    const first = await system.done(load(), 201, ['CheckoutStarted']);
    await system.pass(DAY - 1);
    expect(await system.done(load(), 201, [])).to.deep.equal(first);
    await system.pass(1);
    const second = await system.done(load(), 201, ['CheckoutStarted']);
    expect(second.sessionId).to.not.equal(first.sessionId);
  });
});
