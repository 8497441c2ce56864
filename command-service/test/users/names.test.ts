/** Usernames and referral codes are one namespace (G44): whoever has a name has it in every sense, and for ever. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { ErrorKey } from '@creator-dashboards/shared/errors';
import { derivedId } from '@creator-dashboards/shared/ids';
import { DAY } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { nameDigest } from '../../src/commands/names.js';
import { slicesFor } from '../../src/commands/referral-links.js';
import { clockContext } from '../../src/runtime/policy.js';
import { user } from '../../src/domain/user.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { crashingAt } from '../messages/interrupted-ports.js';
import { anotherProcess, openPeople, registration, someName, type People, type Person } from './people.js';

let c: People;
beforeEach(async () => {
  c = await openPeople();
});
afterEach(() => c.close());

const linkOf = (who: Person) => c.data('GET /referral/link', { as: who }).then(({ code }) => code as string);
const typesOf = (name: string) => c.types(reservationStream('name', nameDigest(c.service, name)));
const referrerBy = async (referralCode: string) => (await c.account(await c.register({ referralCode }))).referredBy;

/** Somebody with a link and three names: a code of before she had a username, a username she gave up, and the present one. */
async function rita() {
  const who = await c.register();
  const code = await linkOf(who);
  const [before, now] = [someName(), someName()];
  await c.rename(who, before);
  await c.rename(who, now);
  return { ...who, names: [code, before, now] };
}

describe('A name of somebody else (G44)', () => {
  it('cannot be had by registration, rename or upgrade, be it a username or a code, present or former', async () => {
    const { userId, names } = await rita();
    const thief = await c.register();
    const refused = async (key: ErrorKey, row: string, body: Record<string, unknown>) => {
      const head = await c.service.events.head();
      await c.refused(key, row, { as: thief, body });
      expect(await c.service.events.head(), 'nothing was written').to.equal(head);
    };
    for (const name of names) {
      const username = ` ${name.toUpperCase()}`;
      await refused('auth.register.username_taken', 'POST /auth/register', registration({ username }));
      await refused('error.user.username_taken', 'PATCH /users/username', { username });
      await refused('creator.upgrade.username_taken', 'POST /creators/upgrade', { displayName: 'Thea', username });
      expect(await c.owner.name(name)).to.equal(userId);
    }
  });

  it('leads to her link in every sense: a signup by any of her names is hers', async () => {
    const { userId, names } = await rita();
    for (const name of names) expect(await referrerBy(name.toUpperCase())).to.equal(userId);
  });

  it('is not used as a code for somebody without a username', async () => {
    const who = await c.register();
    const [first = '', second] = slicesFor(derivedId(who.userId, 'referralLink', '0'));
    await c.register({ username: first });
    expect(await linkOf(who)).to.equal(second);
  });
});

describe('A name of nobody (G44)', () => {
  const leadsNowhere = async (name: string) => {
    expect(await referrerBy(name), 'a signup').to.equal(null);
    const head = await c.service.events.head();
    await c.call('POST /referral/click/:code', { params: { code: name } });
    expect(await c.service.events.head(), 'a click').to.equal(head);
  };

  it('leads nowhere: that of a registration which has not finished', async () => {
    const username = someName();
    const isReserved = async () => (await typesOf(username)).length > 0;
    for (let call = 1; !(await isReserved()); call += 1) {
      const { ports } = crashingAt(c.service, { call, side: 'after' });
      await anotherProcess(c, ports)
        .call('POST /auth/register', { body: registration({ username }) })
        .catch(() => undefined);
    }
    await leadsNowhere(username);
  });

  it('leads nowhere: that of an account whose erasure has begun, though her names are not retired yet', async () => {
    const { userId, names } = await rita();
    await c.service.commands.handle(user, { type: 'RequestErasure', userId }, clockContext(c.service, userId, 'test'));
    for (const name of names) {
      expect(await typesOf(name)).not.to.include('Retired');
      await leadsNowhere(name);
    }
  });
});

