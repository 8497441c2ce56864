import { FanId } from '@creator-dashboards/shared/ids';
import { toCents } from '@creator-dashboards/shared/money';
import { fanWallet, fanWalletStream, type FanWalletCommand } from '../domain/fan-wallet.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';

/** Credits the money of a completed checkout, even to a frozen wallet (G17) and above the limit for loads. */
export const funds = policy({
  name: 'funds',
  on: ['CheckoutCompleted'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { sessionId, amount } = event.data;
    const userId = FanId(event.data.userId);
    const context = followUp(service, event, 'funds', fanWalletStream(userId));
    const command: FanWalletCommand = { type: 'LoadFunds', userId, sessionId, amount: toCents(amount) };
    return eventsOf(await service.commands.handle(fanWallet, command, context));
  },
});
