/** A link that brought many people costs its commands no more than one that brought nobody (G44b): counted in events read. */
import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import { derivedId, newId, signupRewardIdOf } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { referralLinkStream } from '../../src/domain/referral-link.js';
import { userStream } from '../../src/domain/user.js';
import { recordSignup } from '../../src/policies/referral-rewards.js';
import { admin, anotherProcess, openPeople, someName, type People, type Person } from '../users/people.js';

const SIGNUPS = 20_000;
const AT_ONCE = 500;

type Referrer = Person & { readonly code: string };
type Registered = Recorded<EventNamed<'UserRegistered'>>;

describe('A referral link with 20,000 signups', () => {
  let c: People;
  before(async () => {
    c = await openPeople();
  });
  after(() => c.close());

  async function referrer(): Promise<Referrer> {
    const code = someName();
    const who = await c.register({ username: code });
    await c.call('GET /referral/link', { as: who });
    return { ...who, code };
  }

  const broughtBy = (who: Person, n: number) => derivedId(who.userId, 'brought', String(n));

  /** Lets the policy hear of somebody whom she referred. */
  async function bring(who: Person, registered: Registered, n: number): Promise<void> {
    const data = { ...registered.data, userId: broughtBy(who, n), referredBy: who.userId };
    await recordSignup.react({ ...registered, id: newId(), data }, c.service);
  }

  async function bringMany(who: Person, count: number): Promise<void> {
    const [own] = await c.log(userStream(who.userId));
    const registered = { ...own, position: await c.service.events.head() } as Registered;
    for (let n = 0; n < count; n += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => bring(who, registered, n + index)));
  }

  /** Events that a process which has just started reads for each of these. */
  async function eventsReadFor(who: Referrer): Promise<Record<string, number>> {
    const { events } = c.service;
    const params = { code: who.code };
    const body = { reason: 'a test' };
    const rewardId = signupRewardIdOf(broughtBy(who, 0), who.userId);
    const acts: Record<string, Parameters<People['call']>> = {
      'asking for the link': ['GET /referral/link', { as: who }],
      'a click': ['POST /referral/click/:code', { params }],
      'disabling it': ['POST /admin/referral/links/:code/disable', { as: admin, params, body }],
      'enabling it': ['POST /admin/referral/links/:code/enable', { as: admin, params, body }],
      'a rename of its owner': ['PATCH /users/username', { as: who, body: { username: someName() } }],
      'a clawback': ['POST /admin/referral/rewards/:rewardId/clawback', { as: admin, params: { rewardId }, body }],
    };
    const read: Record<string, number> = {};
    for (const [name, [row, call]] of Object.entries(acts)) {
      const counting: typeof events = {
        ...events,
        async readStream(stream, options) {
          const found = await events.readStream(stream, options);
          read[name] = (read[name] ?? 0) + found.length;
          return found;
        },
      };
      await anotherProcess(c, { events: counting }).call(row, call);
    }
    return read;
  }

  it('is loaded and takes commands by as few events as a link with one signup', async () => {
    const [one, many] = [await referrer(), await referrer()];
    const [own] = await c.log(userStream(one.userId));
    await bring(one, { ...own, position: await c.service.events.head() } as Registered, 0);
    await bringMany(many, SIGNUPS);
    const rewards = (await c.log()).filter(({ type, metadata }) => {
      return type === 'ReferralSignupRecorded' && metadata.keys.userId === many.userId;
    });
    expect(rewards, 'all of them are recorded').to.have.length(SIGNUPS);
    expect(await c.types(referralLinkStream(many.userId))).to.deep.equal(['ReferralLinkCreated']);
    const expected = await eventsReadFor(one);
    for (const [name, count] of Object.entries(expected)) expect(count, name).to.be.within(1, 20);
    expect(await eventsReadFor(many)).to.deep.equal(expected);
  });
});
