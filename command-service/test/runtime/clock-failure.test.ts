import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { expect } from 'chai';
import { eachDue } from '../../src/runtime/clock-task.js';
import type { Feature } from '../../src/runtime/feature.js';
import { createHarness } from '../support/harness.js';

describe('The clock', () => {
  /** What the process hears of when a task meets this for one of the things that are due. */
  async function heardOf(fault: Error): Promise<unknown[]> {
    const run = () => eachDue(['well', 'badly'], async (how) => (how === 'badly' ? Promise.reject(fault) : undefined));
    const failing: Feature = { routes: () => [], policies: [], clockTasks: [{ name: 'failing', run }], lookups: [] };
    const h = await createHarness({ features: [failing] });
    const heard: unknown[] = [];
    h.start((error) => heard.push(error));
    await h.tick();
    await h.stop();
    await h.close();
    return heard;
  }

  it('ends the process on a store that failed, whatever else it met', async () => {
    const fault = new StoreFailed('the disk is full');
    expect(await heardOf(fault)).to.deep.equal([fault]);
  });

  it('goes on after any other fault', async () => {
    expect(await heardOf(new Error('a provider is away'))).to.deep.equal([]);
  });
});
