import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openKeyStore } from '@creator-dashboards/shared/adapters/sqlite/key-store';
import { devSecrets } from '@creator-dashboards/shared/process/secrets';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { delivered, sent, upgraded } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { systemClock } from '@creator-dashboards/shared/time';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { generationOf } from '../../src/generations.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { runOn } from '../command-line.js';
import { completeStores } from '../stores.js';

const views = withFingerprints(registry);

const FIRST = generationOf(views.message.version);

describe('A rebuild that an operator pauses or cancels, on the command line', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'projector-pause-'));
    const events = openEventStore(join(folder, 'events.db'));
    for (const { stream, id, type, data, metadata, revision } of history([upgraded, sent(), delivered()]))
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    await completeStores(folder);
    const reads = openReadStore(join(folder, 'views.db'));
    await planRebuild({ reads, events, clock: systemClock }, views.message);
    await reads.close();
    await events.close();
    await openKeyStore(join(folder, 'keys.db'), [devSecrets.MASTER_KEY]).close();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]) => runOn({ folder, views }, ...args);

  it('waits in "rebuild" and "status" with the reason, and is built after "resume"', async () => {
    expect(await run('pause', 'message', '--by', 'anna', '--reason', 'a busy evening')).to.deep.include({
      code: 0,
      out: `message.${FIRST} is paused: let it go on with "projector resume message"\n`,
    });
    const met = await run('rebuild', 'message', '--wait', '0');
    expect(met).to.deep.include({
      code: 1,
      out: 'PAUSED: paused by anna: a busy evening\nLet it go on with "projector resume message".\n',
    });
    expect(await run('resume', 'message', '--wait', '0')).to.deep.include({
      code: 0,
      out: `message is served from ${FIRST} now\n`,
    });
  });

  it('stands in "history" once it has ended, with who wanted what', async () => {
    expect(await run('history', 'message')).to.deep.include({ code: 0, out: 'no rebuild has ended\n' });
    await run('pause', 'message');
    await run('cancel', 'message', '--by', 'anna', '--reason', 'a mistake');
    const [head, row] = (await run('history')).out.split('\n');
    expect(head?.split(/ +/).slice(6)).to.deep.equal([
      ...['SECONDS', 'FOLD', 'STORE', 'COMPARE', 'WORKERS', 'EVENTS', 'REPORT', 'WHY'],
    ]);
    expect(row).to.match(/ message +v\S+ +CANCELLED +projector +0 +0 +0 +0 +0 +0 +- +cancelled by anna: a mistake$/);
    const [past] = JSON.parse((await run('history', 'message', '--json')).out) as { acts: { by: string }[] }[];
    expect(past).to.include({ view: 'message', generation: FIRST, state: 'CANCELLED', seconds: 0, events: 0 });
    expect(past?.acts.map(({ by }) => by)).to.deep.equal([null, null, 'anna']);
    expect(await run('history', 'nothing')).to.include({ code: 2 });
  });

  it('keeps the rate that it was planned with until "resume" replaces it', async () => {
    const other = await run('rebuild', 'message', '--rate', '5000', '--wait', '0');
    expect(other).to.include({ code: 1 });
    expect(other.err).to.include(`The rebuild message.${FIRST} is planned with another rate: pause it, then resume it`);
    await run('pause', 'message');
    const done = await run('resume', 'message', '--rate', '5000', '--wait', '0', '--json');
    expect(done.code).to.equal(0);
    expect(JSON.parse(done.out)).to.include({ state: 'DONE', rate: 5_000 });
    const next = await run('rebuild', 'message', '--rate', '7000', '--wait', '0', '--json');
    expect(JSON.parse(next.out)).to.include({ state: 'DONE', rate: 7_000 });
    for (const command of ['rebuild', 'resume'])
      expect(await run(command, 'message', '--rate', 'fast')).to.include({ code: 2 });
  });

  it('is given as JSON', async () => {
    const paused = await run('pause', 'message', '--json');
    expect(JSON.parse(paused.out)).to.include({ _id: `message.${FIRST}`, state: 'PAUSED', error: 'paused by cli' });
  });

  it('is refused where nothing is being rebuilt or paused, and for a view that is not', async () => {
    expect(await run('pause', 'dmConfig')).to.deep.include({
      code: 1,
      err: 'projector: No rebuild of dmConfig is under way.\n',
    });
    expect(await run('resume', 'message')).to.deep.include({
      code: 1,
      err: 'projector: No rebuild of message is paused.\n',
    });
    for (const command of ['pause', 'resume']) expect(await run(command, 'nothing')).to.include({ code: 2 });
  });

  it('has an example in its help', async () => {
    for (const command of ['pause', 'resume']) {
      const { code, out } = await run(command, '--help');
      expect(code).to.equal(0);
      expect(out).to.include(`Example: projector ${command} message --by anna`);
    }
  });
});
