import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { afterMoves } from '../src/moves.js';

describe('What is fed', () => {
  const time = createManualTime();
  let generation: string;
  let decided: number;
  let fault: Error | null;
  beforeEach(() => {
    [generation, decided, fault] = ['v1', 0, null];
  });

  const work = async () => {
    decided += 1;
    if (fault) throw fault;
  };
  const start = () => {
    const getMany = async () => new Map([['trails', { _id: 'trails', position: 0n, generation }]]);
    return afterMoves({ reads: { getMany } as unknown as ReadStore, clock: time, views: {} });
  };

  it('is decided anew where an alias has moved, and otherwise every ten seconds', async () => {
    const whereMoved = start();
    for (let second = 0; second < 25; second += 1) {
      if (second === 15) generation = 'v2';
      await whereMoved(work);
      await time.advance(SECOND);
    }
    expect(decided, 'at 0, 10 and 15 s').to.equal(3);
  });

  it('is decided again at the next look where that failed', async () => {
    const whereMoved = start();
    fault = new Error('the store is away');
    expect(await whereMoved(work).catch((error: unknown) => error)).to.equal(fault);
    fault = null;
    await whereMoved(work);
    await whereMoved(work);
    expect(decided).to.equal(2);
  });
});
