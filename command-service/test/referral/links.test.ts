import { derivedId, newId } from '@creator-dashboards/shared/ids';
import { DAY, SECOND } from '@creator-dashboards/shared/time';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { expect } from 'chai';
import { referralClicksStream } from '../../src/domain/referral-clicks.js';
import { referralLink, referralLinkStream } from '../../src/domain/referral-link.js';
import { reservation } from '../../src/domain/reservation.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { nameDigest } from '../../src/commands/names.js';
import { getOrCreateLink, slicesFor } from '../../src/commands/referral-links.js';
import { repointReferralCode } from '../../src/policies/referral-code.js';
import { clockContext } from '../../src/runtime/policy.js';
import { referralPages } from '../../src/routes/referral-page.js';
import { callRoute } from '../../src/http/call-route.js';
import type { CommandService } from '../../src/runtime/service.js';
import { rejection } from '@creator-dashboards/shared/testing/contract';
import { StoreBusy, StoreUnavailable } from '@creator-dashboards/shared/store-errors';
import { admin, anotherProcess, as, openPeople, someName, type People, type Person } from '../users/people.js';

let c: People;
before(async () => {
  c = await openPeople();
});
after(() => c.close());

const linkOf = (who: Person, { call }: Pick<People, 'call'> = c) =>
  call('GET /referral/link', { as: who }).then(({ data }) => data as { code: string; link: string; position: string });
const stateOf = async ({ userId }: Person) =>
  (await c.service.commands.load(referralLink, referralLinkStream(userId))).state;
const click = (code: string) => c.data('POST /referral/click/:code', { params: { code } });
const clicksOf = async ({ userId }: Person) => (await c.types(referralClicksStream(userId))).length;

