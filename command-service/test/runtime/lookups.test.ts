import type { Position } from '@creator-dashboards/shared/ports';
import { derivedId, newId } from '@creator-dashboards/shared/ids';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { payoutOwners } from '../../src/lookups/payout-owners.js';
import { createLookups, lookupCollection } from '../../src/runtime/lookups.js';
import { rememberedConfig } from '../../src/runtime/remembered-config.js';
import { features } from '../../src/features/features.js';
import { createHarness, type Harness } from '../support/harness.js';
import { admin } from '../users/people.js';

describe('The look-ups of the command service', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await createHarness({ features });
    await h.catchUp(); // Every policy has its checkpoint.
  });
  afterEach(() => h.close());

  /** Look-ups that stay at `position` until they have paused `moveAfter` times; each pause takes 100 ms. */
  function standing(at: Position, moveAfter: number) {
    let [position, pauses, now] = [at, 0, 0];
    const clock = { ...systemClock, monotonic: () => now };
    const lookups = createLookups({
      events: h.service.events,
      reads: h.service.reads,
      config: rememberedConfig(h.service.reads, clock),
      position: async () => position,
      step: async () => {
        pauses += 1;
        now += 100;
        if (pauses === moveAfter) {
          await h.catchUp();
          position = await h.service.events.head();
        }
      },
      clock,
    });
    return { lookups, pauses: () => pauses };
  }

  it('wait on a miss until they have passed the head at the time of the question', async () => {
    await h.data('POST /auth/register', { body: registration });
    const { lookups, pauses } = standing(0n, 3);
    expect(await lookups.get(payoutOwners, newId())).to.equal(null);
    expect(pauses(), 'until the head was reached').to.equal(3);
  });

  it('report a miss after a second', async () => {
    await h.data('POST /auth/register', { body: registration });
    const { lookups, pauses } = standing(0n, Infinity);
    expect(await lookups.get(payoutOwners, newId())).to.equal(null);
    expect(pauses()).to.equal(10);
  });

  it('hold what was set through another process, once they were waited for', async () => {
    const { lookups } = standing(0n, 1);
    expect(await lookups.config()).to.equal(null);
    const value = { as: admin, params: { key: 'dm.min_price' }, body: { value: 2, reason: 'a test' } };
    await h.data('PUT /admin/config/:key', value);
    expect(await lookups.config(), 'remembered').to.equal(null);
    expect(await lookups.reached(await h.service.events.head())).to.equal(true);
    expect((await lookups.config())?.values['dm.min_price']?.value).to.equal(2);
  });

  it("are kept in their own collections, never in the dashboards' views", async () => {
    await h.data('POST /auth/register', { body: registration });
    await h.catchUp();
    const collections = await h.service.reads.collections();
    expect(collections).to.include(lookupCollection(payoutOwners));
    expect(collections.filter((name) => name.startsWith('view.'))).to.deep.equal([]);
  });

  it('make the service ready only once they have reached the head', async () => {
    await h.data('POST /auth/register', { body: registration });
    expect((await h.ready()).ready).to.equal(false);
    await h.catchUp();
    expect((await h.ready()).ready).to.equal(true);
  });

  const registration = {
    email: `${derivedId('look-ups')}@example.com`,
    password: 'Correct-horse-1',
    acceptTerms: true,
    acceptPrivacy: true,
  };
});
