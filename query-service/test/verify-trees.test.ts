import { EMPTY_TREE, leafOf } from '@creator-dashboards/shared/merkle';
import { expect } from 'chai';
import type { Fault } from '../src/audit/verification.js';
import { createTrees, NAMED_MAX } from '../src/audit/verify-trees.js';

const fault = (ordinal: number): Fault => ({
  ...{ kind: 'changed', position: BigInt(ordinal), eventId: null, stream: null, message: `event ${ordinal}` },
});

describe('The tree over the log as it is, beside the one over the log as it was indexed', () => {
  it('names so many suspicions, and says of the others how many there are', () => {
    const trees = createTrees(EMPTY_TREE);
    for (let ordinal = 0; ordinal < NAMED_MAX + 3; ordinal += 1)
      trees.add(leafOf(`now ${ordinal}`), leafOf(`then ${ordinal}`), () => fault(ordinal));
    const given = trees.giveUp();
    expect(given).to.have.length(NAMED_MAX + 1);
    expect(given.at(-2)?.message).to.equal(`event ${NAMED_MAX - 1}`);
    expect(given.at(-1)?.message).to.equal('and 3 more after it');
    expect(trees.giveUp(), 'told once').to.deep.equal([]);
  });
});
