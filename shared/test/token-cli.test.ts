import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { tokenCommand } from '../src/token-cli.js';
import { environment, movableClock, noon, userId } from './http/toy-app.js';

const run = (...args: string[]) => tokenCommand(args, {}, movableClock());

describe('npm run token', () => {
  it('prints a token for 15 minutes, or for the minutes given', () => {
    const { exitCode, output } = run('--user', userId, '--role', 'ADMIN');
    expect(exitCode).to.equal(0);
    const claims = jwt.verify(output, environment.jwtSecrets[0] ?? '', {
      algorithms: ['HS256'],
      clockTimestamp: noon / 1_000,
    });
    expect(claims).to.deep.include({ sub: userId, role: 'ADMIN', iat: noon / 1_000, exp: noon / 1_000 + 900 });
    expect(jwt.decode(run('--user', userId, '--role', 'USER', '--minutes', '60').output)).to.include({
      exp: noon / 1_000 + 3_600,
    });
  });

  const misuses = [
    [],
    ['--user', userId],
    ['--role', 'ADMIN'],
    ['--user', 'bob', '--role', 'ADMIN'],
    ['--user', userId, '--role', 'ROOT'],
    ['--user', userId, '--role', 'ADMIN', '--minutes', '0'],
    ['--user', userId, '--role', 'ADMIN', '--minutes', '1441'],
    ['--user', userId, '--role', 'ADMIN', '--minutes', 'many'],
    ['--user', userId, '--role', 'ADMIN', '--forever'],
    ['--user', userId, '--role', 'ADMIN', 'more'],
  ];
  for (const args of misuses) {
    it(`prints its usage and exits with 2 on: ${args.join(' ') || 'nothing'}`, () => {
      const { exitCode, output } = run(...args);
      expect(exitCode).to.equal(2);
      expect(output).to.match(/^Usage: npm run token -- --user ID/);
    });
  }

  it('reports an unusable environment', () => {
    const { exitCode, output } = tokenCommand(['--user', userId, '--role', 'ADMIN'], { JWT_SECRET: 'short' });
    expect(exitCode).to.equal(2);
    expect(output).to.contain('JWT_SECRET must have at least 32 characters');
  });
});