describe('A name of her own (G44)', () => {
  it('stays hers however often she renames back and forth, and is reserved once', async () => {
    const [a, b] = [someName(), someName()];
    const who = await c.register({ username: a });
    await linkOf(who);
    for (const name of [b, a, b, a]) {
      await c.rename(who, name);
      expect(await linkOf(who)).to.equal(name);
      expect([await c.owner.name(a), await c.owner.name(b)]).to.deep.equal([who.userId, who.userId]);
      await c.advance(30 * DAY);
    }
    expect([await typesOf(a), await typesOf(b)]).to.deep.equal([['Reserved'], ['Reserved']]);
  });

  it('may be a code of hers that becomes her username, by rename or by upgrade', async () => {
    const [renamed, upgraded] = [await c.register(), await c.register()];
    const [first, second] = [await linkOf(renamed), await linkOf(upgraded)];
    await c.rename(renamed, first);
    const body = { displayName: 'Una', username: second };
    const { bioPageUrl } = await c.data('POST /creators/upgrade', { as: upgraded, body });
    expect(bioPageUrl).to.equal(`http://localhost:3000/${second}`);
    const taken = [
      [renamed, first],
      [upgraded, second],
    ] as const;
    for (const [who, name] of taken) {
      expect(await c.service.sealer.open(kinds.name, (await c.account(who)).username)).to.equal(name);
      expect(await typesOf(name)).to.deep.equal(['Reserved']);
    }
  });

  /** A rename that dies when the name is reserved and nothing is decided yet. */
  async function dyingRename(who: Person, username: string) {
    for (let call = 1; (await typesOf(username)).length === 0; call += 1) {
      const { ports } = crashingAt(c.service, { call, side: 'after' });
      await anotherProcess(c, ports)
        .call('PATCH /users/username', { as: who, body: { username }, key: `dies at ${call}` })
        .catch(() => undefined);
    }
    expect(await c.service.sealer.open(kinds.name, (await c.account(who)).username)).not.to.equal(username);
  }

  it('stays hers when another command for it is undone: that takes back its own mark only', async () => {
    const [first, second] = [someName(), someName()];
    const who = await c.register({ username: first });
    await dyingRename(who, second);
    await c.rename(who, second);
    expect(await typesOf(second)).to.deep.equal(['Reserved', 'Reserved']);
    await c.pass(60_000);
    expect(await typesOf(second)).to.deep.equal(['Reserved', 'Reserved', 'Released']);
    expect(await c.tick(), 'nothing is left to undo').to.equal(0);
    await c.advance(30 * DAY);
    await c.rename(who, first);
    expect(await c.owner.name(second)).to.equal(who.userId);
    const body = registration({ username: second });
    await c.refused('auth.register.username_taken', 'POST /auth/register', { body });
  });

  it('is hers once, with nothing left to undo, when she asks for it several times at once', async () => {
    const [who, username] = [await c.register({ username: someName() }), someName()];
    const ask = () => anotherProcess(c).call('PATCH /users/username', { as: who, body: { username } });
    const outcomes = await Promise.allSettled([ask(), ask(), ask()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const marks = (await typesOf(username)).map((type) => (type === 'Reserved' ? 1 : -1));
    expect(marks.reduce<number>((sum, mark) => sum + mark, 0)).to.equal(1);
    await c.advance(60_000);
    expect(await c.tick()).to.equal(0);
    expect(await c.owner.name(username)).to.equal(who.userId);
  });

  it('is one of 50 at most, codes of her link included; any of these can be taken again', async () => {
    await c.config('username.change_cooldown_days', 0);
    const who = await c.register();
    const code = await linkOf(who);
    const names = Array.from({ length: 49 }, () => someName());
    for (const name of names) await c.rename(who, name);
    const another = { as: who, body: { username: someName() } };
    await c.refused('error.user.too_many_names', 'PATCH /users/username', another);
    for (const name of [code, names[0] ?? '']) await c.rename(who, name);
    expect(await linkOf(who)).to.equal(names[0]);
  });

  it('leaves nothing to undo when she is erased while another command for it is unfinished', async () => {
    const who = await c.register({ username: someName() });
    const username = someName();
    await dyingRename(who, username);
    await c.rename(who, username);
    await c.admit('erase', who.userId);
    await c.pass(60_000);
    expect(await c.tick()).to.equal(0);
    expect(await typesOf(username)).to.deep.equal(['Reserved', 'Reserved', 'Retired', 'Released']);
    const body = registration({ username });
    await c.refused('auth.register.username_taken', 'POST /auth/register', { body });
  });

  it('is free again when the only command for it was undone', async () => {
    const [who, username] = [await c.register({ username: someName() }), someName()];
    await dyingRename(who, username);
    await c.pass(60_000);
    expect(await typesOf(username)).to.deep.equal(['Reserved', 'Released']);
    const heir = await c.register({ username });
    expect(await c.owner.name(username)).to.equal(heir.userId);
  });
});
