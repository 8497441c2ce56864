import { kinds } from '@creator-dashboards/shared/events/sealed';
import { HOUR, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { ZodError } from 'zod';
import { userStream } from '../../src/domain/user.js';
import { anotherProcess, as, openPeople, PASSWORD, registration, someName, type People } from './people.js';

describe('Registration', () => {
  let c: People;
  before(async () => {
    c = await openPeople();
  });
  after(() => c.close());

  it('answers 201 with userId and position, and treats the address as verified (domain 8)', async () => {
    const response = await c.call('POST /auth/register', { body: registration({ intent: 'CREATOR' }) });
    const { userId, position } = response.data as Record<string, string>;
    expect(response.status).to.equal(201);
    const [registered] = await c.log(userStream(userId ?? ''));
    expect(registered?.type).to.equal('UserRegistered');
    expect(registered?.data).to.deep.include({ userId, emailVerifiedAt: c.now(), intent: 'CREATOR', referredBy: null });
    expect(position).to.equal(registered?.position.toString());
  });

  it('seals all that identifies a person, in data and in stream names (G42, 9.8)', async () => {
    const email = `Visible.${someName()}@Example.org`;
    const username = someName();
    const code = someName();
    const referrer = await c.register({ username: code });
    const given = { email, username, displayName: 'Visible Name', referralCode: code };
    const { userId } = await c.register(given);
    const [registered] = await c.log(userStream(userId));
    const written = JSON.stringify((await c.log()).map(({ data, metadata, stream }) => [data, metadata, stream]));
    for (const text of [email, email.toLowerCase(), username, 'Visible Name', code, PASSWORD])
      expect(written, text).not.to.include(text);
    if (registered?.type !== 'UserRegistered') return expect.fail('not registered');
    const open = c.service.sealer.open;
    expect(await open(kinds.email, registered.data.email)).to.equal(email);
    expect(await open(kinds.name, registered.data.username)).to.equal(username);
    expect(await open(kinds.displayName, registered.data.displayName)).to.equal('Visible Name');
    expect(await open(kinds.name, registered.data.referralCodeUsed)).to.equal(code);
    expect(registered.data.referralCodeUsed?.subject, 'it is the referrer’s name').to.equal(referrer.userId);
    expect(await open(kinds.passwordHash, registered.data.passwordHash)).to.match(/^\$argon2id\$/);
  });

  const invalid: Readonly<Record<string, Record<string, unknown>>> = {
    'no e-mail address': { email: 'somebody at home' },
    'a password of 7 characters': { password: 'Abcdef1' },
    'a password of 129 characters': { password: `Aa1${'x'.repeat(126)}` },
    'a password without upper case': { password: 'abcdefg1' },
    'a password without lower case': { password: 'ABCDEFG1' },
    'a password without a digit': { password: 'Abcdefgh' },
    'terms not accepted': { acceptTerms: false },
    'privacy not accepted': { acceptPrivacy: undefined },
    'an unknown intent': { intent: 'ADMIN' },
    'a field nobody knows': { role: 'ADMIN' },
  };
  for (const [what, given] of Object.entries(invalid))
    it(`refuses ${what}`, async () => {
      const error = await c
        .call('POST /auth/register', { body: registration(given) })
        .catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ZodError);
    });

  it('accepts passwords of 8 and of 128 characters', async () => {
    await c.register({ password: 'Abcdefz1' });
    await c.register({ password: `Aa1${'x'.repeat(125)}` });
  });

  it('gives an address to one user only, whatever its case', async () => {
    const name = someName();
    await c.register({ email: `${name}@example.org` });
    await c.refused('auth.register.email_taken', 'POST /auth/register', {
      body: registration({ email: ` ${name.toUpperCase()}@EXAMPLE.org ` }),
    });
  });

  it('gives a username to one user only, whatever its case', async () => {
    const username = someName();
    await c.register({ username });
    const body = registration({ username: username.toUpperCase() });
    await c.refused('auth.register.username_taken', 'POST /auth/register', { body });
    expect(await c.owner.email(body.email as string), 'the address is free').to.equal(null);
  });

  it('refuses usernames that are reserved, too short, too long or malformed', async () => {
    const refused = (key: Parameters<People['refused']>[0], username: string) =>
      c.refused(key, 'POST /auth/register', { body: registration({ username }) });
    await refused('auth.register.username_taken', 'Admin');
    await refused('error.user.username_length', 'ab');
    await refused('error.user.username_length', 'x'.repeat(31));
    await refused('error.user.username_format', 'no space');
  });

  it('is closed by platform.registration_enabled, with an error of its own (403)', async () => {
    await c.config('platform.registration_enabled', false);
    await c.refused('auth.register.closed', 'POST /auth/register', { body: registration() });
    await c.config('platform.registration_enabled', true);
    await c.register();
  });

  it('gives an address or username to exactly one of two parallel requests (G43)', async () => {
    const email = `${someName()}@example.org`;
    const username = someName();
    const race = async (given: Record<string, unknown>) => {
      const processes = [anotherProcess(c), anotherProcess(c), anotherProcess(c)];
      const outcomes = await Promise.allSettled(
        processes.map(({ call }) => call('POST /auth/register', { body: registration(given) })),
      );
      return outcomes.map(({ status }) => status).sort();
    };
    expect(await race({ email })).to.deep.equal(['fulfilled', 'rejected', 'rejected']);
    expect(await race({ username })).to.deep.equal(['fulfilled', 'rejected', 'rejected']);
    const users = new Set((await c.log()).filter(({ type }) => type === 'UserRegistered').map(({ stream }) => stream));
    expect(users).to.include(userStream((await c.owner.email(email)) ?? ''));
    expect(users).to.include(userStream((await c.owner.name(username)) ?? ''));
  });
});

