import { config as configView } from '../../../src/views/config/fold.js';
import { onStream } from '../../../testing/given.js';
import { at, later, strangerId } from '../../../testing/fixtures/people.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('config: what each event changes', () => {
  const set = (value: number) => ({ value, changedBy: strangerId, changedAt: at });
  const turned = (engaged: boolean) => ({ engaged, changedBy: strangerId, changedAt: at });
  const now = { changedBy: null, changedAt: later };
  const full = {
    values: { 'dm.min_price': set(2), 'dm.max_price': set(500) },
    killSwitches: { PAYOUT: turned(true), MESSAGING: turned(false) },
  };
  const killSwitch = (name: string) => onStream(`killSwitch-${name}`, { configKey: name });
  eachEventChangesOnly(configView, full, [
    [
      onStream('config-all', { configKey: 'dm.min_price' })(
        'ConfigValueSet',
        { key: 'dm.min_price', value: 3, previous: 2 },
        later,
      ),
      { values: { 'dm.min_price': { value: 3, ...now }, 'dm.max_price': set(500) } },
    ],
    [
      killSwitch('MESSAGING')('KillSwitchEngaged', { name: 'MESSAGING', item: null }, later),
      { killSwitches: { PAYOUT: turned(true), MESSAGING: { engaged: true, ...now } } },
    ],
    [
      killSwitch('PAYOUT')('KillSwitchReleased', { name: 'PAYOUT' }, later),
      { killSwitches: { PAYOUT: { engaged: false, ...now }, MESSAGING: turned(false) } },
    ],
  ]);
});
