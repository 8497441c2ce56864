import { kinds } from '@creator-dashboards/shared/events/sealed';
import { derivedId, newId, rewardIdOf, signupRewardIdOf } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { referralStream } from '../../src/domain/referral.js';
import { referralLink, referralLinkStream } from '../../src/domain/referral-link.js';
import { referralReward, referralRewardStream } from '../../src/domain/referral-reward.js';
import { recordSignup, referralRewards } from '../../src/policies/referral-rewards.js';
import { clockContext } from '../../src/runtime/policy.js';
import { userStream } from '../../src/domain/user.js';
import { admin, as, openPeople, someName, type People, type Person } from '../users/people.js';

let c: People;
beforeEach(async () => {
  c = await openPeople();
});
afterEach(() => c.close());

const stateOf = async ({ userId }: Person) =>
  (await c.service.commands.load(referralLink, referralLinkStream(userId))).state;
const linkEvents = async ({ userId }: Person) => (await c.log(referralLinkStream(userId))).slice(1);
/** What became of her rewards, in order. */
const rewardEvents = async ({ userId }: Person) =>
  (await c.log()).filter(
    ({ stream, metadata }) => stream.startsWith('referralReward-') && metadata.keys.userId === userId,
  );
const typesOf = async (who: Person) => (await rewardEvents(who)).map(({ type }) => type);
/** Amounts of what was granted. */
const amountsOf = async (who: Person) =>
  (await rewardEvents(who)).flatMap((event) => (event.type === 'ReferralRewardGranted' ? [event.data.amount] : []));
const standingOf = async (who: Person) => ({
  linkId: (await stateOf(who)).linkId,
  linkActive: true,
  referrerStatus: 'ACTIVE',
});
const referredBy = async ({ userId }: Person) => {
  const [registered] = await c.log(userStream(userId));
  return registered?.type === 'UserRegistered' ? registered.data.referredBy : undefined;
};
const decideOn = (what: 'disable' | 'enable', code: string) =>
  c.call(`POST /admin/referral/links/:code/${what}`, { as: admin, params: { code }, body: { reason: 'looked at' } });
const clawBack = (rewardId: string, key?: string) =>
  c.call('POST /admin/referral/rewards/:rewardId/clawback', {
    as: admin,
    params: { rewardId },
    body: { reason: 'fraud' },
    ...(key && { key }),
  });

/** Someone with a link; its code is the username. */
async function referrer() {
  const username = someName();
  const who = await c.register({ username });
  await c.call('GET /referral/link', { as: who });
  return { ...who, username };
}

/** A creator who takes paid messages of 10.00. */
async function creator() {
  const username = someName();
  const who = await c.register({ username });
  const { creatorId } = await c.data('POST /creators/upgrade', { as: who, body: { displayName: 'Cleo' } });
  const params = { creatorId: creatorId as string };
  const body = { dmType: 'PER_MESSAGE', dmPrice: 10, dmActive: true };
  await c.call('PATCH /creators/:creatorId/dm-config', { as: who, params, body });
  return { ...who, username, creatorId: creatorId as string };
}
type Creator = Awaited<ReturnType<typeof creator>>;

async function fan(referralCode?: string): Promise<Person> {
  const who = await c.register(referralCode === undefined ? {} : { referralCode });
  const body = { type: 'FAN', amount: '100.00', direction: 'CREDIT', reason: 'a test begins' };
  await c.call('POST /admin/wallets/:userId/adjust', { as: admin, params: { userId: who.userId }, body });
  return who;
}

/** A message of 10.00 that is answered, so that its commission of 2.00 (20 %) is earned. */
async function pays(who: Person, { creatorId, userId, role }: Creator): Promise<string> {
  const body = { creatorId, dmType: 'PER_MESSAGE', content: newId() };
  const { messageId } = await c.data('POST /messages', { as: who, body });
  const params = { id: messageId as string };
  await c.call('POST /messages/:id/reply', { as: { userId, role }, params, body: { content: 'thanks' } });
  return messageId as string;
}
const chargeBack = (messageId: string) =>
  c.call('POST /webhooks/payments', { body: { id: newId(), type: 'chargeback', messageId, amount: '10.00' } });

