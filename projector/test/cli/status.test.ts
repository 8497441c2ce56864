import { expect } from 'chai';
import { foreignText } from '../../src/cli/status.js';

describe('The status of documents from another log', () => {
  it('is said once for all that stand at the same place, and by the name of each', () => {
    const [gone, other] = ['the log has no event at position 9', 'the log has another event at position 7'];
    expect(
      foreignText([
        { view: 'message', foreign: gone },
        { view: 'config', foreign: null },
        { name: 'policy.funds', foreign: gone },
        { name: 'lookup.config.v1', foreign: other },
      ]),
    ).to.deep.equal(['', `message, policy.funds: ${gone}`, '', `lookup.config.v1: ${other}`]);
  });

  it('is nothing where all belong to the log', () => {
    expect(foreignText([{ view: 'message', foreign: null }])).to.deep.equal([]);
  });
});
