import { newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { referralLink, referralLinkStream, rewardIdOf, signupRewardIdOf } from '../../src/domain/referral-link.js';
import { userStream } from '../../src/domain/user.js';
import { admin, as, openCast, someName, type Cast, type Person } from '../users/cast.js';

let c: Cast;
beforeEach(async () => {
  c = await openCast();
});
afterEach(() => c.close());

const stateOf = async ({ userId }: Person) =>
  (await c.service.commands.load(referralLink, referralLinkStream(userId))).state;
const linkEvents = async ({ userId }: Person) => (await c.log(referralLinkStream(userId))).slice(1);
const typesOf = async (who: Person) => (await linkEvents(who)).map(({ type }) => type);
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
  const who = await c.register({ username: someName() });
  const { creatorId } = await c.data('POST /creators/upgrade', { as: who, body: { displayName: 'Cleo' } });
  const params = { creatorId: creatorId as string };
  const body = { dmType: 'PER_MESSAGE', dmPrice: 10, dmActive: true };
  await c.call('PATCH /creators/:creatorId/dm-config', { as: who, params, body });
  return { ...who, creatorId: creatorId as string };
}
type Creator = Awaited<ReturnType<typeof creator>>;

async function fan(referralCode?: string): Promise<Person> {
  const who = await c.register(referralCode === undefined ? {} : { referralCode });
  const body = { type: 'FAN', amount: '100.00', direction: 'CREDIT', reason: 'a test begins' };
  await c.call('POST /admin/wallets/:userId/adjust', { as: admin, params: { userId: who.userId }, body });
  return who;
}

/** A message of 10.00 that is answered, so that its commission of 2.00 (20 %) is earned. */
async function pays(who: Person, { creatorId, ...other }: Creator): Promise<string> {
  const body = { creatorId, dmType: 'PER_MESSAGE', content: newId() };
  const { messageId } = await c.data('POST /messages', { as: who, body });
  const params = { id: messageId as string };
  await c.call('POST /messages/:id/reply', { as: other, params, body: { content: 'thanks' } });
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
    const [signup, ...others] = await linkEvents(rita);
    const rewardId = signupRewardIdOf(userId as string);
    expect([signup?.type, signup?.data]).to.deep.equal([
      'ReferralSignupRecorded',
      { referredUserId: userId, rewardId },
    ]);
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

  it('is the user of that name rather than the link of that code', async () => {
    const rita = await referrer();
    await c.rename(rita, someName());
    const heir = await c.register({ username: rita.username });
    expect(await referredBy(await c.register({ referralCode: rita.username }))).to.equal(heir.userId);
  });

  it('is nobody for an unknown or disabled code, and nothing is counted (G22)', async () => {
    const rita = await referrer();
    await decideOn('disable', rita.username);
    expect(await referredBy(await c.register({ referralCode: 'nobody-at-all' }))).to.equal(null);
    expect(await referredBy(await c.register({ referralCode: rita.username }))).to.equal(null);
    expect(await typesOf(rita)).to.deep.equal(['ReferralLinkDisabled']);
  });

  it('may have no link yet: recorded but not counted, then or later (G23)', async () => {
    const username = someName();
    const linkless = await c.register({ username });
    expect(await referredBy(await c.register({ referralCode: username }))).to.equal(linkless.userId);
    await c.call('GET /referral/link', { as: linkless });
    await c.catchUp();
    expect(await c.types(referralLinkStream(linkless.userId))).to.deep.equal(['ReferralLinkCreated']);
  });
});

describe('Referral rewards (G19)', () => {
  it('are 5.00 for the first payment, then 10 % of the commission', async () => {
    const [rita, cleo] = [await referrer(), await creator()];
    const payer = await fan(rita.username);
    const messages = [await pays(payer, cleo), await pays(payer, cleo)];
    const granted = (await linkEvents(rita)).slice(1).map(({ data }) => data);
    expect(granted).to.deep.equal([
      {
        rewardId: rewardIdOf(messages[0] ?? ''),
        triggerType: 'FIRST_PAYMENT',
        amount: '5.00',
        sourceMessageId: messages[0],
        referredUserId: payer.userId,
      },
      {
        rewardId: rewardIdOf(messages[1] ?? ''),
        triggerType: 'RECURRING_PAYMENT',
        amount: '0.20',
        sourceMessageId: messages[1],
        referredUserId: payer.userId,
      },
    ]);
  });

  it('follow the configured values', async () => {
    await c.config('referral.first_payment_reward', 1.5);
    await c.config('referral.recurring_percent', 50);
    const [rita, cleo] = [await referrer(), await creator()];
    const payer = await fan(rita.username);
    await pays(payer, cleo);
    await pays(payer, cleo);
    const amounts = Object.values((await stateOf(rita)).rewards);
    expect(amounts).to.deep.equal([0, 150, 100]);
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
    expect(await typesOf(rita)).to.deep.equal(['ReferralSignupRecorded', 'ReferralLinkDisabled']);
    await decideOn('enable', rita.username);
    await pays(payer, cleo);
    expect((await linkEvents(rita)).at(-1)?.data).to.deep.include({ triggerType: 'FIRST_PAYMENT' });
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
    const clawed = (await linkEvents(rita)).filter(({ type }) => type === 'ReferralRewardClawedBack');
    expect(clawed.map(({ data }) => data)).to.deep.equal([
      { rewardId: rewardIdOf(first), amount: '5.00', cause: 'CHARGEBACK' },
    ]);
    expect((await stateOf(rita)).rewards[rewardIdOf(second)]).to.equal(20);
  });

  it('by an admin record actor and reason, and a second one changes nothing', async () => {
    const [rita, cleo] = [await referrer(), await creator()];
    const message = await pays(await fan(rita.username), cleo);
    const first = await clawBack(rewardIdOf(message).toUpperCase(), 'k');
    const clawed = (await linkEvents(rita)).at(-1);
    expect(clawed?.data).to.deep.equal({ rewardId: rewardIdOf(message), amount: '5.00', cause: 'ADMIN' });
    expect(clawed?.metadata.actor).to.deep.equal(admin);
    expect(await c.service.sealer.open(clawed?.metadata.reason ?? null)).to.equal('fraud');
    expect((await clawBack(rewardIdOf(message).toUpperCase(), 'k')).data).to.deep.equal(first.data);
    await clawBack(rewardIdOf(message));
    expect((await linkEvents(rita)).at(-1)?.position).to.equal(clawed?.position);
  });

  it('of a registration take no money and hide it', async () => {
    const rita = await referrer();
    const { userId } = await c.register({ referralCode: rita.username });
    await clawBack(signupRewardIdOf(userId));
    expect((await linkEvents(rita)).at(-1)?.data).to.include({ amount: '0.00' });
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
    await clawBack(signupRewardIdOf(userId));
    const { reason } = (await linkEvents(rita)).at(-1)?.metadata ?? {};
    expect(reason?.subject).to.equal(admin.userId);
    expect(await c.service.sealer.open(reason ?? null)).to.equal('fraud');
  });
});

describe('An admin who switches a referral link', () => {
  it('disables and enables by code or alias, and gets an error for a link in that state already or unknown', async () => {
    const rita = await referrer();
    await c.rename(rita, someName());
    const refused = (key: Parameters<Cast['refused']>[0], what: string, code: string) =>
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
