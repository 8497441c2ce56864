import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { MINUTE, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { observeAdmissions } from '../../src/runtime/admission-metrics.js';
import { anotherProcess, openFixtures, perMessage, type Fixtures } from '../messages/fixtures.js';
import { crashingAt } from '../messages/interrupted-ports.js';

describe('The metric of old admissions', () => {
  let s: Fixtures;
  let isAway = false;
  const metrics = createMetrics({ processMetrics: false });
  before(async () => {
    s = await openFixtures();
    const { reads, clock } = s.service;
    const find: typeof reads.find = (...asked) =>
      isAway ? Promise.reject(new Error('the store is away')) : reads.find(...asked);
    observeAdmissions(metrics, { find }, clock);
  });
  after(() => s.close());
  const told = async () => /^admissions_open_old (\d+)$/m.exec(await metrics.registry.metrics())?.[1];

  it('counts sends that stopped half-way, from five minutes on, until they are undone', async () => {
    const creator = await s.creator(perMessage('4.00'));
    const fan = await s.fan('8.00');
    const { ports, crashed } = crashingAt(s.service, { call: 1, side: 'after' });
    await anotherProcess(s, ports)
      .send(fan, creator, { content: 'hello', key: 'one' })
      .catch(() => undefined);
    expect(crashed()).to.equal(true);
    await s.advance(5 * MINUTE - SECOND);
    expect(await told()).to.equal('0');
    await s.advance(SECOND);
    expect(await told()).to.equal('1');

    isAway = true;
    expect(await told(), 'what was known before').to.equal('1');
    isAway = false;

    await s.tick();
    await s.catchUp();
    expect(await told()).to.equal('0');
  });
});