describe('The referrer of a new user', () => {
  it('is the owner of the code, and the signup is counted once before the registration is answered (9.3)', async () => {
    const rita = await referrer();
    const { userId, position } = await c.data('POST /auth/register', {
      body: {
        email: `${someName()}@example.org`,
        password: 'Correct-horse-1',
        acceptTerms: true,
        acceptPrivacy: true,
        referralCode: rita.username.toUpperCase(),
      },
    });
    expect(await referredBy(as(userId as string))).to.equal(rita.userId);
    const [signup, ...others] = await rewardEvents(rita);
    const rewardId = signupRewardIdOf(userId as string, rita.userId);
    expect([signup?.stream, signup?.type, signup?.data]).to.deep.equal([
      referralRewardStream(rewardId),
      'ReferralSignupRecorded',
      { rewardId, referrerId: rita.userId, referredUserId: userId, standing: await standingOf(rita) },
    ]);
    expect(signup?.metadata.keys).to.deep.equal({ userId: rita.userId, rewardId });
    expect(signup?.position.toString()).to.equal(position);
    expect(others).to.deep.equal([]);
    await c.catchUp();
    expect(await typesOf(rita), 'the feed adds nothing').to.have.length(1);
  });

  it('is found by an alias too', async () => {
    const rita = await referrer();
    await c.rename(rita, someName());
    expect(await referredBy(await c.register({ referralCode: rita.username }))).to.equal(rita.userId);
  });

  it('is nobody for an unknown or disabled code, and nothing is counted (G22)', async () => {
    const rita = await referrer();
    await decideOn('disable', rita.username);
    expect(await referredBy(await c.register({ referralCode: 'nobody-at-all' }))).to.equal(null);
    expect(await referredBy(await c.register({ referralCode: rita.username }))).to.equal(null);
    expect(await typesOf(rita)).to.deep.equal([]);
  });

  it('may have no link yet: recorded but not counted, then or later (G23)', async () => {
    const username = someName();
    const linkless = await c.register({ username });
    expect(await referredBy(await c.register({ referralCode: username }))).to.equal(linkless.userId);
    await c.call('GET /referral/link', { as: linkless });
    await c.catchUp();
    expect(await c.types(referralLinkStream(linkless.userId))).to.deep.equal(['ReferralLinkCreated']);
    expect(await typesOf(linkless)).to.deep.equal([]);
  });
});

describe('A signup before its referrer had a link (G23)', () => {
  /** Hears of her registration again, as the feed does. */
  async function again({ userId }: Person) {
    const [registered] = await c.log(userStream(userId));
    return recordSignup.react({ ...registered, id: newId() } as never, c.service);
  }

  it('is never counted, and one after it is, also where making the link was tried in vain before', async () => {
    const linkless = await c.register();
    const { userId } = linkless;
    const commandId = derivedId(userId, 'referralLink', '0');
    const close = {
      type: 'Abandon' as const,
      userId,
      commandId,
      reserved: [],
      code: 'referral.link.interrupted' as const,
    };
    await c.service.commands.handle(referralLink, close, clockContext(c.service, commandId, 'test'));
    const name = someName();
    await c.rename(linkless, name);
    const early = await c.register({ referralCode: name });
    await c.call('GET /referral/link', { as: linkless });
    const late = await c.register({ referralCode: name });
    expect(await again(early)).to.deep.equal([]);
    expect(await again(linkless), 'nobody referred her').to.deep.equal([]);
    await again(late);
    const counted = (await rewardEvents(linkless)).map(({ data }) =>
      'referredUserId' in data ? data.referredUserId : null,
    );
    expect(counted).to.deep.equal([late.userId]);
  });

  it('brings no reward for its payments while there is no link', async () => {
    const name = someName();
    const linkless = await c.register({ username: name });
    const payer = await fan(name);
    await pays(payer, await creator());
    await c.catchUp();
    expect(await typesOf(linkless)).to.deep.equal([]);
    expect(await c.types(referralStream(payer.userId))).to.deep.equal([]);
  });
});

