import { kinds } from '@creator-dashboards/shared/events/sealed';
import { DAY, MINUTE } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { block, blockStream } from '../../src/domain/block.js';
import { ZodError } from 'zod';
import { userStream } from '../../src/domain/user.js';
import { repointReferralCode } from '../../src/policies/referral-code.js';
import { creatorIdOf, newId } from '@creator-dashboards/shared/ids';
import { anotherProcess, as, admin, openPeople, registration, someName, type People, type Person } from './people.js';

let c: People;
before(async () => {
  c = await openPeople();
});
after(() => c.close());

const lastOf = async ({ userId }: Person) => (await c.log(userStream(userId))).at(-1);

describe('The avatar of an account', () => {
  const set = (who: Person, avatarUrl: unknown, key?: string) =>
    c.data('PATCH /users/avatar', { as: who, body: { avatarUrl }, ...(key && { key }) });

  it('is set, returned and sealed', async () => {
    const who = await c.register();
    const avatarUrl = 'https://pictures.example.org/ada.png';
    const { position, ...data } = await set(who, avatarUrl);
    expect(data).to.deep.equal({ avatarUrl });
    const event = await lastOf(who);
    expect(position).to.equal(event?.position.toString());
    expect(JSON.stringify(event?.data)).not.to.include('pictures');
    expect(await c.service.sealer.open(kinds.avatarUrl, (await c.account(who)).avatarUrl)).to.equal(avatarUrl);
  });

  it('is no other for the same address: nothing is written', async () => {
    const who = await c.register();
    for (const avatarUrl of ['https://example.org/x', null]) {
      await set(who, avatarUrl);
      const head = await c.service.events.head();
      expect(await set(who, avatarUrl)).to.include({ avatarUrl });
      expect(await c.service.events.head()).to.equal(head);
    }
  });

  it('is removed by null', async () => {
    const who = await c.register();
    await set(who, 'http://example.org/x');
    expect((await set(who, null)).avatarUrl).to.equal(null);
    expect((await lastOf(who))?.data).to.deep.equal({ userId: who.userId, avatarUrl: null });
  });

  it('must be an http(s) address of at most 2048 characters', async () => {
    const who = await c.register();
    await set(who, `https://x.org/${'y'.repeat(2_034)}`);
    for (const wrong of ['javascript:alert(1)', 'ftp://x.org/a', 'x', 'http://', `https://x.org/${'y'.repeat(2_035)}`])
      expect(await set(who, wrong).catch((error: unknown) => error), wrong).to.be.instanceOf(ZodError);
  });

  it('repeats the first answer for the same Idempotency-Key, and refuses another body with 422 (9.7)', async () => {
    const who = await c.register();
    const first = await set(who, 'https://x.org/1', 'k');
    await set(who, 'https://x.org/2');
    expect(await set(who, 'https://x.org/1', 'k')).to.deep.equal(first);
    expect(await c.service.sealer.open(kinds.avatarUrl, (await c.account(who)).avatarUrl)).to.equal('https://x.org/2');
    const other = { as: who, body: { avatarUrl: 'https://x.org/3' }, key: 'k' };
    await c.refused('common.idempotency_mismatch', 'PATCH /users/avatar', other);
  });

  it('requires an active account', async () => {
    await c.refused('auth.account.unknown', 'PATCH /users/avatar', { as: as(newId()), body: { avatarUrl: null } });
    const who = await c.register();
    await c.admit('suspend', who.userId);
    await c.refused('auth.account.unknown', 'PATCH /users/avatar', { as: who, body: { avatarUrl: null } });
  });
});

