import { DAY, HOUR, MINUTE, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { userStream } from '../../src/domain/user.js';
import { openPeople, PASSWORD, someName, type People, type Person } from './people.js';

interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

const NEW = 'Better-horse-2';

describe('A password', () => {
  let c: People;
  let mails: Mail[];
  let broken: boolean;

  async function open(trustsAddresses: boolean) {
    mails = [];
    broken = false;
    const send = async (mail: Mail) => {
      if (broken) throw new Error('the mail server is away');
      mails.push(mail);
    };
    c = await openPeople({ providers: (simulators) => ({ ...simulators, mail: { trustsAddresses, send } }) });
  }
  beforeEach(() => open(true));
  afterEach(() => c.close());

  async function someone() {
    const email = `${someName()}@example.org`;
    return { ...(await c.register({ email })), email };
  }
  const logIn = async (email: string, password = PASSWORD) => {
    const { headers } = await c.call('POST /auth/login', { body: { email, password } });
    return headers?.['Set-Cookie']?.split(';')[0] ?? '';
  };
  const refreshes = async (cookie: string) =>
    (await c.call('POST /auth/refresh', { headers: { cookie } })).refused === undefined;
  const change = (as: Person, body: object, more: object = {}) => ({ as, body, ...more });
  const forgot = (email: string) => c.call('POST /auth/password/forgot', { body: { email } });
  const tokenIn = ({ text }: Mail) => /#token=([\w-]{43})\n/.exec(text)?.[1] ?? '';
  const lastToken = () => tokenIn(mails.at(-1) ?? { to: '', subject: '', text: '' });
  const reset = (token: string, password = NEW) => ({ body: { token, password } });
  const RESET = 'POST /auth/password/reset';

  describe('that is changed', () => {
    const row = 'POST /auth/password';

    it('opens the account afterwards, and the old one no more', async () => {
      const who = await someone();
      await c.call(row, change(who, { currentPassword: PASSWORD, newPassword: NEW }));
      await logIn(who.email, NEW);
      await c.refused('auth.login.invalid_credentials', 'POST /auth/login', {
        body: { email: who.email, password: PASSWORD },
      });
      expect(await c.types(userStream(who.userId))).to.deep.equal([
        ...['UserRegistered', 'UserPasswordChanged', 'SessionsRevoked'],
      ]);
    });

    it('ends every session but the one that asked', async () => {
      const who = await someone();
      const [mine, other] = [await logIn(who.email), await logIn(who.email)];
      const body = { currentPassword: PASSWORD, newPassword: NEW };
      await c.call(row, change(who, body, { headers: { cookie: mine } }));
      expect([await refreshes(mine), await refreshes(other)]).to.deep.equal([true, false]);
    });

    it("spares, and names, no session of somebody else's cookie", async () => {
      const [who, thief] = [await someone(), await someone()];
      const [mine, foreign] = [await logIn(who.email), await logIn(thief.email)];
      const body = { currentPassword: PASSWORD, newPassword: NEW };
      await c.call(row, change(who, body, { headers: { cookie: foreign } }));
      expect([await refreshes(mine), await refreshes(foreign)]).to.deep.equal([false, true]);
      const revoked = (await c.log(userStream(who.userId))).at(-1);
      expect(revoked?.data).to.deep.include({ cause: 'PASSWORD_CHANGED', kept: null });
    });

    it('is refused without the right one, and guessing is slowed down as at the login', async () => {
      const who = await someone();
      const wrong = change(who, { currentPassword: 'Wrong-horse-1', newPassword: NEW });
      for (let times = 0; times < 6; times += 1) await c.refused('auth.password.wrong', row, wrong);
      await c.refused('common.rate_limited', row, wrong);
      expect(await c.types(userStream(who.userId))).to.deep.equal(['UserRegistered']);
    });

    it('by a repeated request is changed once', async () => {
      const who = await someone();
      const request = change(who, { currentPassword: PASSWORD, newPassword: NEW }, { key: 'change-1' });
      const first = await c.data(row, request);
      expect(await c.data(row, request)).to.deep.equal(first);
      expect(await c.types(userStream(who.userId))).to.have.length(3);
    });
  });

  describe('that is forgotten', () => {
    it('is chosen anew with the link of a mail, which ends every session', async () => {
      const who = await someone();
      const cookie = await logIn(who.email);
      await forgot(who.email.toUpperCase());
      await c.pass(SECOND);
      expect(mails).to.have.length(1);
      expect(mails[0]).to.include({ to: who.email, subject: 'Choose a new password' });
      expect(mails[0]?.text).to.include('http://localhost:3000/auth/reset-password#token=');
      await c.call(RESET, reset(lastToken()));
      await logIn(who.email, NEW);
      expect(await refreshes(cookie)).to.equal(false);
    });

    it('answers the same, and stores as much, whoever has the address or nobody; only one gets a mail', async () => {
      const { email } = await someone();
      const stored = () => c.service.reads.count('mailRequests');
      const known = await forgot(email);
      expect(await stored()).to.equal(1);
      expect(await forgot('nobody@example.org')).to.deep.equal(known);
      expect(await stored()).to.equal(2);
      expect(mails, 'while the caller waits').to.deep.equal([]);
      await c.pass(SECOND);
      expect(mails.map(({ to }) => to)).to.deep.equal([email]);
    });

    it('is chosen once by one link, and void are all that were sent before', async () => {
      const { email } = await someone();
      for (let times = 0; times < 2; times += 1) {
        await forgot(email);
        await c.pass(SECOND);
      }
      const [first = '', second = ''] = mails.map(tokenIn);
      await c.call(RESET, reset(first));
      for (const used of [first, second, 'x', '']) await c.refused('auth.mail.invalid_token', RESET, reset(used));
    });

    it('is void after 30 minutes, and after the password was changed', async () => {
      const who = await someone();
      await forgot(who.email);
      await c.pass(SECOND);
      const late = lastToken();
      await c.advance(30 * MINUTE);
      await c.refused('auth.mail.invalid_token', RESET, reset(late));
      await forgot(who.email);
      await c.pass(SECOND);
      await c.call('POST /auth/password', change(who, { currentPassword: PASSWORD, newPassword: NEW }));
      await c.refused('auth.mail.invalid_token', RESET, reset(lastToken(), 'Other-horse-3'));
    });

    it('stores no token, no address and nothing at all for long', async () => {
      const { email } = await someone();
      await forgot(email);
      const stored = async () => {
        const all = await Promise.all(
          ['mailRequests', 'mailTokens'].map((name) => c.service.reads.find(name, { limit: 9 })),
        );
        return JSON.stringify(all, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
      };
      expect(await stored()).to.not.include(email);
      await c.pass(SECOND);
      expect(await stored()).to.not.include(lastToken());
      await c.pass(DAY);
      expect(await stored()).to.equal('[[],[]]');
    });

    it('is sent three times an hour to one address at most', async () => {
      const { email } = await someone();
      for (let times = 0; times < 5; times += 1) await forgot(email);
      await c.pass(SECOND);
      expect(mails).to.have.length(3);
      await c.pass(HOUR);
      await forgot(email);
      await c.pass(SECOND);
      expect(mails).to.have.length(4);
    });

    it('is sent a minute later where the mail server was away, for a quarter of an hour', async () => {
      const { email } = await someone();
      broken = true;
      await forgot(email);
      await c.pass(SECOND);
      broken = false;
      await c.pass(30 * SECOND);
      expect(mails).to.deep.equal([]);
      await c.pass(30 * SECOND);
      expect(mails).to.have.length(1);
      broken = true;
      await forgot(email);
      for (let minutes = 0; minutes < 16; minutes += 1) await c.pass(MINUTE);
      broken = false;
      await c.pass(MINUTE);
      expect(mails).to.have.length(1);
    });

    it('is not sent to an erased person, whose links are void', async () => {
      const who = await someone();
      await forgot(who.email);
      await c.pass(SECOND);
      const token = lastToken();
      await c.admit('erase', who.userId);
      await c.pass(SECOND);
      await forgot(who.email);
      await c.pass(SECOND);
      expect(mails).to.have.length(1);
      await c.refused('auth.mail.invalid_token', RESET, reset(token));
    });
  });

  describe('of an address that is to be proved', () => {
    beforeEach(async () => {
      await c.close();
      await open(false);
    });
    const VERIFY = 'POST /auth/email/verify';

    it('opens the account once the link of the mail was followed', async () => {
      const who = await someone();
      const login = { body: { email: who.email, password: PASSWORD } };
      await c.refused('auth.login.email_not_verified', 'POST /auth/login', login);
      await c.pass(SECOND);
      expect(mails[0]).to.include({ to: who.email, subject: 'Confirm your e-mail address' });
      expect(mails[0]?.text).to.include('http://localhost:3000/auth/verify-email#token=');
      await c.refused('auth.mail.invalid_token', RESET, reset(lastToken()));
      await c.call(VERIFY, { body: { token: lastToken() } });
      await c.call('POST /auth/login', login);
      await c.refused('auth.mail.invalid_token', VERIFY, { body: { token: lastToken() } });
    });

    it('is sent the link again, while it is needed', async () => {
      const { email } = await someone();
      const again = () => c.call('POST /auth/email/resend', { body: { email } });
      await c.pass(SECOND);
      await again();
      await c.pass(SECOND);
      expect(mails).to.have.length(2);
      await c.call(VERIFY, { body: { token: lastToken() } });
      await again();
      await c.pass(SECOND);
      expect(mails).to.have.length(2);
    });
  });
});
