import { expect } from 'chai';
import { Refused } from '../../src/errors.js';
import { createAccountCheck, type AccountStatus } from '../../src/http/account.js';
import { rejection } from '../../testing/contract.js';

const statuses = ['ACTIVE', 'DEACTIVATED', 'SUSPENDED', 'DELETED', 'ERASED', null] as const;

describe('The account of a caller (G46)', () => {
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
          const check = createAccountCheck({ forWrites: accountOf, forReads: accountOf });
          const admits = (admitted[what][role] as readonly (AccountStatus | null)[]).includes(status);
          expect(await outcome(() => check[what](caller(role))), String(status)).to.equal(
            admits ? 'in' : 'auth.account.unknown',
          );
        }
      });

  it('is asked before every write and every read', async () => {
    let status: AccountStatus = 'ACTIVE';
    const accountOf = async () => status;
    const check = createAccountCheck({ forWrites: accountOf, forReads: accountOf });
    for (const what of ['write', 'read'] as const) {
      status = 'ACTIVE';
      expect(await outcome(() => check[what](caller('USER'))), what).to.equal('in');
      status = 'SUSPENDED';
      expect(await outcome(() => check[what](caller('USER'))), what).to.equal('auth.account.unknown');
    }
  });

  it('keeps the door shut, with 503, while nobody can tell; the next caller asks again', async () => {
    let answer = (): Promise<AccountStatus> => Promise.reject(new Error('store down'));
    const check = createAccountCheck({ forReads: () => answer() });
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
    const check = createAccountCheck({});
    expect([check.read(caller('USER')), check.write(caller('USER'))]).to.deep.equal([undefined, undefined]);
  });
});
