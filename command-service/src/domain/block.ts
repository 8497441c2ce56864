import { refuse } from '@creator-dashboards/shared/errors';
import type { BlockEvent } from '@creator-dashboards/shared/events/user';
import type { Decider } from './decider.js';

/** Who of two people blocks the other. One stream for both directions: a send reads just one, and no list grows (G44b). */
export function blockStream(one: string, other: string): string {
  const [lower, higher] = one < other ? [one, other] : [other, one];
  return `block-${lower}_${higher}`;
}

export interface BlockCommand {
  readonly type: 'Block' | 'Unblock';
  readonly userId: string;
  readonly otherId: string;
}

/** Which of the two block the other. */
export interface BlockState {
  readonly by: readonly string[];
}

export const block: Decider<BlockState, BlockCommand, BlockEvent> = {
  category: 'block',
  snapshotVersion: 1,
  streamOf: ({ userId, otherId }) => blockStream(userId, otherId),
  initial: { by: [] },
  evolve({ by }, { type, data: { ownerId } }) {
    const others = by.filter((each) => each !== ownerId);
    return { by: type === 'UserBlocked' ? [...others, ownerId] : others };
  },
  decide({ type, userId, otherId }, { by }) {
    if (userId === otherId) return refuse('user.block.self');
    const isBlocked = by.includes(userId);
    if (type === 'Block' && isBlocked) return refuse('user.block.already_blocked');
    if (type === 'Unblock' && !isBlocked) return refuse('user.block.not_blocked');
    const data = { ownerId: userId, blockedId: otherId };
    return [{ type: type === 'Block' ? 'UserBlocked' : 'UserUnblocked', data }];
  },
  keysOf: (_, { userId }) => ({ userId, ownerId: userId }),
};
