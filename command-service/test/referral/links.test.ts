import { derivedId, newId } from '@creator-dashboards/shared/ids';
import { DAY } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { referralClicksStream } from '../../src/domain/referral-clicks.js';
import { referralLink, referralLinkStream } from '../../src/domain/referral-link.js';
import { reservation, reservationStream } from '../../src/domain/reservation.js';
import { codeDigest } from '../../src/commands/referral-codes.js';
import { slicesFor } from '../../src/commands/referral-links.js';
import { clockContext } from '../../src/runtime/policy.js';
import { admin, anotherProcess, as, openCast, someName, type Cast, type Person } from '../users/cast.js';

let c: Cast;
before(async () => {
  c = await openCast();
});
after(() => c.close());

const linkOf = (who: Person, { call }: Pick<Cast, 'call'> = c) =>
  call('GET /referral/link', { as: who }).then(({ data }) => data as { code: string; link: string; position: string });
const stateOf = async ({ userId }: Person) =>
  (await c.service.commands.load(referralLink, referralLinkStream(userId))).state;
const click = (code: string) => c.data('POST /referral/click/:code', { params: { code } });
const clicksOf = async ({ userId }: Person) => (await c.types(referralClicksStream(userId))).length;

/** Somebody else has these codes. */
async function reserveCodes(codes: readonly string[]): Promise<void> {
  for (const code of codes) {
    const stream = reservationStream('referralCode', codeDigest(c.service, code));
    const context = clockContext(c.service, newId(), 'test');
    const { commandId, at } = context;
    const taken = 'referral.link.code_collision' as const;
    const command = {
      type: 'Reserve' as const,
      stream,
      ownerId: newId(),
      commandId,
      purpose: 'REFERRAL_LINK' as const,
      at,
      taken,
    };
    await c.service.commands.handle(reservation, command, context);
  }
}

describe('GET /referral/link (domain 2.4)', () => {
  it('makes a link with the username as its code', async () => {
    const username = someName();
    const who = await c.register({ username });
    const { code, link, position } = await linkOf(who);
    expect({ code, link }).to.deep.equal({ code: username, link: `http://localhost:3000/ref/${username}` });
    const [created] = await c.log(referralLinkStream(who.userId));
    expect([created?.type, created?.position.toString()]).to.deep.equal(['ReferralLinkCreated', position]);
    expect(JSON.stringify(created?.data), 'sealed (9.8)').not.to.include(username);
  });

  it('answers the same link ever after, and writes nothing', async () => {
    const who = await c.register({ username: someName() });
    const first = await linkOf(who);
    const head = await c.service.events.head();
    expect(await linkOf(who, anotherProcess(c))).to.deep.equal(first);
    expect(await c.service.events.head()).to.equal(head);
  });

  it('makes one link for whoever asks at the same time', async () => {
    for (const given of [{ username: someName() }, {}]) {
      const who = await c.register(given);
      const links = await Promise.all(
        [c, anotherProcess(c), anotherProcess(c), c].map((process) => linkOf(who, process)),
      );
      expect(new Set(links.map(({ code }) => code)).size).to.equal(1);
      const made = await c.types(referralLinkStream(who.userId));
      expect(made).to.deep.equal(['ReferralLinkCreated']);
    }
  });

  it('takes 8 characters of a UUID where there is no username', async () => {
    const who = await c.register();
    expect((await linkOf(who)).code).to.match(/^[0-9a-f]{8}$/);
  });

  it('takes them also where the username is the code or an alias of another link', async () => {
    const [contested, next] = [someName(), someName()];
    const early = await c.register({ username: contested });
    await linkOf(early);
    await c.rename(early, next);
    const late = await c.register({ username: contested });
    const { code } = await linkOf(late);
    expect(code).to.match(/^[0-9a-f]{8}$/);
    expect(await c.owner.code(contested)).to.equal(early.userId);
  });

  it('never takes the username of somebody else', async () => {
    const who = await c.register();
    const commandId = derivedId(who.userId, 'referralLink', '0');
    const [first = '', second] = slicesFor(commandId);
    await c.register({ username: first });
    expect((await linkOf(who)).code).to.equal(second);
  });

  it('gives up after three slices, and tries others when asked again', async () => {
    const username = someName();
    const who = await c.register({ username });
    const [commandId, next] = ['0', '1'].map((attempt) => derivedId(who.userId, 'referralLink', attempt));
    await reserveCodes([username, ...slicesFor(commandId ?? '')]);
    await c.refused('referral.link.code_collision', 'GET /referral/link', { as: who });
    expect((await linkOf(who)).code).to.equal(slicesFor(next ?? '')[0]);
  });

  it('needs an active account', async () => {
    await c.refused('auth.account.unknown', 'GET /referral/link', { as: as(newId()) });
  });
});

