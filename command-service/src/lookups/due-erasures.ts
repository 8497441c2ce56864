import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';

/** Deactivated accounts and when the clock erases them; key: userId. */
export interface DueErasure extends FoldedDocument {
  readonly waiting: boolean;
  readonly purgeAt: Instant;
}

export const dueErasures: Fold<DueErasure> = {
  name: 'dueErasures',
  version: 1,
  categories: ['user'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  initial: { waiting: false, purgeAt: '' },
  handlers: {
    UserDeactivated: (_, { data }) => ({ waiting: true, purgeAt: data.purgeAt }),
    UserReactivated: (purge, { data }) => ({ ...purge, waiting: data.statusAfter === 'DEACTIVATED' && purge.waiting }),
    UserErasureRequested: (purge) => ({ ...purge, waiting: false }),
  },
  indexes: ['waiting', 'purgeAt'],
};
