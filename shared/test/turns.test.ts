import { expect } from 'chai';
import { createTurns, TURN_MS } from '../src/turns.js';

describe('A later turn of the event loop', () => {
  it('is shared by all that wait for one, in order, while each of them has little to do', async () => {
    const { done, each } = await workOfThree(TURN_MS / 3);
    expect(done).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
    expect(each).to.deep.equal([3, 3, 3]);
  });

  it('is given to one of them where each has much to do, so that a request waits for no more than one', async () => {
    const { done, each } = await workOfThree(TURN_MS);
    expect(done).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
    expect(each).to.deep.equal([1, 1, 1, 1, 1, 1, 1, 1, 1]);
  });
});

/** Three workers do three parts each, which take `ms`. `each`: how many parts were done between two turns of somebody else, where any were. */
async function workOfThree(ms: number) {
  let now = 0;
  const laterTurn = createTurns({ monotonic: () => now });
  const done: string[] = [];
  /** How much had been done at each turn of somebody else, a request for example. */
  const seen = [0];
  let over = false;
  const look = () => {
    seen.push(done.length);
    if (!over) setImmediate(look);
  };
  setImmediate(look);
  const work = async (name: string) => {
    for (let part = 1; part <= 3; part += 1) {
      await laterTurn();
      await Promise.resolve(); // what it does goes over several promises
      now += ms;
      done.push(`${name}${part}`);
    }
  };
  await Promise.all([work('a'), work('b'), work('c')]);
  over = true;
  seen.push(done.length);
  const each = seen.map((count, turn) => count - (seen[turn - 1] ?? 0)).filter((count) => count > 0);
  return { done, each };
}
