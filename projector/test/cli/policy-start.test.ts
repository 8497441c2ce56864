import { history } from '@creator-dashboards/shared/testing/given';
import { delivered, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { rejection } from '@creator-dashboards/shared/testing/contract';
import { expect } from 'chai';
import { startPolicyAt } from '../../src/cli/policy-start.js';
import { openStores, type TestStores } from '../stores.js';

describe('The command policy-start', () => {
  let stores: TestStores;
  beforeEach(() => {
    stores = openStores();
    stores.events.add(history([sent(), delivered()]));
  });
  afterEach(() => stores.close());

  it('sets once from where on a policy acts', async () => {
    expect(await startPolicyAt(stores, 'pay', 20n)).to.equal(true);
    expect(await stores.reads.get('feeds', 'policy.pay')).to.include({
      position: 20n,
      eventId: stores.events.all[1]?.id,
    });
    expect(await startPolicyAt(stores, 'pay', 0n)).to.equal(false);
  });
  it('can let a policy act from the beginning of the log', async () => {
    expect(await startPolicyAt(stores, 'greet', 0n)).to.equal(true);
  });
  it('rejects a position without an event', async () => {
    expect(await rejection(startPolicyAt(stores, 'other', 21n))).to.have.property(
      'message',
      'no event is at position 21',
    );
  });
});