describe('Registration with an Idempotency-Key (9.7, G30)', () => {
  let c: People;
  beforeEach(async () => {
    c = await openPeople();
  });
  afterEach(() => c.close());

  const usersIn = async () => (await c.types()).filter((type) => type === 'UserRegistered').length;

  it('repeats its first answer, in parallel, in another process and later', async () => {
    const body = registration({ username: someName() });
    const askedOf = ({ call }: Pick<People, 'call'>) => call('POST /auth/register', { body, key: 'k' });
    const together = await Promise.all([anotherProcess(c), anotherProcess(c), c].map(askedOf));
    const [first] = together;
    for (const other of together) expect(other).to.deep.equal(first);
    await c.advance(HOUR);
    expect(await askedOf(anotherProcess(c)), 'after a restart').to.deep.equal(first);
    expect(await usersIn()).to.equal(1);
  });

  it('repeats its first answer after the account has changed', async () => {
    const body = registration();
    const first = await c.data('POST /auth/register', { body, key: 'k' });
    await c.rename(as(first.userId as string), someName());
    await c.call('POST /users/delete', { as: as(first.userId as string), body: {} });
    expect(await c.data('POST /auth/register', { body, key: 'k' })).to.deep.equal(first);
  });

  it('repeats its first answer although registration was closed in the meantime', async () => {
    const body = registration();
    const first = await c.data('POST /auth/register', { body, key: 'k' });
    await c.config('platform.registration_enabled', false);
    expect(await c.data('POST /auth/register', { body, key: 'k' })).to.deep.equal(first);
  });

  it('is refused with 422 for another body', async () => {
    const body = registration();
    await c.call('POST /auth/register', { body, key: 'k' });
    const other = { ...body, displayName: 'Somebody' };
    await c.refused('common.idempotency_mismatch', 'POST /auth/register', { body: other, key: 'k' });
  });

  it('is refused with 422 for another password, and the first one counts', async () => {
    const body = registration();
    await c.call('POST /auth/register', { body, key: 'k' });
    const other = { ...body, password: 'Another-horse-1' };
    await c.refused('common.idempotency_mismatch', 'POST /auth/register', { body: other, key: 'k' });
    const login = (password: string) => ({ body: { email: body.email, password } });
    await c.refused('auth.login.invalid_credentials', 'POST /auth/login', login('Another-horse-1'));
    await c.call('POST /auth/login', login(PASSWORD));
  });

  it('releases what another body under the key had reserved before it stopped (G43)', async () => {
    const first = registration();
    const halted = anotherProcess(c, { events: dyingAt(c, 2) });
    await halted.call('POST /auth/register', { body: first, key: 'k' }).catch(() => undefined);
    expect(await c.owner.email(first.email as string)).not.to.equal(null);
    const { userId } = await c.data('POST /auth/register', { body: registration(), key: 'k' });
    await c.pass(60 * SECOND);
    expect(await c.owner.email(first.email as string)).to.equal(null);
    expect((await c.account({ userId: userId as string })).status).to.equal('ACTIVE');
  });
});

/** The log of a process that dies at its nth append. */
function dyingAt({ service: { events } }: People, nth: number): typeof events {
  let appends = 0;
  return {
    ...events,
    append: (...batch) => {
      appends += 1;
      return appends >= nth ? Promise.reject(new Error('the process died')) : events.append(...batch);
    },
  };
}