describe('Referral rewards (G19)', () => {
  it('are 5.00 for the first payment, then 10 % of the commission', async () => {
    const [rita, cleo] = [await referrer(), await creator()];
    const payer = await fan(rita.username);
    const messages = [await pays(payer, cleo), await pays(payer, cleo)];
    const granted = (await rewardEvents(rita)).slice(1).map(({ data }) => data);
    const referred = { referrerId: rita.userId, referredUserId: payer.userId, standing: await standingOf(rita) };
    expect(granted).to.deep.equal([
      {
        ...referred,
        rewardId: rewardIdOf(messages[0] ?? '', rita.userId),
        triggerType: 'FIRST_PAYMENT',
        amount: '5.00',
        sourceMessageId: messages[0],
      },
      {
        ...referred,
        rewardId: rewardIdOf(messages[1] ?? '', rita.userId),
        triggerType: 'RECURRING_PAYMENT',
        amount: '0.20',
        sourceMessageId: messages[1],
      },
    ]);
    expect(await c.types(referralStream(payer.userId))).to.deep.equal(['FirstPaymentClaimed']);
    expect(await linkEvents(rita), 'the link keeps nothing of it (G44b)').to.deep.equal([]);
  });

  it('follow the configured values', async () => {
    await c.config('referral.first_payment_reward', 1.5);
    await c.config('referral.recurring_percent', 50);
    const [rita, cleo] = [await referrer(), await creator()];
    const payer = await fan(rita.username);
    await pays(payer, cleo);
    await pays(payer, cleo);
    expect(await amountsOf(rita)).to.deep.equal(['1.50', '1.00']);
  });

  it('are granted once, however often the events are delivered (9.3)', async () => {
    const [rita, cleo] = [await referrer(), await creator()];
    await pays(await fan(rita.username), cleo);
    await c.catchUp();
    expect(await typesOf(rita)).to.deep.equal(['ReferralSignupRecorded', 'ReferralRewardGranted']);
  });

  it('come only from payments of referred users, and only while the link is active', async () => {
    const [rita, cleo] = [await referrer(), await creator()];
    const payer = await fan(rita.username);
    await pays(await fan(), cleo);
    await decideOn('disable', rita.username);
    await pays(payer, cleo);
    expect(await typesOf(rita)).to.deep.equal(['ReferralSignupRecorded']);
    expect(await c.types(referralStream(payer.userId)), 'nor is her first payment claimed').to.deep.equal([]);
    await decideOn('enable', rita.username);
    await pays(payer, cleo);
    expect((await rewardEvents(rita)).at(-1)?.data).to.deep.include({ triggerType: 'FIRST_PAYMENT' });
  });

  it('are none for payments to the referrer herself (G55)', async () => {
    const cleo = await creator();
    await c.call('GET /referral/link', { as: as(cleo.userId) });
    const payer = await fan(cleo.username);
    await pays(payer, cleo);
    expect(await typesOf(cleo)).to.deep.equal(['ReferralSignupRecorded']);
    expect(await c.types(referralStream(payer.userId))).to.deep.equal([]);
  });

  it('are none while the referrer is suspended, deactivated or erased (G55)', async () => {
    const cleo = await creator();
    const put = {
      suspended: ({ userId }: Person) => c.admit('suspend', userId),
      deactivated: (who: Person) => c.call('POST /users/delete', { as: who, body: {} }),
      erased: ({ userId }: Person) => c.admit('erase', userId),
    };
    for (const [what, happens] of Object.entries(put)) {
      const rita = await referrer();
      const payer = await fan(rita.username);
      await happens(rita);
      await pays(payer, cleo);
      await c.catchUp();
      expect(await typesOf(rita), what).to.deep.equal(['ReferralSignupRecorded']);
    }
  });

  it('are none for signups while the referrer is suspended (G55)', async () => {
    const rita = await referrer();
    await c.admit('suspend', rita.userId);
    expect(await referredBy(await c.register({ referralCode: rita.username }))).to.equal(rita.userId);
    expect(await typesOf(rita)).to.deep.equal([]);
  });

  it('are for one first payment only, of any that complete at once, and also after its clawback', async () => {
    const [rita, cleo, dora] = [await referrer(), await creator(), await creator()];
    const payer = await fan(rita.username);
    const [first] = await Promise.all([pays(payer, cleo), pays(payer, dora)]);
    expect((await amountsOf(rita)).sort()).to.deep.equal(['0.20', '5.00']);
    for (const { data } of await rewardEvents(rita))
      if ('triggerType' in data && data.triggerType === 'FIRST_PAYMENT') await clawBack(data.rewardId);
    await pays(payer, cleo);
    expect((await amountsOf(rita)).sort(), first).to.deep.equal(['0.20', '0.20', '5.00']);
  });

  it('follow from nothing else: where nobody earns, payment and chargeback have no consequences', async () => {
    const cleo = await creator();
    const name = someName();
    await c.register({ username: name }); // has no link
    await c.call('GET /referral/link', { as: as(cleo.userId) });
    const payers = [await fan(), await fan(name), await fan(cleo.username)];
    for (const payer of payers) {
      const message = await pays(payer, cleo);
      await chargeBack(message);
      const facts = (await c.log(`message-${message}`)).filter(({ type }) =>
        ['MessageCompleted', 'MessageChargedBack'].includes(type),
      );
      expect(facts).to.have.length(2);
      for (const fact of facts)
        expect(await referralRewards.react({ ...fact, id: newId() }, c.service), fact.type).to.deep.equal([]);
    }
  });

  it('move no money (G20)', async () => {
    const [rita, cleo] = [await referrer(), await creator()];
    await pays(await fan(rita.username), cleo);
    expect(await c.types(`fanWallet-${rita.userId}`)).to.deep.equal([]);
    expect(await c.types(`creatorWallet-${rita.userId}`)).to.deep.equal([]);
  });
});

