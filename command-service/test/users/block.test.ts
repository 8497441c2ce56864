/** Blocking somebody, as its decider sees it: one stream for both directions (G44b). */
import type { BlockEvent } from '@creator-dashboards/shared/events/user';
import { expect } from 'chai';
import { block, blockStream, type BlockCommand } from '../../src/domain/block.js';
import { given } from '../support/decider.js';
import { eachEventChangesOnly } from '../support/evolving.js';

const [ada, bob] = ['user-a', 'user-b'];
const blockEvent = (type: BlockEvent['type'], ownerId: string): BlockEvent => ({
  type,
  data: { ownerId, blockedId: ownerId === ada ? bob : ada },
});
const wants = (type: BlockCommand['type'], userId: string): BlockCommand => ({
  type,
  userId,
  otherId: userId === ada ? bob : ada,
});
const blocks = (who: string) => blockEvent('UserBlocked', who);
const unblocks = (who: string) => blockEvent('UserUnblocked', who);

describe('Blocking somebody', () => {
  it('has one stream for two people, whoever asks', () => {
    expect(blockStream(bob, ada)).to.equal('block-user-a_user-b');
    expect(blockStream(ada, bob)).to.equal('block-user-a_user-b');
  });
  it('is recorded once for each direction', () => {
    given(block).when(wants('Block', ada)).then(blocks(ada));
    given(block, blocks(ada)).when(wants('Block', ada)).refused('user.block.already_blocked');
    given(block, blocks(ada)).when(wants('Block', bob)).then(blocks(bob));
  });
  it('is undone by whoever did it only', () => {
    given(block, blocks(ada)).when(wants('Unblock', ada)).then(unblocks(ada));
    given(block, blocks(ada)).when(wants('Unblock', bob)).refused('user.block.not_blocked');
    given(block, blocks(ada), unblocks(ada)).when(wants('Unblock', ada)).refused('user.block.not_blocked');
  });
  it('is possible again after it was undone', () =>
    given(block, blocks(ada), unblocks(ada)).when(wants('Block', ada)).then(blocks(ada)));
  it('is refused for oneself', () =>
    given(block).when({ type: 'Block', userId: ada, otherId: ada }).refused('user.block.self'));
});

describe('The state of a block', () => {
  eachEventChangesOnly<typeof block.initial, BlockEvent>(
    block,
    { by: [ada, bob] },
    {
      UserBlocked: [{ ownerId: ada, blockedId: bob }, { by: [bob, ada] }],
      UserUnblocked: [{ ownerId: ada, blockedId: bob }, { by: [bob] }],
    },
  );
});
