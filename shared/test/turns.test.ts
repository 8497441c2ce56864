import { expect } from 'chai';
import { ownTurn } from '../src/turns.js';

describe('A turn of the event loop', () => {
  it('is given to one of all that wait for one, so that a request never waits for more than one of them', async () => {
    const done: string[] = [];
    /** How much had been done at each turn of somebody else, a request for example. */
    const seen: number[] = [];
    let over = false;
    const look = () => {
      seen.push(done.length);
      if (!over) setImmediate(look);
    };
    setImmediate(look);
    const work = async (name: string) => {
      for (let part = 1; part <= 3; part += 1) {
        await ownTurn();
        done.push(`${name}${part}`);
      }
    };
    await Promise.all([work('a'), work('b'), work('c')]);
    over = true;
    expect(done).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
    const steps = seen.map((count, turn) => count - (seen[turn - 1] ?? 0));
    expect(Math.max(...steps), `parts done between two turns: ${steps.join()}`).to.equal(1);
  });
});
