/** What is asked in one turn of the event loop is one call, and everybody gets the answer to what he asked. */
import { expect } from 'chai';
import { together } from '../src/together.js';

describe('Calls of one turn', () => {
  let calls: string[];
  let fault: Error | null;
  let ask: ReturnType<typeof together<string, string>>;

  beforeEach(() => {
    [calls, fault] = [[], null];
    ask = together((collection, items) => {
      const call = `${collection}: ${items.join(', ')}`;
      calls.push(call);
      return fault ? Promise.reject(fault) : Promise.resolve(call);
    });
  });

  it('are one for each collection', async () => {
    const answers = await Promise.all([ask('feeds', 'a', '1'), ask('others', 'a', '2'), ask('feeds', 'b', '3')]);
    expect(answers).to.deep.equal(['feeds: 1, 3', 'others: 2', 'feeds: 1, 3']);
    expect(calls).to.deep.equal(['feeds: 1, 3', 'others: 2']);
  });

  it('ask once what is asked twice', async () => {
    await Promise.all([ask('feeds', 'a', '1'), ask('feeds', 'a', '1')]);
    expect(calls).to.deep.equal(['feeds: 1']);
  });

  it('are two where they say different things of one key, in the order of asking', async () => {
    const answers = await Promise.all([ask('feeds', 'a', '1'), ask('feeds', 'b', '2'), ask('feeds', 'a', '3')]);
    expect(answers).to.deep.equal(['feeds: 1, 2', 'feeds: 1, 2', 'feeds: 3']);
  });

  it('fail together, and the next turn tries anew', async () => {
    fault = new Error('away');
    const tried = await Promise.allSettled([ask('feeds', 'a', '1'), ask('feeds', 'b', '2')]);
    expect(tried.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    fault = null;
    expect(await ask('feeds', 'a', '1')).to.equal('feeds: 1');
  });

  it('go on with another thing of a key whose first call failed', async () => {
    fault = new Error('away');
    const first = ask('feeds', 'a', '1');
    const second = ask('feeds', 'a', '2');
    await first.catch(() => (fault = null));
    expect(await second).to.equal('feeds: 2');
  });
});
