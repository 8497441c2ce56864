/** Whom somebody has blocked. What a block forbids is decided by the block's own stream. */
import { placeIn } from '../list.js';
import type { BlockDocument } from './document.js';
import type { View } from '../view.js';

export const block: View<BlockDocument> = {
  name: 'block',
  version: 1,
  partition: 'key', // a stream of two people ends in the digits of one of them
  categories: ['block'],
  /** Either of the two may block the other, so a stream has a document for each. */
  keyOf: ({ stream, metadata: { keys } }) =>
    keys.ownerId ? `${keys.ownerId}_${otherOf(stream, keys.ownerId)}` : undefined,
  indexes: ['blocked'],
  initial: { blockedId: '', blocked: null },
  handlers: {
    UserBlocked: (_block, { data, metadata }) => ({
      blockedId: data.blockedId,
      blocked: placeIn(data.ownerId, metadata.occurredAt),
    }),
    UserUnblocked: (block) => ({ ...block, blocked: null }),
  },
};

function otherOf(stream: string, userId: string): string | undefined {
  return stream
    .slice('block-'.length)
    .split('_')
    .find((id) => id !== userId);
}