describe('The username of an account', () => {
  it('is changed, lower-cased and returned; the old one stays hers (G44)', async () => {
    const [old, next] = [someName(), someName()];
    const who = await c.register({ username: old });
    const { data } = await c.rename(who, ` ${next.toUpperCase()} `);
    expect(data).to.deep.include({ username: next });
    expect([await c.owner.name(old), await c.owner.name(next)]).to.deep.equal([who.userId, who.userId]);
    const body = registration({ username: old });
    await c.refused('auth.register.username_taken', 'POST /auth/register', { body });
  });

  it('is answered with the position of the last follow-up (9.3)', async () => {
    const who = await c.register({ username: someName() });
    await c.call('GET /referral/link', { as: who });
    const { data } = await c.rename(who, someName());
    expect(data).to.deep.include({ position: (await c.service.events.head()).toString() });
    expect((await c.log()).at(-1)?.type).to.equal('ReferralCodeRepointed');
  });

  it('must have 3 to 30 characters out of a-z, 0-9, dot, underscore and hyphen', async () => {
    const who = await c.register();
    const refused = (key: Parameters<People['refused']>[0], username: string) =>
      c.refused(key, 'PATCH /users/username', { as: who, body: { username } });
    await refused('error.user.username_length', 'ab');
    await refused('error.user.username_length', 'x'.repeat(31));
    await refused('error.user.username_format', 'a b c');
    await refused('error.user.username_format', 'äöü');
    await refused('error.user.username_taken', 'console');
    await c.rename(who, 'a.b_c-9');
    const error = await c.rename(who, 'ab').catch((thrown: unknown) => thrown);
    expect(error).to.have.deep.property('vars', { min: 3, max: 30 });
  });

  it('is refused when unchanged, taken, or within the cooldown, and leaves no reservation', async () => {
    const [mine, theirs, next] = [someName(), someName(), someName()];
    const who = await c.register({ username: mine });
    await c.register({ username: theirs });
    const refused = (key: Parameters<People['refused']>[0], username: string) =>
      c.refused(key, 'PATCH /users/username', { as: who, body: { username } });
    const before = await c.service.events.head();
    await refused('error.user.username_same', mine.toUpperCase());
    await refused('error.user.username_taken', theirs);
    expect(await c.service.events.head(), 'nothing was written').to.equal(before);
    await c.rename(who, next);
    const last = someName();
    await refused('error.user.username_cooldown', last);
    expect(await c.owner.name(last)).to.equal(null);
  });

  it('repeats the first answer for the same Idempotency-Key, in parallel and after later changes (9.7)', async () => {
    const who = await c.register({ username: someName() });
    const body = { username: someName() };
    const ask = ({ call }: Pick<People, 'call'>) => call('PATCH /users/username', { as: who, body, key: 'k' });
    const [first, second] = await Promise.all([ask(c), ask(anotherProcess(c))]);
    expect(second.data).to.deep.include({ username: body.username });
    await c.config('username.change_cooldown_days', 0);
    await c.rename(who, someName());
    expect((await ask(anotherProcess(c))).data).to.deep.equal(first.data);
    await c.config('username.change_cooldown_days', 30);
    const renames = (await c.types(userStream(who.userId))).filter((type) => type === 'UsernameChanged');
    expect(renames).to.have.length(2);
  });

  it('goes to one of two who request it at the same time (G43)', async () => {
    const username = someName();
    const people = [await c.register(), await c.register(), await c.register()];
    const outcomes = await Promise.allSettled(
      people.map((who) => anotherProcess(c).call('PATCH /users/username', { as: who, body: { username } })),
    );
    const winners = people.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners.map(({ userId }) => userId)).to.deep.equal([await c.owner.name(username)]);
  });

  it('can be taken back after it was given up', async () => {
    const [a, b] = [someName(), someName()];
    const who = await c.register({ username: a });
    await c.rename(who, b);
    await c.advance(30 * DAY);
    await c.rename(who, a);
    expect([await c.owner.name(a), await c.owner.name(b)]).to.deep.equal([who.userId, who.userId]);
  });

  it('keeps its referral link when an outdated change is delivered again, much later (9.3)', async () => {
    const [a, b] = [someName(), someName()];
    const who = await c.register({ username: a });
    await c.call('GET /referral/link', { as: who });
    await c.rename(who, b);
    await c.advance(30 * DAY);
    await c.rename(who, a);
    const outdated = (await c.log(userStream(who.userId))).find(({ type }) => type === 'UsernameChanged');
    if (outdated?.type !== 'UsernameChanged') return expect.fail('never renamed');
    // Another id, as if its first follow-ups were no longer remembered.
    await repointReferralCode.react({ ...outdated, id: newId() }, c.service);
    expect(await c.data('GET /referral/link', { as: who })).to.include({ code: a });
  });

  it('is set by an upgrade that names one, and then no other is needed', async () => {
    const who = await c.register();
    const username = someName();
    await c.call('POST /creators/upgrade', { as: who, body: { displayName: 'Ada', username } });
    expect(await c.service.sealer.open(kinds.name, (await c.account(who)).username)).to.equal(username);
    expect(await c.owner.name(username)).to.equal(who.userId);
  });
});

describe('Blocking another account', () => {
  const blocking = (who: Person, userId: string) => ({ as: who, params: { userId } });

  it('is recorded one way, once', async () => {
    const [who, other] = [await c.register(), await c.register()];
    await c.call('POST /users/block/:userId', blocking(who, other.userId.toUpperCase()));
    const { state } = await c.service.commands.load(block, blockStream(who.userId, other.userId));
    expect(state.by).to.deep.equal([who.userId]);
    await c.refused('user.block.already_blocked', 'POST /users/block/:userId', blocking(who, other.userId));
    await c.call('DELETE /users/block/:userId', blocking(who, other.userId));
    await c.refused('user.block.not_blocked', 'DELETE /users/block/:userId', blocking(who, other.userId));
  });

  it('is refused for oneself and for unknown accounts', async () => {
    const who = await c.register();
    await c.refused('user.block.self', 'POST /users/block/:userId', blocking(who, who.userId));
    await c.refused('error.user.not_found', 'POST /users/block/:userId', blocking(who, newId()));
    await c.refused('user.block.not_blocked', 'DELETE /users/block/:userId', blocking(who, newId()));
  });

  it('repeats the first answer even when the other account is gone (9.7)', async () => {
    const [who, other] = [await c.register(), await c.register()];
    const call = { ...blocking(who, other.userId), key: 'k' };
    const first = await c.data('POST /users/block/:userId', call);
    await c.admit('erase', other.userId);
    expect(await c.data('POST /users/block/:userId', call)).to.deep.equal(first);
    await c.refused('error.user.not_found', 'POST /users/block/:userId', blocking(await c.register(), other.userId));
  });
});

