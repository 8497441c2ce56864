import { expect } from 'chai';
import { documentAfter, onStream, type GivenEvent } from '../../../testing/given.js';
import { config as configView } from '../../../src/views/config/fold.js';
import { at, later } from '../../../testing/fixtures/people.js';

describe('config: fold', () => {
  const config = onStream('config-all', { configKey: 'dm.min_price' });
  const killSwitch = onStream('killSwitch-PAYOUT', { configKey: 'PAYOUT' });
  const after = (...given: GivenEvent[]) => documentAfter(configView, 'config', given);

  it('the config document holds what was set last, by whom and when', () => {
    const set = (value: number, previous: number | null, when: string) =>
      config('ConfigValueSet', { key: 'dm.min_price', value, previous }, when);
    expect(after(set(2, null, at), set(3, 2, later)).values).to.deep.equal({
      'dm.min_price': { value: 3, changedBy: null, changedAt: later },
    });
  });
  it('the config document holds which kill switches are engaged', () => {
    const engaged = killSwitch('KillSwitchEngaged', { name: 'PAYOUT', item: null }, at);
    expect(after(engaged).killSwitches).to.deep.equal({ PAYOUT: { engaged: true, changedBy: null, changedAt: at } });
    expect(after(engaged, killSwitch('KillSwitchReleased', { name: 'PAYOUT' }, later)).killSwitches).to.deep.equal({
      PAYOUT: { engaged: false, changedBy: null, changedAt: later },
    });
  });
});
