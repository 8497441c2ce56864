import { derivedId } from '@creator-dashboards/shared/ids';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { policyConsumer } from '../../src/runtime/policy.js';
import { createHarness, type Harness } from '../support/harness.js';

describe('A policy on the feed', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await createHarness({ features: [] });
  });
  afterEach(() => h.close());

  it('lets requests in before each reaction, even where none waits for anything', async () => {
    const userId = derivedId('fan');
    const engaged = onStream('killSwitch-PAYOUT', { configKey: 'PAYOUT' });
    const events = history(Array.from({ length: 20 }, () => engaged('KillSwitchReleased', { name: 'PAYOUT' })));
    let reactions = 0;
    const consumer = policyConsumer(
      { name: 'counts', on: ['KillSwitchReleased'], keyOf: () => userId, react: async () => ((reactions += 1), []) },
      h.service,
    );
    const atTurns = new Set<number>();
    let over = false;
    const others = (async () => {
      for (; !over; await nextTurn()) atTurns.add(reactions);
    })();
    for (const event of events) await consumer.apply(userId, null, event);
    over = true;
    await others;
    expect([...atTurns]).to.include.members(events.map((_, index) => index));
  });
});