/** Takes these codes for someone else. */
async function reserveCodes(codes: readonly string[]): Promise<void> {
  for (const code of codes) {
    const stream = reservationStream('name', nameDigest(c.service, code));
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

describe('GET /referral/link', () => {
  it('creates a link with the username as its code', async () => {
    const username = someName();
    const who = await c.register({ username });
    const { code, link, position } = await linkOf(who);
    expect({ code, link }).to.deep.equal({ code: username, link: `http://localhost:3000/ref/${username}` });
    const [created] = await c.log(referralLinkStream(who.userId));
    expect([created?.type, created?.position.toString()]).to.deep.equal(['ReferralLinkCreated', position]);
    expect(JSON.stringify(created?.data), 'sealed (9.8)').not.to.include(username);
  });

  it('answers the same link on every later call, and writes nothing', async () => {
    const who = await c.register({ username: someName() });
    const first = await linkOf(who);
    const head = await c.service.events.head();
    expect(await linkOf(who, anotherProcess(c))).to.deep.equal(first);
    expect(await c.service.events.head()).to.equal(head);
  });

  it('creates one link for parallel calls', async () => {
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

  it('uses 8 characters of a UUID when there is no username', async () => {
    const who = await c.register();
    expect((await linkOf(who)).code).to.match(/^[0-9a-f]{8}$/);
    const [created] = await c.log(referralLinkStream(who.userId));
    expect(await repointReferralCode.react(created as never, c.service), 'nothing follows').to.deep.equal([]);
  });

  it('never uses the username of someone else', async () => {
    const who = await c.register();
    const commandId = derivedId(who.userId, 'referralLink', '0');
    const [first = '', second] = slicesFor(commandId);
    await c.register({ username: first });
    expect((await linkOf(who)).code).to.equal(second);
  });

  it('gives up after three taken codes, and tries other codes on the next call', async () => {
    const who = await c.register();
    const [commandId, next] = ['0', '1'].map((attempt) => derivedId(who.userId, 'referralLink', attempt));
    await reserveCodes(slicesFor(commandId ?? ''));
    await c.refused('referral.link.code_collision', 'GET /referral/link', { as: who });
    expect((await linkOf(who)).code).to.equal(slicesFor(next ?? '')[0]);
  });

  it('requires an active account', async () => {
    await c.refused('auth.account.unknown', 'GET /referral/link', { as: as(newId()) });
  });
});

describe('Renaming a user with a referral link', () => {
  it('changes the code and keeps the old one as an alias that still resolves', async () => {
    const [old, next] = [someName(), someName()];
    const who = await c.register({ username: old });
    await linkOf(who);
    await c.rename(who, next);
    expect((await linkOf(who)).code).to.equal(next);
    expect([await c.owner.name(old), await c.owner.name(next)]).to.deep.equal([who.userId, who.userId]);
    await click(old);
    await click(next);
    expect(await clicksOf(who)).to.equal(2);
  });

  it('returns to an alias of the same link', async () => {
    const [a, b] = [someName(), someName()];
    const who = await c.register({ username: a });
    await linkOf(who);
    await c.rename(who, b);
    await c.advance(30 * DAY);
    await c.rename(who, a);
    expect((await linkOf(who)).code).to.equal(a);
    expect((await stateOf(who)).codes).to.have.length(2);
  });

  it('reserves nothing for the code: the name is hers already (G44)', async () => {
    const [old, next] = [someName(), someName()];
    const who = await c.register({ username: old });
    await linkOf(who);
    await c.rename(who, next);
    const types = (name: string) => c.types(reservationStream('name', nameDigest(c.service, name)));
    expect([await types(old), await types(next)]).to.deep.equal([['Reserved'], ['Reserved']]);
  });

  it('gives the new name also to a link that was made with the old one at the same time', async () => {
    const [old, next] = [someName(), someName()];
    const who = await c.register({ username: old });
    const asked = await c.account(who); // as the request for the link saw her
    await c.rename(who, next);
    const context = clockContext(c.service, newId(), 'test');
    await getOrCreateLink(c.service, { ...asked, userId: who.userId }, context);
    expect((await linkOf(who)).code).to.equal(old);
    await c.catchUp();
    expect((await linkOf(who)).code).to.equal(next);
  });

  it('does nothing without a link', async () => {
    const who = await c.register({ username: someName() });
    await c.rename(who, someName());
    expect(await c.types(referralLinkStream(who.userId))).to.deep.equal([]);
  });

  it('is finished by the feed when the request did not, and only once (9.3)', async () => {
    const [old, next] = [someName(), someName()];
    const who = await c.register({ username: old });
    await linkOf(who);
    await c.rename(who, next);
    await c.catchUp();
    const repoints = (await c.types(referralLinkStream(who.userId))).filter((type) => type === 'ReferralCodeRepointed');
    expect(repoints).to.have.length(1);
  });
});

describe('POST /referral/click/:code', () => {
  it('counts every click in a stream of its own, in any case of the code', async () => {
    const username = someName();
    const who = await c.register({ username });
    await linkOf(who);
    for (const code of [username, username, ` ${username.toUpperCase()} `])
      expect((await click(code)).tracked).to.equal(true);
    expect(await c.types(referralClicksStream(who.userId))).to.deep.equal(Array(3).fill('ReferralClickTracked'));
    expect((await c.log(referralClicksStream(who.userId)))[0]?.metadata.keys).to.deep.equal({ userId: who.userId });
  });

  it('answers the same for an unknown code and for a username without a link', async () => {
    const username = someName();
    const linkless = await c.register({ username });
    const head = await c.service.events.head();
    for (const code of ['nobody', username, '__proto__'])
      expect(await click(code)).to.deep.equal({ tracked: true, position: head.toString() });
    expect(await clicksOf(linkless)).to.equal(0);
  });

  it('counts clicks even while the link is disabled', async () => {
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

  it('counts parallel clicks from everywhere', async () => {
    const username = someName();
    const who = await c.register({ username });
    await linkOf(who);
    await Promise.all(Array.from({ length: 40 }, () => click(username)));
    expect(await clicksOf(who)).to.equal(40);
  });
});

describe('GET /ref/:code', () => {
  it('sends a visitor on, uncounted, while a store is away, but does not hide a fault of the code', async () => {
    const username = someName();
    const who = await c.register({ username });
    await linkOf(who);
    const follow = async (service: CommandService) =>
      callRoute(referralPages(service), 'GET /ref/:code', { params: { code: username } });
    const sentOn = {
      status: 303,
      headers: { Location: `http://localhost:3000/${username}`, 'Cache-Control': 'no-store' },
    };
    for (const method of ['readStream', 'append'] as const)
      for (const error of [new StoreUnavailable('EventStoreDB', 'is away'), new StoreBusy('events.db', 'is locked')]) {
        const events = { ...c.service.events, [method]: () => Promise.reject(error) };
        expect(await follow(anotherProcess(c, { events }).service), `${method}: ${error.name}`).to.deep.equal(sentOn);
      }
    expect(await clicksOf(who)).to.equal(0);
    const events = { ...c.service.events, append: () => Promise.reject(new TypeError('a fault')) };
    expect(await rejection(follow(anotherProcess(c, { events }).service))).to.be.instanceOf(TypeError);
    expect(await follow(c.service)).to.deep.equal(sentOn);
    expect(await clicksOf(who)).to.equal(1);
  });

  for (const store of ['events', 'reads'] as const)
    it(`sends a visitor on after a second where a store does not answer (${store})`, async () => {
      const clock = createManualTime(c.service.clock.now());
      const hangs = () => new Promise<never>(() => undefined);
      const stores = {
        events: { ...c.service.events, ...(store === 'events' && { readStream: hangs }) },
        reads: { ...c.service.reads, ...(store === 'reads' && { get: hangs }) },
      };
      const { service } = anotherProcess(c, { ...stores, clock });
      let status: number | undefined;
      const sent = callRoute(referralPages(service), 'GET /ref/:code', { params: { code: someName() } }).then(
        (answer) => (status = answer.status),
      );
      await clock.advance(SECOND - 1);
      expect(status).to.equal(undefined);
      await clock.advance(1);
      expect(status).to.equal(303);
      await sent;
    });
});
