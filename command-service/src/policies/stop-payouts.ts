import type { Recorded } from '@creator-dashboards/shared/events/index';
import { differenceStream } from '@creator-dashboards/shared/ledger/differences';
import { openDifference } from '../commands/open-difference.js';
import { moneyDifference } from '../domain/money-difference.js';
import { killSwitch, killSwitchStream } from '../domain/platform-config.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';

const NAME = 'stop-payouts';
const SWITCH = 'PAYOUT';

/**
 * Stops payouts while a difference of the money is open: at once when it is found, and again after a release that did not know of it.
 * One that is acknowledged stops nothing any more.
 */
export const stopPayouts = policy({
  name: NAME,
  on: ['MoneyDifferenceFound', 'KillSwitchReleased'],
  keyOf: ({ stream }) => stream,
  async react(event, service) {
    const item = await reasonToStop(event, service);
    if (item === null) return [];
    const command = { type: 'TurnKillSwitch' as const, name: SWITCH, engaged: true, item };
    // Refused where it is engaged already, which is as good.
    return eventsOf(
      await service.commands.handle(killSwitch, command, followUp(service, event, NAME, killSwitchStream(SWITCH))),
    );
  },
});

async function reasonToStop(event: Recorded, service: CommandService): Promise<string | null> {
  if (event.type === 'KillSwitchReleased') return event.data.name === SWITCH ? openDifference(service) : null;
  if (event.type !== 'MoneyDifferenceFound') return null;
  const { item } = event.data;
  const { state } = await service.commands.load(moneyDifference, differenceStream(item));
  return state.status === 'OPEN' ? item : null;
}
