import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';

/** Accounts that are to be erased, when their grace period is over or at once; key: userId. */
export interface DueErasure extends FoldedDocument {
  readonly waiting: boolean;
  readonly purgeAt: Instant;
  /** Erasure was requested, and is not done yet. */
  readonly erasing: boolean;
  readonly requestedAt: Instant;
}

export const dueErasures: Fold<DueErasure> = {
  name: 'dueErasures',
  version: 2,
  categories: ['user'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  initial: { waiting: false, purgeAt: '', erasing: false, requestedAt: '' },
  handlers: {
    UserDeactivated: (purge, { data }) => ({ ...purge, waiting: true, purgeAt: data.purgeAt }),
    UserReactivated: (purge, { data }) => ({ ...purge, waiting: data.statusAfter === 'DEACTIVATED' && purge.waiting }),
    UserErasureRequested: (purge, { metadata }) => ({
      ...purge,
      ...{ waiting: false, erasing: true, requestedAt: metadata.occurredAt },
    }),
    UserErased: (purge) => ({ ...purge, erasing: false }),
  },
  indexes: ['waiting', 'purgeAt', 'erasing', 'requestedAt'],
};