describe('Clawbacks of referral rewards (G21)', () => {
  it('follow a chargeback of the rewarded payment (9.5)', async () => {
    const [rita, cleo] = [await referrer(), await creator()];
    const payer = await fan(rita.username);
    const [first, second] = [await pays(payer, cleo), await pays(payer, cleo)];
    await chargeBack(first);
    await c.catchUp();
    const clawed = (await rewardEvents(rita)).filter(({ type }) => type === 'ReferralRewardClawedBack');
    expect(clawed.map(({ data }) => data)).to.deep.equal([
      { rewardId: rewardIdOf(first, rita.userId), amount: '5.00', cause: 'CHARGEBACK' },
    ]);
    const kept = referralRewardStream(rewardIdOf(second, rita.userId));
    expect((await c.service.commands.load(referralReward, kept)).state).to.include({ amount: 20, clawedBack: false });
  });

  it('by an admin record actor and reason, and a second one changes nothing', async () => {
    const [rita, cleo] = [await referrer(), await creator()];
    const message = await pays(await fan(rita.username), cleo);
    const rewardId = rewardIdOf(message, rita.userId);
    const first = await clawBack(rewardId.toUpperCase(), 'k');
    const clawed = (await rewardEvents(rita)).at(-1);
    expect(clawed?.data).to.deep.equal({ rewardId, amount: '5.00', cause: 'ADMIN' });
    expect(clawed?.metadata.actor).to.deep.equal(admin);
    expect(await c.service.sealer.open(kinds.reason, clawed?.metadata.reason ?? null)).to.equal('fraud');
    expect((await clawBack(rewardId.toUpperCase(), 'k')).data).to.deep.equal(first.data);
    await clawBack(rewardId);
    expect((await rewardEvents(rita)).at(-1)?.position).to.equal(clawed?.position);
  });

  it('of a registration take no money and hide it', async () => {
    const rita = await referrer();
    const { userId } = await c.register({ referralCode: rita.username });
    await clawBack(signupRewardIdOf(userId, rita.userId));
    expect((await rewardEvents(rita)).at(-1)?.data).to.include({ amount: '0.00' });
  });

  it('of an unknown reward answer 404', () =>
    c.refused('referral.reward.not_found', 'POST /admin/referral/rewards/:rewardId/clawback', {
      as: admin,
      params: { rewardId: newId() },
      body: { reason: 'x' },
    }));

  it('are possible for an erased referrer, with the reason sealed for the admin', async () => {
    const rita = await referrer();
    const { userId } = await c.register({ referralCode: rita.username });
    await c.admit('erase', rita.userId);
    await clawBack(signupRewardIdOf(userId, rita.userId));
    const { reason } = (await rewardEvents(rita)).at(-1)?.metadata ?? {};
    expect(reason?.subject).to.equal(admin.userId);
    expect(await c.service.sealer.open(kinds.reason, reason ?? null)).to.equal('fraud');
  });
});

describe('An admin who switches a referral link', () => {
  it('disables and enables by code or alias, and gets an error for a link in that state already or unknown', async () => {
    const rita = await referrer();
    await c.rename(rita, someName());
    const refused = (key: Parameters<People['refused']>[0], what: string, code: string) =>
      c.refused(key, `POST /admin/referral/links/:code/${what}`, {
        as: admin,
        params: { code },
        body: { reason: 'x' },
      });
    await refused('referral.link.unchanged', 'enable', rita.username);
    await decideOn('disable', rita.username);
    await refused('referral.link.unchanged', 'disable', rita.username);
    await decideOn('enable', rita.username);
    expect((await stateOf(rita)).active).to.equal(true);
    await refused('referral.link.not_found', 'disable', 'nobody');
  });
});
