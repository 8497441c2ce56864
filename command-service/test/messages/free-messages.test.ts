/** Free messages: 5 a UTC day per user, 1 a UTC day per user and creator (domain 2.1, 9.11). */
import type { Counters } from '@creator-dashboards/shared/ports';
import { HOUR, MINUTE, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { crashingAt } from './interrupted-ports.js';
import {
  anotherProcess,
  free,
  perMessage,
  refusalOf,
  openFixtures,
  singlePay,
  type Creator,
  type Fixtures,
} from './fixtures.js';

describe('Free messages', () => {
  let s: Fixtures;
  beforeEach(async () => {
    s = await openFixtures({ at: '2026-04-29T20:00:00.000Z' });
  });
  afterEach(() => s.close());

  const creators = (count: number): Promise<Creator[]> =>
    Promise.all(Array.from({ length: count }, () => s.creator(free)));
  const dmType = 'FREE' as const;

  it('are limited per user and UTC day (9.11)', async () => {
    await s.config('dm.free_daily_limit', 2);
    const [fan, [first, second, third]] = [await s.fan(), (await creators(3)) as [Creator, Creator, Creator]];
    await s.send(fan, first, { dmType });
    await s.send(fan, second, { dmType });
    expect(await refusalOf(s.send(fan, third, { dmType }))).to.equal('message.send.error.free_daily_limit');
    expect(await refusalOf(s.send(await s.fan(), third, { dmType })), 'another user').to.equal(undefined);
    await s.advance(4 * HOUR - 1);
    expect(await refusalOf(s.send(fan, third, { dmType })), '23:59:59.999').to.equal(
      'message.send.error.free_daily_limit',
    );
    await s.advance(1);
    expect(await refusalOf(s.send(fan, third, { dmType })), 'the next day').to.equal(undefined);
  });

  it('are limited to 5 when sent at the same time', async () => {
    const [fan, all] = [await s.fan(), await creators(8)];
    const outcomes = await Promise.all(all.map((to) => refusalOf(s.send(fan, to, { dmType }))));
    expect(outcomes.filter((key) => key === undefined)).to.have.length(5);
    expect(outcomes.filter((key) => key === 'message.send.error.free_daily_limit')).to.have.length(3);
  });

  it('are limited per user, creator and UTC day, settled ones included (9.11)', async () => {
    const [fan, creator] = [await s.fan(), await s.creator(free)];
    const { messageId } = await s.send(fan, creator, { dmType });
    await s.reply(creator, messageId);
    const again = () => refusalOf(s.send(fan, creator, { dmType }));
    expect(await again()).to.equal('message.send.error.free_creator_limit');
    await s.advance(4 * HOUR - 1);
    expect(await again()).to.equal('message.send.error.free_creator_limit');
    await s.advance(1);
    expect(await again()).to.equal(undefined);
  });

  it('are counted once when retried', async () => {
    await s.config('dm.free_daily_limit', 2);
    const [fan, [first, second]] = [await s.fan(), (await creators(2)) as [Creator, Creator]];
    const once = { dmType, content: 'hello', key: 'first' };
    for (let time = 0; time < 3; time += 1) await s.send(fan, first, once);
    expect(await refusalOf(s.send(fan, second, { dmType }))).to.equal(undefined);
  });

  it('are counted once when retried after midnight', async () => {
    await s.config('dm.free_daily_limit', 1);
    const [fan, [first, second]] = [await s.fan(), (await creators(2)) as [Creator, Creator]];
    await s.advance(4 * HOUR - SECOND);
    const { ports } = crashingAt(s.service, { call: 3, side: 'after' }); // Counted, admitted and moderated, but not recorded.
    const once = { dmType, content: 'hello', key: 'first' };
    await anotherProcess(s, ports)
      .send(fan, first, once)
      .catch(() => undefined);
    await s.advance(2 * SECOND);
    await s.send(fan, first, once);
    expect(await refusalOf(s.send(fan, second, { dmType })), 'a new day').to.equal(undefined);
  });

  it('do not count when they are refused', async () => {
    const [fan, [creator, other]] = [await s.fan(), (await creators(2)) as [Creator, Creator]];
    // Both are counted before either is admitted; the conversation refuses one of them.
    const twice = [1, 2].map(() => refusalOf(s.send(fan, creator, { dmType, content: 'at the same time' })));
    expect(await Promise.all(twice)).to.have.members([undefined, 'message.send.error.duplicate']);
    await s.config('dm.free_daily_limit', 2);
    expect(await refusalOf(s.send(fan, other, { dmType })), 'one of two places is taken').to.equal(undefined);
  });

  it('no longer count when an unfinished send is undone', async () => {
    await s.config('dm.free_daily_limit', 1);
    const [fan, [creator, other]] = [await s.fan(), (await creators(2)) as [Creator, Creator]];
    const { ports } = crashingAt(s.service, { call: 2, side: 'after' }); // Counted and admitted.
    await anotherProcess(s, ports)
      .send(fan, creator, { dmType })
      .catch(() => undefined);
    expect(await refusalOf(s.send(fan, other, { dmType }))).to.equal('message.send.error.free_daily_limit');
    await s.advance(MINUTE);
    await s.tick();
    expect(await refusalOf(s.send(fan, other, { dmType }))).to.equal(undefined);
  });

  it('are refused while the counters are down; paid messages are not', async () => {
    const down = () => Promise.reject(new Error('no counters'));
    const counters: Counters = { ...s.service.counters, addMember: down, removeMember: down };
    const process = anotherProcess(s, { counters });
    const fan = await s.fan('10.00');
    const creator = await s.creator(free);
    expect(await refusalOf(process.send(fan, creator, { dmType }))).to.equal('message.send.error.free_unavailable');
    expect(await s.types(`conversation-${fan.userId}_${creator.creatorId}`)).to.deep.equal([]);
    const paid = await s.creator(perMessage('4.00'));
    expect(await refusalOf(process.send(fan, paid))).to.equal(undefined);
    expect(await refusalOf(s.send(fan, creator, { dmType })), 'counters are back').to.equal(undefined);
  });

  it('do not include messages in a SINGLE_PAY session (G24)', async () => {
    await s.config('dm.free_daily_limit', 0);
    const [fan, creator] = [await s.fan('10.00'), await s.creator(singlePay('4.00'))];
    const { messageId } = await s.send(fan, creator, { dmType: 'SINGLE_PAY' });
    await s.reply(creator, messageId);
    for (let followUp = 0; followUp < 3; followUp += 1)
      expect((await s.send(fan, creator, { dmType: 'SINGLE_PAY' })).status).to.equal('DELIVERED');
  });
});
