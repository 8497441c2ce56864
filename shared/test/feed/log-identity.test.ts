import { expect } from 'chai';
import { foreignOnce } from '../../src/feed/log-identity.js';

describe('What is wrong with documents of another log', () => {
  it('is said once for all that stand at the same place, and by the name of each', () => {
    const [gone, other] = ['the log has no event at position 9', 'the log has another event at position 7'];
    expect(
      foreignOnce([
        ['message', gone],
        ['config', null],
        ['policy.funds', gone],
        ['lookup.config.v1', other],
      ]),
    ).to.deep.equal([`message, policy.funds: ${gone}`, `lookup.config.v1: ${other}`]);
  });

  it('is nothing where all belong to the log', () => {
    expect(foreignOnce([['message', null]])).to.deep.equal([]);
  });
});
