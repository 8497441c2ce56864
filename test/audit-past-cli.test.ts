/** The auditor's commands about the past, on an installation that runs and on one that was stopped. */
import { expect } from 'chai';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditOn } from './support/audit-cli.js';
import { creatorWithDms, fanWith, register, reply, send, setDms, type Creator, type Person } from './support/people.js';
import { openSystem, type Answer, type TestSystem } from './support/system.js';

const SINGLE_PAY = 'SINGLE_PAY';

describe('The commands of an auditor about the past', () => {
  let system: TestSystem;
  let creator: Creator;
  let fan: Person;

  before(async () => {
    system = await openSystem();
    const paula = await register(system, 'paula');
    const { body } = await paula.post('/creators/upgrade', { displayName: 'Paula', bio: 'I run.' });
    creator = { ...paula, creatorId: (body.data as Answer).creatorId };
    await setDms(creator, { dmType: SINGLE_PAY, dmPrice: 10, dmActive: true });
    fan = await fanWith(system, 'finn', '50.00');
    await reply(creator, await send(fan, creator, SINGLE_PAY, 'Which shoes?'));
    await setDms(creator, { dmType: SINGLE_PAY, dmPrice: 20, dmActive: true });
    await system.catchUp();
  });
  after(() => system.close());

  const run = (...args: string[]) => auditOn(system.environment.dataDir, ...args);
  async function asked<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    const { code, out, err } = await run(...args, '--json');
    expect(code, err).to.equal(0);
    return JSON.parse(out) as T;
  }
  /** What the same question is answered over HTTP. */
  const overHttp = async (path: string) => (await system.auditor.get(`/admin/${path}`)).body.data as object;
  /** Events of this type in the access log of the host. */
  const recorded = async (type: string) => {
    const { items } = await asked<{ items: { type: string; data: Record<string, unknown> }[] }>(
      ...['search', '--category', 'access', '--type', type],
    );
    return items.map(({ data }) => data);
  };

  it('answer the same as the routes', async () => {
    const { userId, creatorId } = creator;
    const ofNow = await asked<{ position: string }>('as-of', 'creatorDashboard', userId);
    const { position } = ofNow;
    expect(ofNow).to.deep.equal(await overHttp(`as-of/creatorDashboard/${userId}?position=${position}`));
    const range = ['--from', '1', '--to', position];
    expect(await asked('diff', 'dmConfig', creatorId, ...range)).to.deep.equal(
      await overHttp(`diff/dmConfig/${creatorId}?from=1&to=${position}`),
    );
    expect(
      await asked('explain', 'creatorDashboard', userId, '--field', 'responseRate', '--position', position),
    ).to.deep.equal(await overHttp(`explain/creatorDashboard/${userId}?field=responseRate&position=${position}`));
    expect(await asked('money', creatorId)).to.deep.equal(await overHttp(`money/creators/${creatorId}`));
    expect(await asked('money', fan.userId, '--order', 'oldest')).to.deep.equal(
      await overHttp(`money/fans/${fan.userId}?order=oldest`),
    );
  });

  it('tell people why a number is what it is: formula, inputs, and a table of what moved it', async () => {
    const { out } = await run('explain', 'creatorDashboard', creator.userId, '--field', 'dmPrice');
    expect(out).to.match(/^dmPrice of creatorDashboard \S+ is 20\.00 at position \d+\n/);
    expect(out).to.contain(
      '\nformula: as the last event that sets it says\ninputs (amounts of the document are cents): dmPrice = 2000\n',
    );
    expect(out).to.match(/\nPOSITION +TIME +EVENT +BEFORE +AFTER +REQUEST\n/);
    expect(
      out.match(/DmConfigUpdated +(- +10|10\.00 +20)\.00 /g)?.map((row) => row.split(/ +/).slice(1, 3)),
    ).to.deep.equal([
      ['-', '10.00'],
      ['10.00', '20.00'],
    ]);
    const { out: bio } = await run('explain', 'creatorProfile', creator.userId, '--field', 'bioPage.bio');
    expect(bio, 'masked is not empty').to.match(/CreatorUpgraded +- +\(masked\) /);
    const { out: whole } = await run('explain', 'creatorDashboard', creator.userId, '--field', 'nextLevelRequirements');
    expect(whole).to.match(/ \{"messages":\{"current":0,[^ ]*… /);
    const never = await run('explain', 'creatorDashboard', creator.userId, '--field', 'avatarUrl');
    expect(never.out).to.contain('No event has moved it.');
  });

  it('tell people where money went, with the balance after each movement', async () => {
    const { out } = await run('money', fan.userId, '--order', 'oldest');
    const rows = [...out.matchAll(/ (\w+) +(-?\d+\.\d\d) +(\d+\.\d\d) /g)].map((row) => row.slice(1).join(' '));
    expect(rows).to.deep.equal(['FundsLoaded 50.00 50.00', 'EscrowHeld -10.00 40.00', 'EscrowReleased 0.00 40.00']);
    expect((await run('money', fan.userId, '--limit', '1')).out).to.contain('more: --cursor ');
    const { out: asFan } = await run('money', creator.userId);
    expect(asFan).to.contain('No money has moved.').and.to.contain(`audit money ${creator.creatorId}`);
  });

  it('tell people what was shown, and in which fields that differs', async () => {
    const { out } = await run('as-of', 'creatorDashboard', creator.userId);
    expect(out)
      .to.match(/\nwalletBalance +8\.00\n/)
      .and.to.match(/\navatarUrl +-\n/);
    const { out: before } = await run('as-of', 'creatorDashboard', creator.userId, '--position', '0');
    expect(before).to.contain('A reader is answered no dashboard: ');
    const { out: byOther } = await run('as-of', 'creatorDashboard', creator.creatorId);
    expect(byOther).to.contain(`creatorDashboard is kept by another id of this person: ${creator.userId}`);
    const { out: dmByOther } = await run('as-of', 'dmConfig', creator.userId);
    expect(dmByOther).to.contain(`dmConfig is kept by another id of this person: ${creator.creatorId}`);
    const { out: differing } = await run('diff', 'dmConfig', creator.creatorId, '--from', '0');
    expect(differing).to.match(/\ndmPrice +- +20\.00\n/);
    const { out: same } = await run('diff', 'dmConfig', creator.creatorId, '--from', '0', '--to', '0');
    expect(same).to.contain('Nothing that is shown differs.');
  });

  it('mask personal data, unless it is said who reveals it and why, which the log has first', async () => {
    const asOf = ['as-of', 'creatorProfile', creator.userId];
    expect((await run(...asOf)).out)
      .to.match(/\nbioPage\.bio +\(masked\)\n/)
      .and.not.to.contain('I run');
    for (const missing of [['--reveal'], ['--reveal', '--by', 'Ada'], ['--reveal', '--reason', 'she asked']]) {
      const { code, out, err } = await run(...asOf, ...missing);
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.match(/^audit: --(reason|by): must say wh(y|o), when personal data is revealed\n$/);
    }
    expect(await recorded('PersonalDataRevealed')).to.deep.equal([]);
    const { out } = await run(...asOf, '--reveal', '--reason', 'she asked', '--by', 'Ada');
    expect(out).to.match(/\nbioPage\.bio +I run\.\n/);
    const [revealed, ...others] = await recorded('PersonalDataRevealed');
    expect(others).to.deep.equal([]);
    expect(revealed).to.include({ means: 'audit as-of', person: creator.userId });
    expect(revealed?.by, 'the name is personal itself').to.have.property('sealed', true);
  });

  it('show one event with what is sealed in it, by the same rule', async () => {
    const { items } = await asked<{ items: { id: string }[] }>('search', '--type', 'CreatorUpgraded');
    const show = ['show', items[0]?.id ?? ''];
    expect((await run(...show)).out)
      .to.contain('"sealed": true')
      .and.not.to.contain('I run.');
    expect((await run(...show, '--reveal', '--reason', 'she asked')).code, 'nobody says who').to.equal(2);
    const { out } = await run(...show, '--reveal', '--reason', 'she asked', '--by', 'Ada');
    expect(out).to.contain('"bio": "I run."');
    const revealed = await recorded('PersonalDataRevealed');
    expect(revealed.at(-1)).to.include({ means: 'audit show', person: creator.userId });
  });

  it('are counted in the log by whose past was read', async () => {
    const counted = await recorded('PersonHistoryRead');
    const of = (person: string) => counted.filter((one) => one.person === person).map(({ counts }) => counts);
    await run('explain', 'dmConfig', creator.creatorId, '--field', 'dmPrice');
    const since = (await recorded('PersonHistoryRead')).filter(({ person }) => person === creator.userId);
    expect(since).to.have.length(of(creator.userId).length + 1);
    expect(since.at(-1)?.counts).to.deep.equal({ 'audit explain': 1 });
    expect(of(fan.userId)).to.deep.include({ 'audit money': 1 });
  });

  it('say what was wrong, with exit code 2', async () => {
    const { userId } = creator;
    for (const [args, said] of [
      [['as-of', 'nothing', userId], /There is no such view[^]* {2}view: must be one of creatorDashboard, /],
      [['explain', 'account', userId, '--field', 'status'], / {2}view: must be one of creatorDashboard, /],
      [['explain', 'creatorDashboard', userId, '--field', 'wealth'], / {2}field: must be one of .*walletBalance/],
      [['as-of', 'creatorDashboard', userId, '--position', '99999999'], /has not reached this position/],
      [['as-of', 'creatorDashboard', userId, '--at', 'last Tuesday'], /^audit: --at: /],
      [['as-of', 'creatorDashboard', userId, '--etag', 'x'], / {2}etag: must be an ETag/],
      [['as-of', 'creatorDashboard', userId, '--at', '2026-05-01T00:00:00Z', '--position', '1'], /only one of/],
      [['as-of', 'creatorDashboard', 'a b'], /^audit: <key>: /],
      [['money', 'x'], /^audit: <creatorId\|userId>: /],
      [['money', '0f8fad5b-d9cb-469f-a165-70867728950e'], /There is no such user/],
      [['money', userId, '--order', 'size'], /^audit: --order: /],
      [['explain', 'creatorDashboard', userId], /required option '--field/],
    ] as const) {
      const { code, out, err } = await run(...args);
      expect([code, out], args.join(' ')).to.deep.equal([2, '']);
      expect(err, args.join(' ')).to.match(said);
    }
    for (const command of ['as-of', 'diff', 'explain', 'money'])
      expect((await run(command, '--help')).out).to.match(/\nExample: audit /);
  });
});

describe('The commands of an auditor about the past, when nothing runs', () => {
  it('answer all the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'audit-past-cli-'));
    const system = await openSystem();
    const { creatorId } = await creatorWithDms(system, 'paula', SINGLE_PAY, 10);
    cpSync(system.environment.dataDir, folder, { recursive: true });
    await system.close();
    const { code, out } = await auditOn(folder, 'as-of', 'dmConfig', creatorId);
    expect(code).to.equal(0);
    expect(out).to.match(/\ndmPrice +10\.00\n/);
    rmSync(folder, { recursive: true });
  });
});
