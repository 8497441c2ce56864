import { expect } from 'chai';
import { Refused } from '../../src/errors.js';
import { createAccountCheck, type AccountStatus } from '../../src/http/account.js';
import { rejection } from '../../testing/contract.js';
import { createManualTime } from '../../testing/manual-time.js';

const statuses = ['ACTIVE', 'DEACTIVATED', 'SUSPENDED', 'DELETED', 'ERASED', null] as const;

describe('The account of a caller (G46)', () => {
  const time = createManualTime();
  const caller = (role: 'USER' | 'ADMIN' | 'AUDITOR') => ({ userId: 'u', role });
  /** What is answered: 'in', or the key of the refusal. */
  const outcome = async (check: () => void | Promise<void>) => {
    try {
      await check();
      return 'in';
    } catch (error) {
      return (error as Refused).key;
    }
  };

  const admitted = {
    write: { USER: ['ACTIVE'], ADMIN: ['ACTIVE', null], AUDITOR: ['ACTIVE', null] },
    read: {
      USER: ['ACTIVE', 'DEACTIVATED', null],
      ADMIN: ['ACTIVE', 'DEACTIVATED', null],
      AUDITOR: ['ACTIVE', 'DEACTIVATED', null],
    },
  } as const;
  for (const what of ['write', 'read'] as const)
    for (const role of ['USER', 'ADMIN', 'AUDITOR'] as const)
      it(`admits a ${role} to a ${what} when it is ${admitted[what][role].map((status) => status ?? 'nowhere').join(', ')}`, async () => {
        for (const status of statuses) {
          const accountOf = async () => status;
          const check = createAccountCheck({ forWrites: accountOf, forReads: accountOf }, time);
          const admits = (admitted[what][role] as readonly (AccountStatus | null)[]).includes(status);
          expect(await outcome(() => check[what](caller(role))), String(status)).to.equal(
            admits ? 'in' : 'auth.account.unknown',
          );
        }
      });

  it('is asked before every write, and for reads once a second', async () => {
    let asked = 0;
    let status: AccountStatus = 'ACTIVE';
    const accountOf = async () => ((asked += 1), status);
    const check = createAccountCheck({ forWrites: accountOf, forReads: accountOf }, time);
    await check.write(caller('USER'));
    await check.write(caller('USER'));
    expect(asked).to.equal(2);
    await check.read(caller('USER'));
    expect(check.read(caller('USER')), 'no promise to wait for').to.equal(undefined);
    expect(asked).to.equal(3);
    status = 'SUSPENDED';
    await time.advance(999);
    expect(await outcome(() => check.read(caller('USER')))).to.equal('in');
    await time.advance(1);
    expect(await outcome(() => check.read(caller('USER')))).to.equal('auth.account.unknown');
    expect(await outcome(() => check.read(caller('USER')))).to.equal('auth.account.unknown');
    expect(asked).to.equal(4);
  });

  it('keeps the door shut, with 503, while nobody can tell; the next caller asks again', async () => {
    let answer = (): Promise<AccountStatus> => Promise.reject(new Error('store down'));
    const check = createAccountCheck({ forReads: () => answer() }, time);
    expect(await rejection(Promise.resolve(check.read(caller('USER'))))).to.include({
      key: 'common.unavailable',
      retryAfter: 5,
    });
    answer = () => Promise.reject(new Refused('common.view_degraded'));
    expect(await outcome(() => check.read(caller('USER')))).to.equal('common.view_degraded');
    answer = () => Promise.resolve('ACTIVE');
    expect(await outcome(() => check.read(caller('USER')))).to.equal('in');
  });

  it('does not matter where nobody is asked', () => {
    const check = createAccountCheck({}, time);
    expect([check.read(caller('USER')), check.write(caller('USER'))]).to.deep.equal([undefined, undefined]);
  });
});
