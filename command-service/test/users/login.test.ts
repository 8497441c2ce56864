import { DAY, HOUR, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { userStream } from '../../src/domain/user.js';
import { happened } from '../money/people.js';
import { openPeople, PASSWORD, someName, type People, type Person } from './people.js';

describe('Login', () => {
  let c: People;
  let failed = 0;
  before(async () => {
    c = await openPeople({ onLoginFailed: () => (failed += 1) });
  });
  after(() => c.close());

  const login = (email: string, password = PASSWORD) => ({ body: { email, password } });

  async function registered() {
    const email = `${someName()}@example.org`;
    return { email, who: await c.register({ email }) };
  }

  /** Registration verifies the address at once (domain 8), so an account without a verified address is appended as an event. */
  async function forgetVerification({ userId }: Person): Promise<void> {
    const [registered] = await c.log(userStream(userId));
    if (registered?.type !== 'UserRegistered') return expect.fail('not registered');
    const data = { ...registered.data, emailVerifiedAt: null };
    await happened(c, userStream(userId), { userId }, [{ type: 'UserRegistered', data }]);
  }

  it('answers an access token of 900 s for the user, with the role USER (G35)', async () => {
    const { email, who } = await registered();
    const { status, data } = await c.call('POST /auth/login', login(` ${email.toUpperCase()}`));
    expect([status ?? 200, data]).to.deep.equal([200, { accessToken: `token of ${who.userId} USER`, expiresIn: 900 }]);
  });

  it('writes nothing', async () => {
    const { email } = await registered();
    const before = await c.service.events.head();
    await c.call('POST /auth/login', login(email));
    expect(await c.service.events.head()).to.equal(before);
  });

  it('answers the same for a wrong password and for an unknown address', async () => {
    const { email } = await registered();
    await c.refused('auth.login.invalid_credentials', 'POST /auth/login', login(email, 'Wrong-horse-1'));
    await c.refused('auth.login.invalid_credentials', 'POST /auth/login', login('nobody@example.org'));
    await c.refused('auth.login.invalid_credentials', 'POST /auth/login', login('', ''));
  });

  describe('to one account, tried again and again', () => {
    const row = 'POST /auth/login';
    const wrong = (email: string) => c.refused('auth.login.invalid_credentials', row, login(email, 'Wrong-horse-1'));
    const tooEarly = async (email: string, seconds: number) => {
      const error = await c.call(row, login(email)).catch((thrown: unknown) => thrown);
      expect(error).to.include({ key: 'common.rate_limited', retryAfter: seconds });
    };

    it('is slower after five failures, also with the right password, twice as slow each time, and for nobody else', async () => {
      const { email } = await registered();
      for (let failures = 0; failures < 5; failures += 1) await wrong(email);
      for (const seconds of [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
        await wrong(email);
        await tooEarly(email, seconds);
        await c.advance(seconds * SECOND);
      }
      await c.call(row, login((await registered()).email));
      await c.call(row, login(email));
      await c.advance(HOUR);
      for (let failures = 0; failures < 5; failures += 1) await wrong(email);
    });

    it('is as slow where there is no account', async () => {
      for (let failures = 0; failures < 6; failures += 1) await wrong('nobody.else@example.org');
      await tooEarly('Nobody.Else@example.org ', 2);
    });

    it('counts failures only', async () => {
      const { email } = await registered();
      for (let times = 0; times < 10; times += 1) await c.call(row, login(email));
      failed = 0;
      await wrong(email);
      expect(failed).to.equal(1);
    });
  });

  it('takes as much work for an unknown address as for a wrong password', async () => {
    const { email } = await registered();
    const timeOf = async (options: ReturnType<typeof login>) => {
      const begun = process.cpuUsage();
      await c.refused('auth.login.invalid_credentials', 'POST /auth/login', options);
      const { user, system } = process.cpuUsage(begun);
      return user + system;
    };
    // The least of some: the garbage collector works in between.
    const known: number[] = [];
    const unknown: number[] = [];
    for (let times = 0; times < 4; times += 1) {
      known.push(await timeOf(login(email, 'Wrong-1')));
      unknown.push(await timeOf(login('nobody@example.org')));
    }
    expect(Math.min(...unknown), `${unknown.join()} and ${known.join()} microseconds`).to.be.greaterThan(
      Math.min(...known) / 4,
    );
  });

  it('reveals that an account is suspended, deactivated or unverified only with the right password', async () => {
    const suspended = await registered();
    await c.admit('suspend', suspended.who.userId);
    const deactivated = await registered();
    await c.call('POST /users/delete', { as: deactivated.who, body: {} });
    const unverified = await registered();
    await forgetVerification(unverified.who);
    const cases = [
      ['auth.login.account_suspended', suspended.email],
      ['auth.login.account_deactivated', deactivated.email],
      ['auth.login.email_not_verified', unverified.email],
    ] as const;
    for (const [key, address] of cases) {
      await c.refused(key, 'POST /auth/login', login(address));
      await c.refused('auth.login.invalid_credentials', 'POST /auth/login', login(address, 'Wrong-horse-1'));
    }
  });

  it('works again after reinstatement or reactivation (G37)', async () => {
    const suspended = await registered();
    await c.admit('suspend', suspended.who.userId);
    await c.admit('reinstate', suspended.who.userId);
    await c.call('POST /auth/login', login(suspended.email));
    const deactivated = await registered();
    await c.call('POST /users/delete', { as: deactivated.who, body: {} });
    await c.call('POST /users/reactivate', { as: deactivated.who });
    await c.pass(40 * DAY);
    await c.call('POST /auth/login', login(deactivated.email));
  });

  it('does not hold up others while it checks a password', async () => {
    const { email } = await registered();
    const order: string[] = [];
    const checking = c.call('POST /auth/login', login(email)).then(() => order.push('login'));
    await new Promise((resolve) => setImmediate(resolve)).then(() => order.push('others'));
    await checking;
    expect(order).to.deep.equal(['others', 'login']);
  });
});
