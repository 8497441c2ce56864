/** What each event changes in the state of the platform's config and of a kill switch, and that it changes nothing else. */
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import { killSwitch, platformConfig } from '../../src/domain/platform-config.js';
import { eachEventChangesOnly } from '../support/evolving.js';

describe("The state of the platform's config", () => {
  type State = typeof platformConfig.initial;
  const full: State = { values: { 'bio.max_links': { value: 5 }, 'dm.min_price': { value: 2 } } };
  eachEventChangesOnly<State, EventNamed<'ConfigValueSet'>>(platformConfig, full, {
    ConfigValueSet: [
      { key: 'bio.max_links', value: 7, previous: 5 },
      { values: { 'bio.max_links': { value: 7 }, 'dm.min_price': { value: 2 } } },
    ],
  });
});

describe('The state of a kill switch', () => {
  type State = typeof killSwitch.initial;
  const full: State = { engaged: true };
  const name = 'PAYOUTS';
  eachEventChangesOnly<State, EventNamed<'KillSwitchEngaged' | 'KillSwitchReleased'>>(killSwitch, full, {
    KillSwitchEngaged: [{ name, item: null }, { engaged: true }, { engaged: false }],
    KillSwitchReleased: [{ name }, { engaged: false }],
  });
});
