/** The end of an account's money is the same in whichever order its last steps come (G56). */
import { newId } from '@creator-dashboards/shared/ids';
import { toCents, toDecimal } from '@creator-dashboards/shared/money';
import type { Providers } from '@creator-dashboards/shared/providers';
import { expect } from 'chai';
import { userStream } from '../../src/domain/user.js';
import { features } from '../../src/features/features.js';
import { actsOf } from '../messages/fixtures.js';
import { admin, creatorPerson, earner } from '../money/people.js';
import { createHarness, type Harness } from '../support/harness.js';

const steps = ['erased', 'hold given back', 'payout ended'] as const;
type Step = (typeof steps)[number];

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => ordersOf(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

describe('The money of an erased person, whatever comes first', () => {
  let h: Harness;
  beforeEach(async () => {
    const pay: Providers['payout']['pay'] = () => Promise.resolve({ outcome: 'accepted' });
    h = await createHarness({ features, providers: (simulators) => ({ ...simulators, payout: { pay } }) });
    await h.catchUp();
  });
  afterEach(() => h.close());

  /** She earned 100.00, of which 40.00 are on their way to her, and has loaded 30.00, of which 25.00 are held for a message. */
  async function leaving() {
    const receiver = await creatorPerson(h);
    const { creatorId } = receiver;
    const dms = { dmType: 'PER_MESSAGE', dmPrice: 25, dmActive: true };
    await h.call('PATCH /creators/:creatorId/dm-config', { as: receiver, params: { creatorId }, body: dms });
    const her = await earner(h, '100.00');
    const funds = { type: 'FAN', amount: '30.00', direction: 'CREDIT', reason: 'a test' };
    await h.call('POST /admin/wallets/:userId/adjust', { as: admin, params: { userId: her.userId }, body: funds });
    const { messageId } = await actsOf(h).send(her, receiver);
    const payoutId = String((await h.data('POST /payouts/request', { as: her, body: { amount: '40.00' } })).payoutId);
    for (const action of ['approve', 'process'])
      await h.call(`POST /admin/payouts/:payoutId/${action}`, {
        as: admin,
        params: { payoutId },
        body: { reason: 'due' },
      });
    return { her, receiver, messageId, payoutId };
  }

  async function inOrder(order: readonly Step[], result: 'paid' | 'failed', fed: boolean) {
    const { her, receiver, messageId, payoutId } = await leaving();
    const erase = { as: admin, params: { userId: her.userId }, body: { reason: 'asked for' } };
    const act: Readonly<Record<Step, () => Promise<unknown>>> = {
      erased: () => h.call('POST /admin/users/:userId/erase', erase),
      'hold given back': () => actsOf(h).reject(receiver, messageId),
      'payout ended': () => h.call('POST /webhooks/payouts', { body: { id: newId(), payoutId, status: result } }),
    };
    for (const step of order) {
      await act[step]();
      if (fed) await h.catchUp();
    }
    await h.catchUp();
    return her.userId;
  }

  async function forfeited(stream: string): Promise<string> {
    const amounts = (await h.log(stream)).map(({ type, data }) => (type === 'WalletForfeited' ? data.amount : '0.00'));
    return toDecimal(amounts.reduce((sum, amount) => sum + toCents(amount), 0));
  }

  for (const [result, earnings] of [
    ['paid', '60.00'],
    ['failed', '100.00'],
  ] as const)
    for (const order of ordersOf(steps))
      it(`is forfeited whole when the order is ${order.join(', ')} (${result})`, async () => {
        for (const fed of [true, false]) {
          const userId = await inOrder(order, result, fed);
          expect((await h.types(userStream(userId))).at(-1)).to.equal('UserErased');
          expect(await forfeited(`creatorWallet-${userId}`), 'of her earnings').to.equal(earnings);
          expect(await forfeited(`fanWallet-${userId}`), 'of what she loaded').to.equal('30.00');
        }
      });
});