describe('Leaving the platform (G37)', () => {
  const leave = (who: Person, body = {}, key?: string) => ({ as: who, body, ...(key && { key }) });

  it('deactivates the account at once, says when it will be erased, keeps the reason sealed', async () => {
    const who = await c.register();
    const { purgeAt } = await c.data('POST /users/delete', leave(who, { reason: 'too loud' }));
    expect(Date.parse(purgeAt as string) - Date.parse(c.now())).to.equal(30 * DAY);
    const event = await lastOf(who);
    if (event?.type !== 'UserDeactivated') return expect.fail('not deactivated');
    expect(await c.service.sealer.open(kinds.reason, event.data.reason)).to.equal('too loud');
    expect(JSON.stringify(event.data)).not.to.include('loud');
  });

  it('repeats the first answer, though the account is inactive by then (9.7)', async () => {
    const who = await c.register();
    const first = await c.data('POST /users/delete', leave(who, { reason: 'enough' }, 'k'));
    await c.advance(MINUTE);
    expect(await c.data('POST /users/delete', leave(who, { reason: 'enough' }, 'k'))).to.deep.equal(first);
    await c.refused('auth.account.unknown', 'POST /users/delete', leave(who));
  });

  it('deactivates the creator profile too, and coming back reactivates it', async () => {
    const who = await c.register({ username: someName() });
    await c.call('POST /creators/upgrade', { as: who, body: { displayName: 'Ada' } });
    const stream = `creator-${creatorIdOf(who.userId)}`;
    const { position } = await c.data('POST /users/delete', leave(who));
    const deactivated = (await c.log(stream)).at(-1);
    expect(deactivated?.type).to.equal('CreatorDeactivated');
    expect(position).to.equal(deactivated?.position.toString());
    await c.call('POST /users/reactivate', { as: who });
    expect((await c.log(stream)).at(-1)?.type).to.equal('CreatorReinstated');
  });

  it('can be undone only while deactivated, by an account that exists', async () => {
    const who = await c.register();
    await c.refused('error.user.account_not_deactivated', 'POST /users/reactivate', { as: who });
    await c.refused('auth.account.unknown', 'POST /users/reactivate', { as: as(newId()) });
    await c.admit('suspend', who.userId);
    await c.refused('error.user.account_not_deactivated', 'POST /users/reactivate', { as: who });
  });

  it('erases by the clock after gdpr.delete_grace_days, not before, and not after coming back', async () => {
    const [leaving, returning] = [await c.register(), await c.register()];
    for (const who of [leaving, returning]) await c.call('POST /users/delete', leave(who));
    await c.pass(30 * DAY - 1);
    expect((await c.account(leaving)).status).to.equal('DEACTIVATED');
    await c.call('POST /users/reactivate', { as: returning });
    await c.pass(1);
    expect((await c.account(leaving)).status).to.equal('ERASED');
    expect((await c.account(returning)).status).to.equal('ACTIVE');
    await c.pass(30 * DAY);
    expect((await c.account(returning)).status).to.equal('ACTIVE');
  });
});

describe('An admin who acts on an account', () => {
  it('suspends and reinstates, leaving actor and sealed reason in the log (G34)', async () => {
    const who = await c.register();
    await c.admit('suspend', who.userId);
    const suspended = await lastOf(who);
    if (suspended?.type !== 'UserSuspended') return expect.fail('not suspended');
    expect(suspended.metadata.actor).to.deep.equal(admin);
    expect(suspended.metadata.reason?.subject).to.equal(who.userId);
    expect(await c.service.sealer.open(kinds.reason, suspended.metadata.reason)).to.equal('decided');
    expect(await c.accounts.forWrites(who.userId)).to.not.equal('ACTIVE');
    await c.admit('reinstate', who.userId);
    expect(await c.accounts.forWrites(who.userId)).to.equal('ACTIVE');
  });

  it('gets an error for an unknown account, and no key is created for it', async () => {
    const userId = newId();
    for (const action of ['suspend', 'reinstate', 'erase']) {
      const call = { as: admin, params: { userId }, body: { reason: 'x' } };
      await c.refused('error.user.not_found', `POST /admin/users/:userId/${action}`, call);
    }
    expect(await c.service.keys.get(userId)).to.equal('none');
  });
});
