import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import { history } from '@creator-dashboards/shared/testing/given';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { fromInstant, SECOND, systemClock } from '@creator-dashboards/shared/time';
import { upgraded } from '@creator-dashboards/shared/testing/fixtures/people';
import { expect } from 'chai';
import { createLagHistory, type LagHistory } from '../src/lag-history.js';
import { createProjector } from '../src/projector.js';
import { openStores, type TestStores } from './stores.js';
import { toyViews } from './toy-views.js';

describe('The lag of the last 15 minutes', () => {
  let stores: TestStores;
  let lags: Pick<LagHistory, 'feeds' | 'look'>;
  let now: number;
  const [event] = history([upgraded]) as [RecordedEvent];
  beforeEach(() => {
    stores = openStores();
    stores.events.add([event]);
    now = fromInstant(event.metadata.occurredAt) + 4 * SECOND;
    lags = createLagHistory({ ...stores, clock: { now: () => now } });
  });
  afterEach(() => stores.close());

  const checkpoint = (name: string, position: bigint, owner = 'one') =>
    stores.reads.write(CHECKPOINTS, [{ document: { _id: name, position, owner }, expected: null }]);
  const seen = () => lags.feeds().map(({ name, lagSeconds }) => [name, lagSeconds.filter((lag) => lag !== null)]);

  it('is that of each look, of what somebody runs', async () => {
    await checkpoint('letter.v1', event.position);
    await checkpoint('late.v1', 0n);
    await checkpoint('dropped.v1', 0n, '');
    await lags.look();
    now += 10 * SECOND;
    await lags.look();
    expect(seen()).to.deep.equal([
      ['late.v1', [4, 14]],
      ['letter.v1', [0, 0]],
    ]);
  });

  it('is the most since the look before, of what this process feeds', async () => {
    const clock = { ...systemClock, now: () => now };
    const projector = createProjector({ ...stores, clock, views: toyViews, owner: 'one' });
    ({ lags } = projector);
    await projector.catchUp(); // 4 s after the event, and then there is nothing to wait for
    for (let look = 0; look < 2; look += 1) await lags.look();
    await projector.stop();
    expect(seen()).to.deep.equal([
      ['letter.v1', [4, 0]],
      ['mailbox.v1', [4, 0]],
    ]);
  });

  it('has 90 places for each, of which the newest is the last', async () => {
    for (let look = 0; look < 89; look += 1) await lags.look();
    await checkpoint('late.v1', 0n);
    await lags.look();
    await lags.look();
    const [late] = lags.feeds();
    expect([late?.lagSeconds.length, late?.lagSeconds.slice(-3)]).to.deep.equal([90, [null, 4, 4]]);
  });
});
