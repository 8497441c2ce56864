/** `npm run staff`, beside a running system. */
import { staffCommand } from '@creator-dashboards/command-service/staff-cli';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { expect } from 'chai';
import { PASSWORD, register, type Person } from './support/people.js';
import { openSystem, type TestSystem } from './support/system.js';

describe('npm run staff', () => {
  let system: TestSystem;
  let ada: Person;
  before(async () => {
    system = await openSystem();
    ada = await register(system, 'ada');
  });
  after(() => system.close());

  async function staff(...args: readonly string[]) {
    let [out, err] = ['', ''];
    const code = await staffCommand(args, {
      env: { DATA_DIR: system.environment.dataDir },
      out: { write: (text) => (out += text) },
      err: { write: (text) => (err += text) },
    });
    return { code, out, err };
  }
  const said = ['--by', 'Olga', '--reason', 'runs the place'];
  const asAdmin = () => system.anybody.post('/auth/login', { email: ada.email, password: PASSWORD, as: 'ADMIN' });

  it('lets the first administrator log in, and ends that', async () => {
    await system.refused(asAdmin(), 403, 'auth.login.role_not_granted');
    const granted = await staff('grant', '--email', 'ADA@example.org', '--role', 'ADMIN', ...said);
    expect(granted).to.deep.equal({ code: 0, out: `granted: ADMIN of ${ada.userId}\n`, err: '' });
    expect((await asAdmin()).status).to.equal(200);
    expect((await staff('revoke', '--user', ada.userId, '--role', 'ADMIN', ...said)).code).to.equal(0);
    await system.refused(asAdmin(), 403, 'auth.login.role_not_granted');
  });

  it('leaves in the log who decided it, and why, sealed', async () => {
    const { sealer } = system.commands.service;
    await system.newEvents();
    await staff('grant', '--user', ada.userId.toUpperCase(), '--role', 'AUDITOR', ...said);
    const [event, ...others] = await system.newEvents();
    expect(others).to.deep.equal([]);
    if (event?.type !== 'StaffRoleGranted') return expect.fail(event?.type);
    expect(event.metadata.actor).to.deep.equal({ userId: 'cli', role: 'SYSTEM' });
    expect(await sealer.open(kinds.reason, event.metadata.reason)).to.equal('runs the place');
    expect(await sealer.open(kinds.operator, event.data.by)).to.equal('Olga');
  });

  it('changes nothing where the role is granted already, or there is no such account', async () => {
    const head = await system.head();
    const again = await staff('grant', '--user', ada.userId, '--role', 'AUDITOR', ...said);
    expect([again.code, again.err]).to.deep.equal([1, 'staff: This account has this role.\n']);
    const nobody = ['0f8fad5b-d9cb-469f-a165-70867728950e', 'nobody@example.org'] as const;
    for (const who of [
      ['--user', nobody[0]],
      ['--email', nobody[1]],
    ])
      expect((await staff('grant', ...who, '--role', 'ADMIN', ...said)).code).to.equal(2);
    expect(await system.head()).to.equal(head);
  });

  it('demands whom, what, who says so and why', async () => {
    const whole = ['--user', ada.userId, '--role', 'ADMIN', ...said];
    for (const at of [0, 2, 4, 6]) {
      const { code } = await staff('grant', ...whole.toSpliced(at, 2));
      expect(code, whole[at]).to.equal(2);
    }
    for (const args of [
      ['--user', 'ada'],
      ['--email', ada.email, '--user', ada.userId],
    ])
      expect((await staff('grant', ...args, '--role', 'ADMIN', ...said)).code).to.equal(2);
    expect((await staff('grant', '--user', ada.userId, '--role', 'USER', ...said)).code).to.equal(2);
  });
});
