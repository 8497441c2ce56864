import { expect } from 'chai';
import { startLoop } from '../../src/adapters/job-loop.js';
import { createManualTime } from '../../testing/manual-time.js';

describe("The loop of a job queue's worker", () => {
  it('tells that its store is in trouble once each time, however often it tries', async () => {
    const time = createManualTime();
    const answers = ['down', 'down', 'down', 'up', 'up', 'down', 'down'];
    const told: unknown[] = [];
    let asked = 0;
    const worker = startLoop<never>({
      async next() {
        const answer = answers[(asked += 1) - 1];
        if (answer === 'down') throw new Error(`down at look ${asked}`);
        return null;
      },
      run: async () => undefined,
      release: async () => undefined,
      clock: time,
      pollMs: 100,
      onError: (error) => void told.push(String(error)),
    });
    while (asked < answers.length) await time.advance(100);
    await worker.stop();
    expect(told).to.deep.equal(['Error: down at look 1', 'Error: down at look 6']);
  });
});
