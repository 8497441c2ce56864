/** What each event changes in the state of a config key and of a kill switch, and that it changes nothing else. */
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import { configEntry, killSwitch } from '../../src/domain/config-entry.js';
import { eachEventChangesOnly } from '../support/evolving.js';

describe('The state of a config key', () => {
  type State = typeof configEntry.initial;
  const full: State = { set: { value: 5 } };
  eachEventChangesOnly<State, EventNamed<'ConfigValueSet'>>(configEntry, full, {
    ConfigValueSet: [{ key: 'bio.max_links', value: null, previous: 5 }, { set: { value: null } }],
  });
});

describe('The state of a kill switch', () => {
  type State = typeof killSwitch.initial;
  const full: State = { engaged: true };
  const name = 'PAYOUTS';
  eachEventChangesOnly<State, EventNamed<'KillSwitchEngaged' | 'KillSwitchReleased'>>(killSwitch, full, {
    KillSwitchEngaged: [{ name }, { engaged: true }, { engaged: false }],
    KillSwitchReleased: [{ name }, { engaged: false }],
  });
});
