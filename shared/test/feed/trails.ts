import type { Consumer } from '../../src/feed/consumer.js';
import type { FoldedDocument } from '../../src/fold.js';

export interface Trail extends FoldedDocument {
  /** Positions of what was applied. */
  readonly trail: string;
}

/** Takes the events of type `Noted` by userId, and cannot read one that is broken. */
export const trails: Consumer = {
  name: 'trails.v1',
  collection: 'trails',
  indexes: [],
  takes: ({ type }) => type === 'Noted',
  keyOf: ({ metadata: { keys } }) => keys.userId,
  apply(key, before, { position, data }) {
    if (data.broken === true) throw new Error('it is broken');
    return { _id: key, position, trail: `${(before as Trail | null)?.trail ?? ''} ${position}` } as Trail;
  },
};
