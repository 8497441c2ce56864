import { history } from '@creator-dashboards/shared/testing/given';
import { delivered, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { rejection } from '@creator-dashboards/shared/testing/contract';
import { expect } from 'chai';
import { tellPolicies } from '@creator-dashboards/shared/feed/policies';
import { HOUR, plus } from '@creator-dashboards/shared/time';
import { positionBefore, startAllPolicies, startPolicyAt } from '../../src/cli/policy-start.js';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
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

  it('starts all that have no checkpoint, and those that must see no event twice at the head', async () => {
    await tellPolicies(stores.reads, [
      { name: 'pay', on: [] },
      { name: 'reward', on: [], onlyOnce: true },
      { name: 'known', on: [] },
    ]);
    await startPolicyAt(stores, 'known', 20n);
    const started = await startAllPolicies(stores, 10n);
    expect(started).to.have.deep.members([
      { policy: 'pay', position: 10n, onlyOnce: false, started: true },
      { policy: 'reward', position: 20n, onlyOnce: true, started: true },
      { policy: 'known', position: 10n, onlyOnce: false, started: false },
    ]);
    expect(await stores.reads.get('feeds', 'policy.reward')).to.include({ position: 20n });
    expect(await stores.reads.get('feeds', 'policy.known')).to.include({ position: 20n });
  });

  it('finds the last event before a time, by default 72 hours before the newest', async () => {
    const [first, second] = stores.events.all;
    if (!first || !second) return expect.fail('no events');
    const { occurredAt } = second.metadata;
    expect(await positionBefore(stores, first.metadata.occurredAt)).to.equal(0n);
    expect(await positionBefore(stores, occurredAt)).to.equal(10n);
    expect(await positionBefore(stores, plus(occurredAt, 1))).to.equal(20n);
    const after = (position: bigint, ms: number) => ({
      ...{ ...second, position, metadata: { ...second.metadata, occurredAt: plus(occurredAt, ms) } },
    });
    stores.events.add([after(30n, 72 * HOUR)]);
    expect(await positionBefore(stores)).to.equal(10n);
    stores.events.add([after(40n, 72 * HOUR + 1)]);
    expect(await positionBefore(stores)).to.equal(20n);
  });

  it('passes over events whose time cannot be read, and leaves out none before it knows that they are older', async () => {
    const [first, second] = stores.events.all;
    if (!first || !second) return expect.fail('no events');
    const { occurredAt } = second.metadata;
    const damagedAt = (position: bigint): RecordedEvent => ({
      ...second,
      position,
      get metadata(): never {
        throw new Error('its metadata is not JSON');
      },
    });
    stores.events.add([damagedAt(30n)]);
    expect(await positionBefore(stores, plus(occurredAt, 1))).to.equal(20n);
    expect(await positionBefore(stores), 'the newest has no time').to.equal(0n);
    stores.events.add([{ ...second, position: 40n }, damagedAt(50n)]);
    expect(await positionBefore(stores, plus(occurredAt, 1))).to.equal(40n);
  });
});
