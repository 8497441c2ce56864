import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { delivered, sent, upgraded } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { BUILDS, idOf, type Build } from '../../src/builds.js';
import { generationOf } from '../../src/generations.js';
import { runOn } from '../command-line.js';
import { completeStores } from '../stores.js';

const views = withFingerprints(registry);
const [FIRST, SECOND] = [generationOf(views.message.version), generationOf(views.message.version, 2)];
const log = history([upgraded, sent(), delivered()]);

describe('A rollback to a generation that nobody can feed any more, on the command line', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'projector-frozen-'));
    await append(log);
    await completeStores(folder);
    await twiceBuilt('message');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function append(events: typeof log): Promise<void> {
    const store = openEventStore(join(folder, 'events.db'));
    for (const { stream, id, type, data, metadata, revision } of events)
      await store.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    await store.close();
  }
  const run = (...args: string[]) => runOn({ folder, views }, ...args);

  /** The first time by other code than this one, which this one does not keep. */
  async function twiceBuilt(view: 'message' | 'account'): Promise<void> {
    for (let times = 0; times < 2; times += 1)
      expect(await run('rebuild', view, '--wait', '0')).to.include({ code: 0 });
    const reads = openReadStore(join(folder, 'views.db'));
    const build = await reads.get<Build>(BUILDS, idOf(view, generationOf(views[view].version)));
    if (!build) throw new Error('not recorded');
    await reads.write(BUILDS, [{ document: { ...build, fold: 'other code' }, expected: { fold: build.fold } }]);
    await reads.close();
  }
  const generations = async () => (await run('generations', 'message')).out;

  it('is refused, with the flag that serves it all the same', async () => {
    expect(await run('rollback', 'message', '--wait', '0')).to.deep.include({
      code: 1,
      err:
        `projector: Nobody can feed ${FIRST} of message any more: this code neither built it nor keeps the code that did. ` +
        'Roll the code back first, or ask for it frozen (--frozen): reads then say X-Stale, and how old it is.\n',
    });
    expect(await generations()).to.match(new RegExp(`${SECOND} +served`));
  });

  it('serves it as it stands with --frozen, says since when, and is undone by another rollback', async () => {
    const done = await run('rollback', 'message', '--frozen', '--by', 'anna');
    expect(done.code, done.err).to.equal(0);
    expect(done.out).to.match(
      new RegExp(`^message is served from ${FIRST} now, as it was at 20.*Z: nobody feeds it\n$`),
    );
    expect(await generations()).to.match(new RegExp(`${FIRST} +served`));
    expect((await run('status')).out).to.include(`message: ${FIRST} is served as it was at `);
    const [past] = JSON.parse((await run('history', 'message', '--json')).out) as object[];
    expect(past).to.include({ generation: FIRST, rollback: true, state: 'DONE', by: 'anna' });

    expect(await run('rollback', 'message', '--wait', '0')).to.deep.include({
      code: 0,
      out: `message is served from ${SECOND} now\n`,
    });
    expect((await run('status')).out).not.to.include('nobody feeds it');
  });

  it('says that it lacks what happened since the first event that it has not seen: that the next rebuild was asked for', async () => {
    const store = openEventStore(join(folder, 'events.db'));
    const records = (await store.readAll({ after: 0n, limit: 99 })).filter(
      ({ type }) => type === 'ProjectionActionTaken',
    );
    await store.close();
    const time = records[1]?.metadata.occurredAt;
    expect((await run('rollback', 'message', '--frozen')).out).to.include(`as it was at ${time}: nobody`);
  });

  it('feeds it as ever where this code can', async () => {
    await run('rollback', 'message', '--frozen');
    expect(await run('rollback', 'message', '--frozen', '--wait', '0')).to.deep.include({
      code: 0,
      out: `message is served from ${SECOND} now\n`,
    });
  });

  it('is refused also with --frozen where it was dropped, or documents decide who may do what', async () => {
    await run('drop', 'message', FIRST);
    expect((await run('rollback', 'message', '--frozen')).err).to.match(/no earlier generation/i);
    await twiceBuilt('account');
    const refused = await run('rollback', 'account', '--frozen');
    expect(refused.code).to.equal(1);
    expect(refused.err).to.include('it is never served as it once was');
    expect((await run('rollback', 'account')).err).not.to.include('ask for it frozen');
  });
});
