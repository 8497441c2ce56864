import { createLauncher, type Launcher } from '../../../test/support/child.js';
import { openDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { creatorUserId, delivered, replied, sent, upgraded } from '@creator-dashboards/shared/testing/fixtures/people';
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { history } from '@creator-dashboards/shared/testing/given';
import { systemClock } from '@creator-dashboards/shared/time';
import { ALIASES, collectionOf } from '@creator-dashboards/shared/views/alias';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { verifyView } from '../../src/compare/verify.js';
import { aliasOf, generationOf } from '../../src/generations.js';
import { createProjector } from '../../src/projector.js';
import { REBUILDS, type Rebuild } from '../../src/rebuild/plan.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { SHARES } from '../../src/rebuild/share.js';
import { allIn, completeStores, openStores, planned, type TestStores } from '../stores.js';
import type { DiesAt } from './dying-stores.js';

const views = withFingerprints(registry);
const view = views.creatorDashboard;
const SERVED = generationOf(view.version);
const CANDIDATE = generationOf(view.version, 2);
const candidate = collectionOf(view.name, CANDIDATE);
const PRELOAD = new URL('dies-at.mjs', import.meta.url).href;

const at = (side: DiesAt['side'], collection: string, text = ''): DiesAt => ({ side, collection, text });
/** In the order of a rebuild. Each projector goes on from what the one before had done, and dies a step further on. */
const deaths: readonly (readonly [step: string, DiesAt])[] = [
  ['before the plan is claimed', at('before', REBUILDS)],
  ['after the plan is claimed', at('after', REBUILDS)],
  ['after the lease is taken', at('after', CHECKPOINTS)],
  ['before the documents are stored', at('before', candidate)],
  ['after the documents are stored, and nothing says so', at('after', candidate)],
  ['after the window is noted as done', at('after', SHARES, '"slices":[]')],
  ['after the feed has begun', at('after', CHECKPOINTS, '"eventId":"')],
  ['after it has caught up', at('after', REBUILDS, '"state":"CAUGHT_UP"')],
  ['after the comparison', at('after', `reports.${view.name}`)],
  ['before the switch', at('before', ALIASES, `"generation":"${CANDIDATE}"`)],
  ['after the switch, and the plan does not say so', at('after', ALIASES, `"generation":"${CANDIDATE}"`)],
];
const SWITCHED = deaths.length - 1;

describe('A rebuild whose processes are killed with SIGKILL at every step', () => {
  let stores: TestStores;
  let events: EventStore;
  let launcher: Launcher;
  before(async () => {
    launcher = await createLauncher({ entry: 'projector/src/main.ts', readyWords: '"ready"' });
    stores = openStores();
    await completeStores(stores.folder);
    events = openEventStore(join(stores.folder, 'events.db'));
    for (const { stream, id, type, data, metadata, revision } of history([upgraded, sent(), delivered(), replied()]))
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    const projector = createProjector({ ...stores, events, clock: systemClock, views, owner: 'here' });
    await projector.catchUp();
    await projector.stop();
  });
  after(async () => {
    await launcher.close();
    await events.close();
    await stores.close();
  });

  async function launch(diesAt?: DiesAt) {
    const env = { DATA_DIR: stores.folder, PORT: String(await freePort()), NODE_ENV: 'test', LOG_LEVEL: 'info' };
    return launcher.launch(
      diesAt ? { ...env, NODE_OPTIONS: `--import=${PRELOAD}`, DIES_AT: JSON.stringify(diesAt) } : env,
    );
  }

  it('is finished by the next ones, and what is served stays until the switch', async function () {
    this.timeout(600_000);
    const served = await allIn(stores.reads, collectionOf(view.name, SERVED));
    expect(served).to.have.length(1);
    const { _id } = planned(await planRebuild({ ...stores, events, clock: systemClock }, view));
    const database = openDatabase(join(stores.folder, 'views.db'), { synchronous: 'NORMAL' });
    for (const [n, [step, death]] of deaths.entries()) {
      database.exec('DELETE FROM jobs'); // else the next one would wait for the silence of the dead worker's job
      const child = await launch(death);
      expect(await child.ended, `${step}: ${child.said()}`).to.include({ signal: 'SIGKILL' });
      const generation = n === SWITCHED ? CANDIDATE : SERVED;
      expect(await aliasOf(stores.reads, view.name), step).to.include({ generation });
      expect(await allIn(stores.reads, collectionOf(view.name, SERVED)), step).to.deep.equal(served);
      expect(await stores.reads.get<Rebuild>(REBUILDS, _id), step).to.not.include({ state: 'DONE' });
    }
    database.exec('DELETE FROM jobs');
    database.close();
    const last = await launch();
    while ((await stores.reads.get<Rebuild>(REBUILDS, _id))?.state !== 'DONE') await setTimeout(20);
    last.kill('SIGTERM');
    expect(await last.ended, last.said()).to.deep.equal({ code: 0, signal: null });
    expect(await aliasOf(stores.reads, view.name)).to.include({ generation: CANDIDATE, previous: SERVED });
    expect(await verifyView({ events, reads: stores.reads }, view)).to.include({ differences: 0, documents: 1 });
    expect(await allIn(stores.reads, candidate)).to.deep.equal(served);
    expect(served[0]).to.include({ _id: creatorUserId, totalMessages: 1 });
  });
});