describe('A rename and the referral code (domain 2.4)', () => {
  it('repoints the code and keeps the old one as an alias that still resolves', async () => {
    const [old, next] = [someName(), someName()];
    const who = await c.register({ username: old });
    await linkOf(who);
    await c.rename(who, next);
    expect((await linkOf(who)).code).to.equal(next);
    expect([await c.owner.code(old), await c.owner.code(next)]).to.deep.equal([who.userId, who.userId]);
    await click(old);
    await click(next);
    expect(await clicksOf(who)).to.equal(2);
  });

  it('takes a slice where the new name is the code of another link', async () => {
    const [contested, mine] = [someName(), someName()];
    const other = await c.register({ username: contested });
    await linkOf(other);
    await c.rename(other, someName());
    const who = await c.register({ username: mine });
    await linkOf(who);
    await c.rename(who, contested);
    expect((await linkOf(who)).code).to.match(/^[0-9a-f]{8}$/);
    expect(await c.owner.code(contested)).to.equal(other.userId);
  });

  it('goes back to an alias of its own', async () => {
    const [a, b] = [someName(), someName()];
    const who = await c.register({ username: a });
    await linkOf(who);
    await c.rename(who, b);
    await c.advance(30 * DAY);
    await c.rename(who, a);
    expect((await linkOf(who)).code).to.equal(a);
    expect((await stateOf(who)).aliases).to.have.length(1);
  });

  it('does nothing without a link', async () => {
    const who = await c.register({ username: someName() });
    await c.rename(who, someName());
    expect(await c.types(referralLinkStream(who.userId))).to.deep.equal([]);
  });

  it('is done by the feed where the request did not, and only once (9.3)', async () => {
    const [old, next] = [someName(), someName()];
    const who = await c.register({ username: old });
    await linkOf(who);
    await c.rename(who, next);
    await c.catchUp();
    const repoints = (await c.types(referralLinkStream(who.userId))).filter((type) => type === 'ReferralCodeRepointed');
    expect(repoints).to.have.length(1);
  });
});

describe('POST /referral/click/:code (domain 2.4)', () => {
  it('counts every click in a stream of its own, whatever the case of the code', async () => {
    const username = someName();
    const who = await c.register({ username });
    await linkOf(who);
    for (const code of [username, username, ` ${username.toUpperCase()} `])
      expect((await click(code)).tracked).to.equal(true);
    expect(await c.types(referralClicksStream(who.userId))).to.deep.equal(Array(3).fill('ReferralClickTracked'));
    expect((await c.log(referralClicksStream(who.userId)))[0]?.metadata.keys).to.deep.equal({ userId: who.userId });
  });

  it('answers the same for a code that nobody has, and for a username without a link', async () => {
    const username = someName();
    const linkless = await c.register({ username });
    const head = await c.service.events.head();
    for (const code of ['nobody', username, '__proto__'])
      expect(await click(code)).to.deep.equal({ tracked: true, position: head.toString() });
    expect(await clicksOf(linkless)).to.equal(0);
  });

  it('counts also while the link is disabled (1.4)', async () => {
    const username = someName();
    const who = await c.register({ username });
    await linkOf(who);
    await c.call('POST /admin/referral/links/:code/disable', {
      as: admin,
      params: { code: username },
      body: { reason: 'x' },
    });
    await click(username);
    expect(await clicksOf(who)).to.equal(1);
  });

  it('counts clicks that come at once from everywhere', async () => {
    const username = someName();
    const who = await c.register({ username });
    await linkOf(who);
    await Promise.all(Array.from({ length: 40 }, () => click(username)));
    expect(await clicksOf(who)).to.equal(40);
  });
});
