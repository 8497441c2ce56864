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
    // The wallet may have forgotten the session: what this did to it is searched for, back to its cause.
    const since = event.position;
    const context = { ...followUp(service, event, 'funds', fanWalletStream(userId)), since };
    const command: FanWalletCommand = { type: 'LoadFunds', userId, sessionId, amount: toCents(amount) };
    return eventsOf(await service.commands.handle(fanWallet, command, context));
  },
});
